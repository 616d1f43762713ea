package streams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
)

// ListenAll listens on several addresses, and on all addresses that each name stands for:
// for "localhost:80" it listens on 127.0.0.1 and ::1, where Listen takes one of them. It
// returns one Listener: Accept returns connections to any of the addresses, and Addrs
// returns the addresses. An empty name, as in ":80", means all addresses of the machine,
// as for Listen.
//
// For port 0, the system chooses a port that is free on all these addresses. If one
// address fails, ListenAll listens on none, and the error names the address. There is one
// exception: if a name stands for several addresses, ListenAll leaves out those that the
// machine does not have, such as ::1 without IPv6. Without addresses, ListenAll returns
// an error. Names are resolved off the loop, and ListenAll suspends meanwhile; if ctx is
// canceled, the error is asyncio.ErrCanceled. In ServeGroup, one loop accepts for all. In
// Python: asyncio.start_server with a host that has several addresses, or with several
// hosts.
func ListenAll(ctx context.Context, network string, addresses []string, opts ...ListenOption) (*Listener, error) {
	c := newListenConfig(opts)
	return onLoop(ctx, "ListenAll", func(ctx context.Context, owner *conn.Owner) (*Listener, error) {
		places, err := placesOf(ctx, network, addresses)
		if err != nil {
			return nil, listenError(network, err)
		}
		parts, err := c.listenEverywhere(ctx, owner, places)
		if err != nil {
			return nil, err
		}
		return newListenerOfAll(owner, parts), nil
	})
}

// A place is one address to listen on.
type place struct {
	network string // "tcp4" or "tcp6" for a literal address, so that :: does not take in 0.0.0.0
	address string
	name    string // the name that it was found for; "": it was given as an address
}

var errNoPlaces = errors.New("streams: ListenAll without an address: pass one at least, \":0\" for example")

