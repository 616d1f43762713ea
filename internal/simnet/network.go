// Package simnet is a network in memory, for programs that use package streams as they
// always do. It is one host, known as localhost, 127.0.0.1 and ::1, whose connections
// know neither delay nor loss. All that happens on it happens on the loop, so a virtual
// clock and explored orders reach it; and it needs no system, so it is there on js/wasm.
//
// It has TCP. Unix sockets and datagrams are refused with an error.
package simnet

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// InMemory returns an option with which streams.Dial, Listen and what is built on them
// use a network in memory, which the loop has for itself, and never a real socket. It goes
// with any clock: that of the machine, or one of package virtual.
func InMemory() config.Option {
	return config.Func(func(c *config.Config) {
		c.Prepare = append(c.Prepare, func(l *engine.Loop) { l.Network = New(l) })
	})
}

// A Network is one host. Loop only. It makes a conn.Network.
type Network struct {
	loop      *engine.Loop
	listeners []*listener     // oldest first
	clients   map[uint16]bool // the ports from which connections were made; is never ranged over
	last      uint16          // the last port that was chosen
}

var _ conn.Network = (*Network)(nil)

// New returns a network for a loop.
func New(l *engine.Loop) *Network {
	return &Network{loop: l, clients: map[uint16]bool{}, last: lastPort}
}

// Lookup knows localhost, and the names below it, as RFC 6761 has it. IPv6 comes first, as
// in the order of RFC 6724.
func (n *Network) Lookup(ctx context.Context, version, host string) ([]netip.Addr, error) {
	if _, err := engine.Begin(ctx, "Lookup"); err != nil { // it is canceled
		return nil, err
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if name != "localhost" && !strings.HasSuffix(name, ".localhost") {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	switch version {
	case "ip4":
		return []netip.Addr{loopback4}, nil
	case "ip6":
		return []netip.Addr{netip.IPv6Loopback()}, nil
	default:
		return []netip.Addr{netip.IPv6Loopback(), loopback4}, nil
	}
}

// The ports that are chosen for those who ask for none, as on Linux.
const (
	firstPort = 32768
	lastPort  = 60999
)

// choosePort returns a port that is free on an address; 0 if there is none. It goes
// round, so that a port that was just closed is not used again at once.
func (n *Network) choosePort(at address) uint16 {
	for range lastPort - firstPort + 1 {
		if n.last++; n.last < firstPort || n.last > lastPort {
			n.last = firstPort
		}
		if at.port = n.last; n.isFree(at) {
			return at.port
		}
	}
	return 0
}

func (n *Network) isFree(at address) bool {
	return !n.clients[at.port] && !slices.ContainsFunc(n.listeners, func(l *listener) bool { return l.address.overlaps(at) })
}

// listenerAt returns who listens there; nil: no one does.
func (n *Network) listenerAt(to netip.AddrPort) *listener {
	i := slices.IndexFunc(n.listeners, func(l *listener) bool { return l.address.includes(to) })
	if i < 0 {
		return nil
	}
	return n.listeners[i]
}
