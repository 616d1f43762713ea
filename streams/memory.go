package streams

import (
	"context"
	"errors"
	"net"
	"slices"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// This file is what Dial and Listen do on a loop that has a network in memory.

// connectInMemory is connectReally there.
func (d *dialer) connectInMemory(ctx context.Context, owner *conn.Owner, n conn.Network, network string, to *net.TCPAddr) (*Conn, error) {
	from, err := d.bindTo(to)
	if err != nil {
		return nil, err
	}
	link, err := n.Dial(ctx, from, to)
	if err != nil {
		return nil, err
	}
	return newConn(owner, link.Stream, network, link.Local, link.Remote), nil
}

var (
	errTCPOnly     = errors.New("streams: this loop's network is in memory and has TCP alone: use \"tcp\", or a loop on the system's network")
	errNoSocket    = errors.New("streams: this loop's network is in memory and has no socket that Control and ReusePort could set an option of: leave them away")
	errOneLoopOnly = errors.New("streams: a network in memory is for one loop: serve there, with Serve, or use the system's network")
)

// refuseInMemory returns an error if the loop's network is in memory, for networks that
// this does not have.
func refuseInMemory(owner *conn.Owner, network string) error {
	switch {
	case conn.NetworkOf(owner.Core()) == nil:
		return nil
	case isDatagram(network), isUnix(network):
		return errTCPOnly
	default:
		return net.UnknownNetworkError(network)
	}
}

var tcpNetworks = []string{"tcp", "tcp4", "tcp6"}

// listenInMemory is Listen with an address whose name is resolved.
func (c *listenConfig) listenInMemory(owner *conn.Owner, n conn.Network, network, address string) (*Listener, error) {
	if !slices.Contains(tcpNetworks, network) {
		return nil, listenError(network, refuseInMemory(owner, network))
	}
	at, err := net.ResolveTCPAddr(network, address) // there is no name in it that it would ask for
	if err != nil {
		return nil, listenError(network, err)
	}
	var l conn.LinkListener
	if err = errNoSocket; len(c.controls) == 0 {
		l, err = n.Listen(network, at, c.backlog)
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: at, Err: err}
	}
	return newListener(owner, memoryListener{l}, l.Addr()), nil
}

// A memoryListener is an acceptor on a network in memory.
type memoryListener struct{ conn.LinkListener }

// Accept makes a memoryListener an acceptor.
func (l memoryListener) Accept(ctx context.Context) (accepted, error) {
	link, err := l.LinkListener.Accept(ctx)
	return accepted{conn: link}, err
}

// open makes a memoryListener an acceptor.
func (l memoryListener) open(owner *conn.Owner, a accepted) (*Conn, error) {
	link := a.conn.(conn.Link)
	return newConn(owner, link.Stream, link.Local.Network(), link.Local, link.Remote), nil
}
