// Package twohosts lets tests that know nothing of hosts run between two of them: what
// they listen with is on one, and what they dial with is on the other. Each address of
// loopback means the host that listens.
package twohosts

import (
	"context"
	"net"
	"net/netip"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/simnet"
)

// InMemory is simnet.InMemory for such a test. set sets how the links between the hosts
// are; with nil, everything arrives at once.
func InMemory(set func(links *simnet.Link)) config.Option {
	return config.Func(func(c *config.Config) {
		c.Prepare = append(c.Prepare, func(l *engine.Loop) {
			n := newNetwork(l)
			if set != nil {
				set(n.All())
			}
			l.Network = n
		})
	})
}

// A network makes each call on one of its two hosts. Names and Unix sockets are those of
// the host that listens. It makes a conn.Network.
type network struct {
	*simnet.Network
	dials, listens *simnet.Host
}

var _ conn.Network = (*network)(nil)

func newNetwork(l *engine.Loop) *network {
	n := simnet.New(l)
	return &network{Network: n, dials: add(n, "dials", "10.0.0.1", "fd00::1"), listens: add(n, "listens", "10.0.0.2", "fd00::2")}
}

func add(n *simnet.Network, name string, ips ...string) *simnet.Host {
	var addrs []netip.Addr
	for _, ip := range ips {
		addrs = append(addrs, netip.MustParseAddr(ip))
	}
	h, err := n.Add(name, addrs...)
	if err != nil {
		panic(err) // these names and addresses are free
	}
	return h
}

// on replaces an address of loopback by that of a host, of the same family.
func on(h *simnet.Host, ip net.IP) net.IP {
	if !ip.IsLoopback() {
		return ip
	}
	for _, a := range h.Addrs() {
		if a.Is4() == (ip.To4() != nil) {
			return a.AsSlice()
		}
	}
	return ip
}

func tcpOn(h *simnet.Host, a *net.TCPAddr) *net.TCPAddr {
	if a == nil {
		return nil
	}
	return &net.TCPAddr{IP: on(h, a.IP), Port: a.Port, Zone: a.Zone}
}

func udpOn(h *simnet.Host, a *net.UDPAddr) *net.UDPAddr {
	return (*net.UDPAddr)(tcpOn(h, (*net.TCPAddr)(a)))
}

// here makes an address that is not specified one of loopback, as a Dial does.
func here(ip net.IP) net.IP {
	switch {
	case len(ip) == 0, ip.Equal(net.IPv4zero):
		return net.IPv4(127, 0, 0, 1)
	case ip.IsUnspecified():
		return net.IPv6loopback
	default:
		return ip
	}
}

// Dial makes a network a conn.Network, as the other methods do.
func (n *network) Dial(ctx context.Context, local, remote *net.TCPAddr) (conn.Link, error) {
	remote = &net.TCPAddr{IP: here(remote.IP), Port: remote.Port, Zone: remote.Zone}
	return n.Network.Dial(n.dials.Context(ctx), tcpOn(n.dials, local), tcpOn(n.listens, remote))
}

// Listen listens on the one host.
func (n *network) Listen(ctx context.Context, network string, at *net.TCPAddr, backlog int) (conn.LinkListener, error) {
	return n.Network.Listen(n.listens.Context(ctx), network, tcpOn(n.listens, at), backlog)
}

// ListenPackets opens a socket on the same host.
func (n *network) ListenPackets(ctx context.Context, network string, local *net.UDPAddr) (conn.PacketSocket, error) {
	return n.Network.ListenPackets(n.listens.Context(ctx), network, udpOn(n.listens, local))
}

// DialPackets opens one on the other.
func (n *network) DialPackets(ctx context.Context, local, remote *net.UDPAddr) (conn.PacketSocket, error) {
	remote = &net.UDPAddr{IP: here(remote.IP), Port: remote.Port, Zone: remote.Zone}
	return n.Network.DialPackets(n.dials.Context(ctx), udpOn(n.dials, local), udpOn(n.listens, remote))
}
