//go:build linux

package load

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A conn is a connection to the server.
type conn struct {
	fd, index int
	secure    *tls.Conn     // over wire; nil for none
	wire      *wire         // nil for none
	out       []byte        // what is still to be sent
	at        int           // where the text has the request
	got       int           // bytes of the reply
	began     time.Duration // when the request was sent
}

// connect makes a connection that does not block.
func connect(address string, config *tls.Config) (*conn, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	c := &conn{fd: fd}
	if err := c.open(at, config); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return c, nil
}

func (c *conn) open(at netip.AddrPort, config *tls.Config) error {
	if err := unix.Connect(c.fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if err := unix.SetsockoptInt(c.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return fmt.Errorf("TCP_NODELAY: %w", err)
	}
	if config != nil { // the handshake may block
		c.wire = &wire{conn: c, blocks: true}
		c.secure = tls.Client(c.wire, config)
		if err := c.secure.Handshake(); err != nil {
			return err
		}
		c.wire.blocks = false
	}
	return os.NewSyscallError("fcntl", unix.SetNonblock(c.fd, true))
}

// put makes p what is to be sent next.
func (c *conn) put(p []byte) error {
	if c.secure == nil {
		c.out = p
		return nil
	}
	_, err := c.secure.Write(p)
	return err
}

// flush sends what the system takes.
func (c *conn) flush() error {
	for len(c.out) > 0 {
		n, again, err := write(c.fd, c.out)
		if again || err != nil {
			return err
		}
		c.out = c.out[n:]
	}
	return nil
}

// get reads what has come. More says that there may be more, and that epoll
// need not tell: it tells of changes only, and of a socket that gave less than
// was asked for it will.
func (c *conn) get(p []byte) (n int, more bool, err error) {
	if c.secure == nil {
		n, _, err = read(c.fd, p)
		return n, n == len(p), err
	}
	n, err = c.secure.Read(p) // no more than a record
	if err == errAgain {
		return 0, false, nil
	}
	return n, true, err
}

// A wire is what TLS sends and receives through: it sends nothing itself, but
// keeps it for flush, and says errAgain, after which TLS may be asked again,
// when nothing has come.
type wire struct {
	net.Conn // nil: TLS needs no other methods here
	conn     *conn
	blocks   bool
	kept     []byte // ends with the conn's out
}

// Read reads what has come.
func (w *wire) Read(p []byte) (int, error) {
	n, again, err := read(w.conn.fd, p)
	if again {
		return 0, errAgain
	}
	return n, err
}

// Write keeps p.
func (w *wire) Write(p []byte) (int, error) {
	sent := len(w.kept) - len(w.conn.out)
	if len(w.conn.out) == 0 {
		w.kept, sent = w.kept[:0], 0
	}
	w.kept = append(w.kept, p...)
	w.conn.out = w.kept[sent:]
	if w.blocks {
		return len(p), w.conn.flush()
	}
	return len(p), nil
}

// errAgain is an error that TLS takes as passing.
var errAgain error = again{}

type again struct{}

func (again) Error() string   { return "nothing has come" }
func (again) Timeout() bool   { return true }
func (again) Temporary() bool { return true }

// read reads what has come; again says that nothing has.
func read(fd int, p []byte) (n int, again bool, err error) {
	n, again, err = transfer(unix.SYS_RECVFROM, fd, p)
	if n == 0 && !again && err == nil {
		err = io.ErrUnexpectedEOF
	}
	return n, again, err
}

// write sends what the system takes; again says that it takes nothing.
func write(fd int, p []byte) (n int, again bool, err error) {
	return transfer(unix.SYS_SENDTO, fd, p)
}
