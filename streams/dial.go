package streams

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/option"
)

// Dial connects to an address on a network ("tcp", "tcp4", "tcp6", "udp",
// "udp4", "udp6", "unix", "unixgram" or "unixpacket"), and suspends the task
// until it is connected. Addresses are written as for net.Dial.
//
// For datagrams (UDP, unixgram), use DialPacket: a Conn is not a net.PacketConn. Code
// that tells streams from datagrams by this type, such as a DNS library, would take a
// Conn for a stream.
//
// A name is resolved off the loop. If it has several addresses, Dial tries them as RFC
// 8305 (happy eyeballs) says: IPv6 and IPv4 in turns, the next one when the one before
// has failed or has taken longer than FallbackDelay. Dial returns the first connection
// that succeeds, and cancels the other attempts. If all fail, the error is an
// *asyncio.ExceptionGroup of all errors, in the order of the addresses.
//
// If ctx is canceled before Dial has connected, it closes what it has opened and returns
// an error that is asyncio.ErrCanceled; asyncio.WithTimeout sets a time limit. Other
// errors are a *net.OpError, as with net.Dial. Outside a loop it returns
// asyncio.ErrNoRunningLoop. Any goroutine may call it with a context of the loop. In
// Python: asyncio.open_connection, open_unix_connection and loop.create_connection.
func Dial(ctx context.Context, network, address string, opts ...DialOption) (*Conn, error) {
	d := newDialer(opts)
	return onLoop(ctx, "Dial", func(ctx context.Context, owner *conn.Owner) (*Conn, error) {
		conn, err := d.dial(ctx, owner, network, address)
		if err != nil {
			return nil, err
		}
		return conn, nil
	})
}

// DialContext calls DialPacket for datagrams ("udp", "udp4", "udp6", "unixgram",
// "ip4:icmp" and the like) and returns a *PacketConn; for other networks it calls Dial
// and returns a *Conn. A *PacketConn is a net.PacketConn: by that, net.Resolver and other
// DNS clients know that a connection carries datagrams.
//
// It has the type that libraries expect of a dial function, for example for
// net.Resolver.Dial, http.Transport.DialContext, and in connection pools. Libraries may
// call it, and use the connection, on goroutines of their own. The context must be
// derived from one of the loop, so make a request of package http with
// http.NewRequestWithContext. A call that waits for such goroutines, as http.Client.Do
// does, belongs in asyncio.ToThread. DialShared needs neither of the two. Suspension,
// cancellation and errors are as with Dial. It has no name in Python.
func DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if isDatagram(network) {
		return asNetConn(DialPacket(ctx, network, address))
	}
	return asNetConn(Dial(ctx, network, address))
}

// asNetConn returns a nil interface with an error, and not an interface that holds a nil
// pointer.
func asNetConn[C net.Conn](c C, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	return c, nil
}

// A DialOption is an option of Dial and DialTLS.
type DialOption interface{ setDialer(*dialer) }

type dialOption func(*dialer)

func (o dialOption) setDialer(d *dialer) { o(d) }

type dialer struct {
	local     net.Addr
	resolve   resolver // nil: the resolver of the network
	delay     time.Duration
	handshake time.Duration
}

func newDialer(opts []DialOption) *dialer {
	d := &dialer{delay: defaultFallbackDelay, handshake: defaultHandshakeTimeout}
	option.Apply(d, opts, DialOption.setDialer)
	return d
}

// RFC 8305 recommends it.
const defaultFallbackDelay = 250 * time.Millisecond

// FallbackDelay sets how long Dial waits for one address before it tries the next as
// well. 0 means the default, 250 ms; with a negative time, Dial waits until the first one
// has failed. In Python: happy_eyeballs_delay.
func FallbackDelay(d time.Duration) DialOption {
	return dialOption(func(o *dialer) { o.delay = cmp.Or(d, defaultFallbackDelay) })
}

