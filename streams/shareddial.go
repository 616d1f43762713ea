package streams

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A sharedDialer has the method dial, which DialShared returns.
type sharedDialer struct {
	home conn.Owner
	opts *dialer
}

func (d *sharedDialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if ctx == nil {
		panic("streams: the dial function of DialShared was given a nil context: pass context.Background() where there is no other")
	}
	l := engine.RunningHere()
	if conn.NetworkOf(d.home.Core()) != nil {
		return d.dialInMemory(ctx, l, network, address)
	}
	if l == nil {
		return d.share(d.dialHere(ctx, network, address))
	}
	return d.share(d.dialInTask(ctx, l, network, address))
}

// share makes a connection of package net a shared one.
func (d *sharedDialer) share(c net.Conn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	if isDatagram(c.LocalAddr().Network()) {
		return newSharedPacketConn(d.home, c), nil
	}
	return newSharedConn(d.home, c), nil
}

// dialInTask dials on a goroutine, and suspends the task meanwhile.
func (d *sharedDialer) dialInTask(ctx context.Context, l *engine.Loop, network, address string) (net.Conn, error) {
	on, off := d.contexts(ctx, l)
	off, cancel := context.WithCancel(off)
	defer cancel()
	var h conn.Helper[net.Conn]
	h.Init(l)
	h.Discard = func(c net.Conn) { _ = c.Close() }
	defer h.Close()
	c, err := h.Call(on, "DialShared", labelDial, func() (net.Conn, error) { return d.dialHere(off, network, address) })
	if _, said := err.(*net.OpError); err != nil && !said {
		return nil, dialError(network, nil, err)
	}
	return c, err
}

// contexts returns the context on which a dialing task waits, and the context for the
// goroutine that dials for it.
func (d *sharedDialer) contexts(ctx context.Context, l *engine.Loop) (on, off context.Context) {
	if engine.LoopOf(ctx) == l { // ctx ends the wait, and the wait the goroutine
		return ctx, context.WithoutCancel(ctx)
	}
	owner := ownerOn(&d.home, l)
	return owner.Context(conn.Unbound), ctx
}

// dialHere dials with package net, and blocks the calling goroutine.
func (d *sharedDialer) dialHere(ctx context.Context, network, address string) (net.Conn, error) {
	addresses, err := d.addresses(ctx, network, address)
	if err != nil {
		return nil, dialError(network, nil, err)
	}
	plain := net.Dialer{LocalAddr: d.opts.local, FallbackDelay: d.opts.delay}
	for pause := shortestRetry; ; pause = min(2*pause, longestRetry) {
		c, err := dialAny(ctx, &plain, network, addresses)
		if err == nil || !isUnix(network) || !errors.Is(err, syscall.EAGAIN) {
			return c, err
		}
		select { // as dialPlain does
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, dialError(network, nil, ctx.Err())
		}
	}
}

// addresses returns the addresses to be tried. Without ResolveWith this is the given
// address, which package net resolves.
func (d *sharedDialer) addresses(ctx context.Context, network, address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if d.opts.resolve == nil || !isTCP(network) && !isUDP(network) || err != nil || host == "" || isLiteral(host) {
		return []string{address}, nil
	}
	ips, err := d.opts.resolve.allHere(ctx, network, host)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for _, ip := range interleave(ips) {
		addresses = append(addresses, net.JoinHostPort(ip.String(), port))
	}
	return addresses, nil
}

// dialAny dials several addresses as RFC 8305 says; package net does so only for
// addresses that it has resolved itself. If all fail, it returns the error of the first.
func dialAny(ctx context.Context, plain *net.Dialer, network string, addresses []string) (net.Conn, error) {
	if len(addresses) == 1 {
		return plain.DialContext(ctx, network, addresses[0])
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := plainRace{outcomes: make(chan plainOutcome), errs: make([]error, len(addresses))}
	for i, address := range addresses {
		r.running++
		go func() {
			c, err := plain.DialContext(ctx, network, address)
			r.outcomes <- plainOutcome{i, c, err}
		}()
		last := i == len(addresses)-1
		if c := r.await(plain.FallbackDelay, last); c != nil {
			cancel()
			go r.discard()
			return c, nil
		}
	}
	return nil, r.errs[0]
}

// A plainRace is the attempts of dialAny, each a goroutine.
type plainRace struct {
	outcomes chan plainOutcome
	running  int
	errs     []error // by address
}

type plainOutcome struct {
	i    int
	conn net.Conn
	err  error
}

// await waits for a connection, and returns nil if none comes. After the last attempt it
// waits until all have failed. Otherwise it waits until the next attempt is to begin:
// when one has failed or the delay is over. A negative delay is never over.
func (r *plainRace) await(delay time.Duration, last bool) net.Conn {
	var over <-chan time.Time
	if delay >= 0 && !last {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		over = timer.C
	}
	for r.running > 0 {
		select {
		case o := <-r.outcomes:
			r.running--
			r.errs[o.i] = o.err
			if o.err == nil {
				return o.conn
			}
			if !last {
				return nil
			}
		case <-over:
			return nil
		}
	}
	return nil
}

// discard closes what connects after another one has won.
func (r *plainRace) discard() {
	for ; r.running > 0; r.running-- {
		if o := <-r.outcomes; o.err == nil {
			_ = o.conn.Close()
		}
	}
}

// dialInMemory dials on the network in memory of the home loop. Only tasks of that loop
// may: any other goroutine would have to wait for the loop.
func (d *sharedDialer) dialInMemory(ctx context.Context, l *engine.Loop, network, address string) (net.Conn, error) {
	if l != d.home.Core() {
		return nil, dialError(network, nil, errMemoryElsewhere)
	}
	if engine.LoopOf(ctx) != l {
		ctx = d.home.Context(conn.Unbound)
	}
	c, err := d.opts.dial(ctx, &d.home, network, address)
	return asNetConn(c, err)
}

var errMemoryElsewhere = errors.New("streams: this loop's network is in memory, and elsewhere than in its tasks DialShared could wait for ever: dial in a task, or with DialContext in asyncio.ToThread, or use the system's network (in a test, asynciotest.RealNetwork())")
