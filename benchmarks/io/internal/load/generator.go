//go:build linux

package load

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sys/unix"
)

// A generator sends requests and checks the replies.
type generator struct {
	epoll     int
	conns     []*conn
	size      int
	text      []byte // every request is a piece of it
	buf       []byte // for whatever is read
	events    []unix.EpollEvent
	origin    time.Time
	running   bool // a connection whose reply is there sends the next request
	open      int  // requests on their way
	latencies []time.Duration
}

// variety is how many different pieces of the text requests are.
const variety = 4096

// stuck is how long a turn goes on without replies.
const stuck = time.Minute

func newGenerator(size int) (*generator, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	g := &generator{
		epoll:     epoll,
		size:      size,
		text:      make([]byte, size+variety),
		buf:       make([]byte, size+64<<10),
		events:    make([]unix.EpollEvent, 1024),
		origin:    time.Now(),
		latencies: make([]time.Duration, 0, 1<<20),
	}
	random := rand.NewChaCha8([32]byte{})
	random.Read(g.text)
	return g, nil
}

// dial makes the connections.
func dial(o Options, config *tls.Config) (*generator, error) {
	g, err := newGenerator(o.Size)
	if err != nil {
		return nil, err
	}
	for i := range o.Conns {
		c, err := connect(o.Address, config)
		if err == nil {
			err = g.add(c)
		}
		if err != nil {
			g.close()
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
	}
	return g, nil
}

// add lets g wait for the replies of c.
func (g *generator) add(c *conn) error {
	c.index, c.at = len(g.conns), len(g.conns)*7%variety
	g.conns = append(g.conns, c)
	e := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLET, Fd: int32(c.index)} // what Fd says is ours to choose
	if err := unix.EpollCtl(g.epoll, unix.EPOLL_CTL_ADD, c.fd, &e); err != nil {
		return fmt.Errorf("epoll_ctl: %w", err)
	}
	return nil
}

// close closes the connections.
func (g *generator) close() {
	for _, c := range g.conns {
		unix.Close(c.fd)
	}
	unix.Close(g.epoll)
}

func (g *generator) now() time.Duration { return time.Since(g.origin) }

// run sends requests until a moment, then waits for the last replies.
func (g *generator) run(until time.Duration) error {
	g.running = true
	for _, c := range g.conns {
		if err := g.send(c, g.now()); err != nil {
			return err
		}
	}
	for g.open > 0 {
		if err := g.poll(); err != nil {
			return err
		}
		if now := g.now(); now > until {
			g.running = false
			if now > until+stuck {
				return fmt.Errorf("%d replies did not come", g.open)
			}
		}
	}
	return nil
}

// poll does what can be done now.
func (g *generator) poll() error {
	n, err := epollWait(g.epoll, g.events)
	if err != nil {
		return err
	}
	for i := range n {
		e := &g.events[i]
		c := g.conns[e.Fd]
		if len(c.out) > 0 {
			if err := c.flush(); err != nil {
				return err
			}
		}
		if e.Events&^unix.EPOLLOUT != 0 {
			if err := g.receive(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// send begins the next request of c.
func (g *generator) send(c *conn, now time.Duration) error {
	c.at = (c.at + 61) % variety
	c.got, c.began = 0, now
	g.open++
	if err := c.put(g.wanted(c)); err != nil {
		return err
	}
	return c.flush()
}

// wanted returns the request of c, and so its reply.
func (g *generator) wanted(c *conn) []byte { return g.text[c.at:][:g.size] }

var errWrongEcho = errors.New("the reply is not what was sent")

// receive reads from c and checks what has come.
func (g *generator) receive(c *conn) error {
	for {
		n, more, err := c.get(g.buf)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		want := g.wanted(c)[c.got:]
		if n > len(want) || string(g.buf[:n]) != string(want[:n]) {
			return errWrongEcho
		}
		c.got += n
		if n == len(want) {
			return g.received(c)
		}
		if !more {
			return nil
		}
	}
}

// received ends a request.
func (g *generator) received(c *conn) error {
	now := g.now()
	g.latencies = append(g.latencies, now-c.began)
	g.open--
	if !g.running {
		return nil
	}
	return g.send(c, now)
}