// LocalAddr sets the address of this side: a *net.TCPAddr, *net.UDPAddr or *net.UnixAddr,
// depending on the network. In Python: local_addr.
func LocalAddr(addr net.Addr) DialOption {
	return dialOption(func(o *dialer) { o.local = addr })
}

// ResolveWith sets what resolves names, off the loop: the LookupNetIP of a
// net.Resolver, or a function like it. The network is "ip", "ip4" or "ip6". In Python:
// overriding loop.getaddrinfo.
func ResolveWith(lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)) DialOption {
	if lookup == nil {
		panic("streams: ResolveWith(nil): pass the LookupNetIP of a net.Resolver, or leave the option away")
	}
	return dialOption(func(o *dialer) { o.resolve = lookup })
}

func (d *dialer) dial(ctx context.Context, owner *conn.Owner, network, address string) (*Conn, error) {
	if _, err := engine.Begin(ctx, "Dial"); err != nil {
		return nil, dialError(network, nil, err)
	}
	switch network {
	case "tcp", "tcp4", "tcp6":
		return d.dialTCP(ctx, owner, network, address)
	default:
		return d.dialOther(ctx, owner, network, address)
	}
}

// connect makes a TCP connection.
func (d *dialer) connect(ctx context.Context, owner *conn.Owner, network string, to *net.TCPAddr) (*Conn, error) {
	if n := conn.NetworkOf(owner.Core()); n != nil {
		return d.connectInMemory(ctx, owner, n, network, to)
	}
	return d.connectReally(ctx, owner, network, to)
}

// bindTo returns the address of this side for a connection to another one; nil: any.
func (d *dialer) bindTo(to *net.TCPAddr) (*net.TCPAddr, error) {
	if d.local == nil {
		return nil, nil
	}
	from, ok := d.local.(*net.TCPAddr)
	switch {
	case !ok:
		return nil, &net.AddrError{Err: "mismatched local address type", Addr: d.local.String()}
	case len(from.IP) > 0 && (from.IP.To4() != nil) != (to.IP.To4() != nil):
		return nil, &net.AddrError{Err: "mismatched local address family", Addr: d.local.String()}
	}
	return from, nil
}

func dialError(network string, remote net.Addr, err error) error {
	return &net.OpError{Op: "dial", Net: network, Addr: remote, Err: reason(err, cutShort{})}
}

func (d *dialer) dialOther(ctx context.Context, owner *conn.Owner, network, address string) (*Conn, error) {
	if n := conn.NetworkOf(owner.Core()); n != nil {
		return d.dialOtherInMemory(ctx, owner, n, network, address)
	}
	c, err := d.dialPlain(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return takeConn(owner, c)
}

// dialPlain returns a connection of package net, on networks where connecting
// never waits for the peer, or hardly ever.
func (d *dialer) dialPlain(ctx context.Context, network, address string) (net.Conn, error) {
	address, err := d.resolve.one(ctx, network, address)
	if err != nil {
		return nil, dialError(network, nil, err)
	}
	for pause := shortestRetry; ; pause = min(2*pause, longestRetry) {
		plain := net.Dialer{LocalAddr: d.local}
		conn, err := plain.DialContext(context.WithoutCancel(ctx), network, address) //asyncio:ok blocks it is for networks where connecting does not wait for the peer
		switch {
		case err == nil:
			return conn, nil
		case !isUnix(network) || !errors.Is(err, syscall.EAGAIN):
			return nil, err
		}
		// The listener's queue is full. No poller tells when there is room in it again.
		if err := asyncio.Sleep(ctx, pause); err != nil {
			return nil, dialError(network, nil, err)
		}
	}
}

const (
	shortestRetry = time.Millisecond
	longestRetry  = 50 * time.Millisecond
)

func (d *dialer) dialTCP(ctx context.Context, owner *conn.Owner, network, address string) (*Conn, error) {
	addrs, err := d.candidates(ctx, network, address)
	if err != nil {
		return nil, dialError(network, nil, err)
	}
	connect := func(ctx context.Context, addr *net.TCPAddr) (*Conn, error) {
		conn, err := d.connect(ctx, owner, network, addr)
		if err != nil {
			return nil, dialError(network, addr, err)
		}
		return conn, nil
	}
	if len(addrs) == 1 {
		return connect(ctx, addrs[0])
	}
	return race(ctx, addrs, d.delay, connect)
}

// candidates returns what an address stands for, in the order in which it is
// tried.
func (d *dialer) candidates(ctx context.Context, network, address string) ([]*net.TCPAddr, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := net.DefaultResolver.LookupPort(context.WithoutCancel(ctx), network, port)
	if err != nil {
		return nil, err
	}
	ips, err := d.hostAddrs(ctx, network, host)
	if err != nil {
		return nil, err
	}
	var addrs []*net.TCPAddr
	for _, ip := range interleave(ips) {
		addrs = append(addrs, net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(number))))
	}
	return addrs, nil
}

