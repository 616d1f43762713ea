package conn

import (
	"context"
	"net"
	"net/netip"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Network replaces the system's network for the connections of a loop, which holds it
// in its field Network. Package streams uses it, if there is one, instead of the system.
// It belongs to one loop. A network may have several hosts; the context of a call says on
// which of them it is made. Loop only.
type Network interface {
	PacketNetwork
	UnixNetwork
	// Lookup returns the addresses of a name; version is "ip", "ip4" or "ip6".
	Lookup(ctx context.Context, version, host string) ([]netip.Addr, error)
	// Dial connects to an address, and suspends the task until it is connected or
	// refused. A local address that is nil is the network's to choose.
	Dial(ctx context.Context, local, remote *net.TCPAddr) (Link, error)
	// Listen listens on an address of a network "tcp", "tcp4" or "tcp6". Without
	// accepting, backlog connections can wait; 0: as many as Linux allows.
	Listen(ctx context.Context, network string, address *net.TCPAddr, backlog int) (LinkListener, error)
}

// A Link is one end of a connection on a Network, with the addresses of both.
type Link struct {
	Stream
	Local, Remote net.Addr
}

// A LinkListener is what a Network listens with. Loop only.
type LinkListener interface {
	Endpoint
	// Accept suspends the task until there is a connection. A cancellation loses none.
	Accept(ctx context.Context) (Link, error)
	// NotifyClose has fn called when it has been closed; atEnd says that it was left
	// open until the end of the loop.
	NotifyClose(fn func(atEnd bool))
	Addr() net.Addr
}

// NetworkOf returns the network of a loop; nil: it is the system's.
func NetworkOf(l *engine.Loop) Network {
	n, _ := l.Network.(Network)
	return n
}
