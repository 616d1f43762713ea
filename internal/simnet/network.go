// Package simnet is a network in memory, for programs that use package streams as they
// always do. It begins with one host, known as localhost, 127.0.0.1 and ::1; others can
// be added, with names and addresses. Everything on it happens on the loop, so it follows
// a virtual clock and explored orders; and it needs no operating system, so it also works
// on js/wasm.
//
// It has TCP, UDP and Unix sockets of streams.
package simnet

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"time"

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

// A Network is a number of hosts. Every call on it has a context, which says on which
// host it is made; see Host.Context. Loop only. It makes a conn.Network.
type Network struct {
	loop    *engine.Loop
	local   *Host                // of tasks that are on no other
	hosts   []*Host              // the others, oldest first; the index is the host's number
	names   map[string]*Host     // these maps are never ranged over
	byAddr  map[netip.Addr]*Host // of all hosts, without loopback
	links   map[[2]int]*Link     // by the numbers of hosts
	all     *Link
	lookups map[string]lookup // by name
	delay   time.Duration     // of lookups
	claimed int               // how many addresses were chosen

	// Rand is all chance of the network.
	Rand *rand.Rand
}

var _ conn.Network = (*Network)(nil)

// localAddr is the address from which the network's first host reaches others.
var localAddr = netip.AddrFrom4([4]byte{10, 255, 255, 254})

// New returns a network for a loop.
func New(l *engine.Loop) *Network {
	n := &Network{loop: l, names: map[string]*Host{}, byAddr: map[netip.Addr]*Host{}, links: map[[2]int]*Link{}, lookups: map[string]lookup{}, Rand: defaultRand()}
	n.all = &Link{network: n}
	n.local = newHost(n, "localhost", localNumber, localAddr)
	n.byAddr[localAddr] = n.local
	return n
}

// For returns the network of the loop that ctx belongs to, which is in memory from now on.
func For(ctx context.Context) *Network {
	l := engine.LoopOf(ctx)
	if n, ok := l.Network.(*Network); ok {
		return n
	}
	n := New(l)
	l.Network = n
	return n
}

// Local returns the host of tasks that are on no other.
func (n *Network) Local() *Host { return n.local }