func (d *dialer) hostAddrs(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if host == "" { // this machine, as package net has it
		if network == "tcp6" {
			return []netip.Addr{netip.IPv6Loopback()}, nil
		}
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return d.resolve.all(ctx, network, host)
	}
	if network == "tcp4" && !ip.Unmap().Is4() || network == "tcp6" && ip.Unmap().Is4() {
		return nil, &net.AddrError{Err: "no suitable address found", Addr: host}
	}
	return []netip.Addr{ip.Unmap()}, nil
}

// interleave alternates between addresses of the two families. It begins with the family
// of the first address, which the resolver prefers.
func interleave(ips []netip.Addr) []netip.Addr {
	var same, other []netip.Addr
	for _, ip := range ips {
		if ip.Is4() == ips[0].Is4() {
			same = append(same, ip)
		} else {
			other = append(other, ip)
		}
	}
	mixed := make([]netip.Addr, 0, len(ips))
	for i := range max(len(same), len(other)) {
		mixed = append(mixed, same[min(i, len(same)):min(i+1, len(same))]...)
		mixed = append(mixed, other[min(i, len(other)):min(i+1, len(other))]...)
	}
	return mixed
}

// race tries addresses as RFC 8305 says. In Python: asyncio.staggered.
func race(ctx context.Context, addrs []*net.TCPAddr, delay time.Duration, connect func(context.Context, *net.TCPAddr) (*Conn, error)) (*Conn, error) {
	r := &attempts{connect: connect, errs: make([]error, len(addrs))}
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for i, addr := range addrs {
			var failed asyncio.Event
			tg.Go(func(ctx context.Context) error {
				if r.try(ctx, i, addr) {
					tg.Cancel()
				}
				failed.Set()
				return nil
			})
			if err := waitAtMost(ctx, &failed, delay); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err != nil: // canceled from outside: this is the error, whatever the attempts say
		if r.won != nil {
			_ = r.won.Close()
		}
		return nil, dialError(addrs[0].Network(), nil, err)
	case r.won != nil:
		return r.won, nil
	default:
		return nil, &asyncio.ExceptionGroup{Message: "streams: no address could be connected to", Errors: r.errs}
	}
}

// attempts is the state of a race: who has won, and which attempts have failed.
type attempts struct {
	connect func(context.Context, *net.TCPAddr) (*Conn, error)
	won     *Conn
	errs    []error // by address
}

// try tries one address and reports whether it has won.
func (r *attempts) try(ctx context.Context, i int, addr *net.TCPAddr) bool {
	conn, err := r.connect(ctx, addr)
	switch {
	case err != nil:
		r.errs[i] = err
		return false
	case r.won != nil: // two connected in one pass, and the other was first
		_ = conn.Close()
		return false
	default:
		r.won = conn
		return true
	}
}

// waitAtMost waits for an event, for a time if that is positive.
func waitAtMost(ctx context.Context, e *asyncio.Event, d time.Duration) error {
	if d <= 0 {
		return e.Wait(ctx)
	}
	err := asyncio.WithTimeout(ctx, d, e.Wait)
	if errors.Is(err, asyncio.ErrTimeout) {
		return nil
	}
	return err
}
