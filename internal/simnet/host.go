package simnet

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/orderedset"
)

// A Host is a simulated machine with its own ports; every task is on one. Loop only.
type Host struct {
	network   *Network
	name      string
	number    int             // its place among the hosts
	addrs     []netip.Addr    // without those of loopback
	listeners []*listener     // oldest first
	clients   map[uint16]bool // the ports from which connections were made; is never ranged over
	last      uint16          // the last port that was chosen
	datagrams
	unixNames
	ends orderedset.Set[end]
	down error // what calls on the host return since it went down; nil: it is up
}

// An end of a connection, and the number of the host where the other one is.
type end struct {
	stream *conn.MemoryStream
	peer   int
}

// localNumber is the number of the network's first host.
const localNumber = -1

func newHost(n *Network, name string, number int, addrs ...netip.Addr) *Host {
	return &Host{network: n, name: name, number: number, addrs: addrs, clients: map[uint16]bool{}, last: lastPort}
}

// Add adds a host. Its addresses are those given, or else one of IPv4 that is chosen, in
// order, from 10.0.0.1 on. It returns an error if the name or an address is taken, or is
// none that a host can have.
func (n *Network) Add(name string, addrs ...netip.Addr) (*Host, error) {
	key := canonical(name)
	switch {
	case key == "" || isLocal(key) || isLiteral(key):
		return nil, fmt.Errorf("%q is no name for a host", name)
	case n.names[key] != nil:
		return nil, fmt.Errorf("there is a host %q already", name)
	}
	if len(addrs) == 0 {
		addrs = []netip.Addr{n.chooseAddr()}
	}
	h := newHost(n, name, len(n.hosts))
	for _, a := range addrs {
		a = a.Unmap().WithZone("")
		if !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.IsMulticast() {
			return nil, fmt.Errorf("%v is no address for a host", a)
		}
		if other := n.byAddr[a]; other != nil || slices.Contains(h.addrs, a) {
			return nil, fmt.Errorf("the address %v is taken", a)
		}
		h.addrs = append(h.addrs, a)
	}
	n.put(h)
	n.hosts = append(n.hosts, h)
	n.loop.TellHost(engine.HostUp, name)
	return h, nil
}

// put makes a host the one of its name and its addresses.
func (n *Network) put(h *Host) {
	n.names[canonical(h.name)] = h
	for _, a := range h.addrs {
		n.byAddr[a] = h
	}
}

func (n *Network) chooseAddr() netip.Addr {
	for {
		n.claimed++
		i := n.claimed
		if a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}); n.byAddr[a] == nil {
			return a
		}
	}
}

// Name returns the host's name.
func (h *Host) Name() string { return h.name }

// Addrs returns its addresses, without those of loopback.
func (h *Host) Addrs() []netip.Addr { return slices.Clone(h.addrs) }

type hostKey struct{}

// Context returns a context of tasks that are on the host.
func (h *Host) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, hostKey{}, h)
}

// hostOf returns the host on which something happens with a context, or why that is down.
func (n *Network) hostOf(ctx context.Context) (*Host, error) {
	if h := HostOf(ctx); h != nil && h.network == n {
		return h, h.down
	}
	return n.local, nil
}

// HostOf makes a Network an engine.Hosts.
func (n *Network) HostOf(ctx context.Context) string {
	if h := HostOf(ctx); h != nil && h.network == n {
		return h.name
	}
	return ""
}

// HostOf returns the host of a context, if that host was added; otherwise nil.
func HostOf(ctx context.Context) *Host {
	h, _ := ctx.Value(hostKey{}).(*Host)
	return h
}

// hostAt returns the host that has an address, as seen from one; nil: none has.
func (h *Host) hostAt(ip netip.Addr) *Host {
	if h.has(ip) {
		return h
	}
	return h.network.byAddr[ip]
}

func (h *Host) linkTo(other *Host) *Link { return h.network.link(h.number, other.number) }

// keep keeps an end of a connection until it is closed. A network of one host, which never
// goes down, needs none of that.
func (h *Host) keep(s *conn.MemoryStream, peer *Host) {
	if h == peer && h.number == localNumber {
		return
	}
	e := end{s, peer.number}
	h.ends.Add(e)
	s.NotifyClose(func(bool) { h.ends.Remove(e) })
}

// Crash takes the host down: what it has is gone, and connections are reset. Calls on it
// return the error from now on.
func (h *Host) Crash(err error) {
	h.down = err
	for e := range h.ends.All() {
		e.stream.Kill(err)
	}
	h.closeSockets(err)
	h.network.loop.TellHost(engine.HostDown, h.name)
}

// Close takes the host down as Crash does, but closes its connections as a program would,
// instead of resetting them.
func (h *Host) Close(err error) {
	h.down = err
	for e := range h.ends.All() {
		_ = e.stream.Close()
	}
	h.closeSockets(err)
	h.network.loop.TellHost(engine.HostDown, h.name)
}

// Down returns with what error the host went down; nil: it is up.
func (h *Host) Down() error { return h.down }

// closeSockets closes what is no connection.
func (h *Host) closeSockets(why error) {
	for _, l := range slices.Clone(h.listeners) {
		l.close(why)
	}
	for _, name := range slices.Sorted(maps.Keys(h.bound)) {
		if l := h.bound[name]; l != nil {
			l.close(why)
		}
	}
	for _, s := range slices.Clone(h.sockets) {
		s.close(why)
	}
}

// current returns the host that has replaced this one, or the host itself.
func (h *Host) current() *Host {
	if h.number == localNumber {
		return h
	}
	return h.network.hosts[h.number]
}

// Up returns a host that takes the place of one that is down, with its name, its addresses
// and its links.
func (h *Host) Up() *Host {
	n := h.network
	again := newHost(n, h.name, h.number, h.addrs...)
	n.put(again)
	n.hosts[h.number] = again
	n.loop.TellHost(engine.HostUp, h.name)
	return again
}

// listenerAt returns who listens there; nil: no one does.
func (h *Host) listenerAt(to netip.AddrPort) *listener {
	i := slices.IndexFunc(h.listeners, func(l *listener) bool { return l.address.includes(to) })
	if i < 0 {
		return nil
	}
	return h.listeners[i]
}

func canonical(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") }

// isLocal reports whether a name is that of every host itself, as RFC 6761 has it.
func isLocal(name string) bool { return name == "localhost" || strings.HasSuffix(name, ".localhost") }

func isLiteral(name string) bool {
	_, err := netip.ParseAddr(name)
	return err == nil
}