// placesOf resolves addresses. It returns each place once.
func placesOf(ctx context.Context, network string, addresses []string) (places []place, err error) {
	for _, address := range addresses {
		host, port, err := net.SplitHostPort(address)
		if err != nil || !isTCP(network) || host == "" { // package net has the better error for it
			places = append(places, place{network, address, ""})
			continue
		}
		name, ips := host, []netip.Addr{}
		if ip, err := netip.ParseAddr(host); err == nil {
			name, ips = "", append(ips, ip.Unmap())
		} else if ips, err = resolver(nil).all(ctx, network, host); err != nil {
			return nil, err
		}
		for _, ip := range ips {
			places = append(places, place{networkOf(network, ip), net.JoinHostPort(ip.String(), port), name})
		}
	}
	if len(places) == 0 {
		return nil, errNoPlaces
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(places, func(p place) bool {
		again := seen[p.address]
		seen[p.address] = true
		return again
	}), nil
}

// networkOf returns the network for an address: the family of "tcp" is that of the address.
func networkOf(network string, ip netip.Addr) string {
	switch {
	case network != "tcp":
		return network
	case ip.Is4():
		return "tcp4"
	default:
		return "tcp6"
	}
}

// portTries is how often a port that the system has chosen may be taken on another
// address, before ListenAll gives up.
const portTries = 20

// listenEverywhere listens on all places, or on none.
func (c *listenConfig) listenEverywhere(ctx context.Context, owner *conn.Owner, places []place) ([]*Listener, error) {
	for try := 1; ; try++ {
		parts, chosen, err := c.listenOnce(ctx, owner, places)
		if err == nil {
			return parts, nil
		}
		for _, l := range parts {
			_ = l.Close()
		}
		if !chosen || !isInUse(err) || try == portTries {
			return nil, err
		}
	}
}

// listenOnce tries to listen on all places. It returns the listeners that it has made,
// also with an error. chosen reports whether the error is that the port which the system
// has chosen for one place is taken at another.
func (c *listenConfig) listenOnce(ctx context.Context, owner *conn.Owner, places []place) (parts []*Listener, chosen bool, err error) {
	port := "0"
	found := map[string]bool{} // names
	var missing []error
	for _, p := range places {
		address := p.address
		host, wanted, err := net.SplitHostPort(address)
		chosen := err == nil && isTCP(p.network) && wanted == "0" && port != "0"
		if chosen {
			address = net.JoinHostPort(host, port)
		}
		l, err := c.listenOn(ctx, owner, p.network, address)
		switch {
		case err == nil:
			parts = append(parts, l)
			found[p.name] = true
			if tcp, ok := l.Addr().(*net.TCPAddr); ok && wanted == "0" {
				port = fmt.Sprint(tcp.Port)
			}
		case p.name != "" && isNotHere(err):
			missing = append(missing, err)
		default:
			return parts, chosen, err
		}
	}
	for _, p := range places {
		if p.name != "" && !found[p.name] {
			return parts, false, missing[0]
		}
	}
	return parts, false, nil
}

// isNotHere reports whether the machine does not have an address, or not its family.
func isNotHere(err error) bool {
	return errors.Is(err, errnoNoAddr) || errors.Is(err, errnoNoFamily) || errors.Is(err, conn.ErrnoNoAddr)
}

// isInUse reports whether an address is taken.
func isInUse(err error) bool { return errors.Is(err, errnoInUse) || errors.Is(err, conn.ErrnoInUse) }

// newListenerOfAll makes one Listener of several, and owns them from then on.
func newListenerOfAll(owner *conn.Owner, parts []*Listener) *Listener {
	if len(parts) == 1 {
		return parts[0]
	}
	m := &allAcceptor{}
	var all []net.Addr
	for _, l := range parts {
		m.parts = append(m.parts, l.h.End)
		all = append(all, l.Addr())
	}
	m.parts[0].NotifyClose(func(bool) { m.drop() }) // the end of the loop closes the parts
	l := newListener(owner, m, all[0])
	l.all = all
	return l
}

// An allAcceptor is the acceptor of several addresses.
type allAcceptor struct {
	parts  []acceptor
	turn   asyncio.Lock // held by the task that waits for the parts
	ready  []accepted   // no one has taken them yet
	closed bool
}

// Accept waits for all parts. If connections come at two of them in one moment, the
// second is kept for the next call, and so is one that comes together with a
// cancellation.
func (m *allAcceptor) Accept(ctx context.Context) (a accepted, err error) {
	err = m.turn.With(ctx, func() error {
		if len(m.ready) == 0 {
			if err := m.await(ctx); err != nil {
				return err
			}
		}
		a = m.ready[0]
		m.ready = slices.Delete(m.ready, 0, 1)
		return nil
	})
	return a, err
}

// await waits until something is ready. It returns an error only if nothing is, or if ctx
// is canceled.
func (m *allAcceptor) await(ctx context.Context) error {
	var failed error
	err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		for _, part := range m.parts {
			tg.Go(func(ctx context.Context) error {
				a, err := part.Accept(ctx)
				if err == nil {
					a.by = part
					m.keep(a)
				} else if ctx.Err() == nil {
					failed = cmp.Or(failed, err)
				}
				tg.Cancel()
				return nil
			})
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(m.ready) == 0:
		return cmp.Or(failed, net.ErrClosed)
	default:
		return nil
	}
}

// keep keeps a connection until it is taken.
func (m *allAcceptor) keep(a accepted) {
	if m.closed {
		a.discard()
		return
	}
	m.ready = append(m.ready, a)
}

// drop closes the accepted connections that no one has taken.
func (m *allAcceptor) drop() {
	m.closed = true
	for _, a := range m.ready {
		a.discard()
	}
	m.ready = nil
}

// open makes an allAcceptor an acceptor, like the other methods here.
func (m *allAcceptor) open(owner *conn.Owner, a accepted) (*Conn, error) { return a.by.open(owner, a) }

// NotifyClose asks the first part only, because all are closed together.
func (m *allAcceptor) NotifyClose(fn func(atEnd bool)) { m.parts[0].NotifyClose(fn) }

func (m *allAcceptor) Close() error {
	if m.closed {
		return net.ErrClosed
	}
	return m.each(acceptor.Close)
}

func (m *allAcceptor) SetReadDeadline(t time.Time) error {
	return m.each(func(a acceptor) error { return a.SetReadDeadline(t) })
}

func (m *allAcceptor) SetWriteDeadline(t time.Time) error {
	return m.each(func(a acceptor) error { return a.SetWriteDeadline(t) })
}

// each does something with all parts, and returns the first error.
func (m *allAcceptor) each(do func(acceptor) error) (err error) {
	for _, a := range m.parts {
		err = cmp.Or(err, do(a))
	}
	return err
}
