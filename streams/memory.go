package streams

import (
	"context"
	"errors"
	"net"
	"slices"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// This file is what Dial and Listen do on a loop whose network is in memory, as in tests.

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

// A test has its network in memory unless it says otherwise, so the errors say how.
var (
	errNotThere      = errors.New("streams: this loop's network is in memory and has \"tcp\", \"udp\" and \"unix\" alone: use one of them, or the system's network (in a test, asynciotest.RealNetwork())")
	errNoSocket      = errors.New("streams: this loop's network is in memory and has no socket that Control could see: leave it away, or use the system's network (in a test, asynciotest.RealNetwork())")
	errOneLoopOnly   = errors.New("streams: a network in memory is for one loop: serve there, with Serve, or use the system's network (in a test, asynciotest.RealNetwork())")
	errOneSocket     = errors.New("streams: this loop's network is in memory, and one socket has a port there, also with ReusePort: use the system's network (in a test, asynciotest.RealNetwork())")
	errOfSystem      = errors.New("streams: this loop's network is in memory, and this is a socket of the system's: use Dial and Listen of this package, or the system's network (in a test, asynciotest.RealNetwork())")
	errNoControlData = errors.New("streams: this loop's network is in memory, and no system is there that control data could say something to: send without")
)

// notInMemory returns the error for a network that is not there in memory.
func notInMemory(network string) error {
	if isDatagram(network) || isUnix(network) {
		return errNotThere
	}
	return net.UnknownNetworkError(network)
}

// refuseOfSystem returns an error if the loop's network is in memory and v, a connection
// or a listener, is a socket of the system or wraps one. Connections without a socket,
// such as a net.Pipe, are allowed: they do not use the network.
func refuseOfSystem(owner *conn.Owner, v any) error {
	if conn.NetworkOf(owner.Core()) == nil {
		return nil
	}
	for {
		switch of := v.(type) {
		case *net.TCPConn, *net.UDPConn, *net.UnixConn, *net.IPConn, *net.TCPListener, *net.UnixListener:
			return errOfSystem
		case interface{ NetConn() net.Conn }:
			v = of.NetConn()
		default:
			return nil
		}
	}
}

var tcpNetworks = []string{"tcp", "tcp4", "tcp6"}

// listenInMemory is Listen with an address whose name is resolved.
func (c *listenConfig) listenInMemory(ctx context.Context, owner *conn.Owner, n conn.Network, network, address string) (*Listener, error) {
	var at net.Addr
	var listen func() (conn.LinkListener, error)
	switch {
	case network == "unix":
		named := &net.UnixAddr{Name: address, Net: network}
		at, listen = named, func() (conn.LinkListener, error) { return n.ListenUnix(ctx, named, c.backlog) }
	case slices.Contains(tcpNetworks, network):
		tcp, err := net.ResolveTCPAddr(network, address) // it has no name, so this asks no resolver
		if err != nil {
			return nil, listenError(network, err)
		}
		at, listen = tcp, func() (conn.LinkListener, error) { return n.Listen(ctx, network, tcp, c.backlog) }
	default:
		return nil, listenError(network, notInMemory(network))
	}
	if len(c.controls) > 0 {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: at, Err: errNoSocket}
	}
	l, err := listen()
	if c.sharesPort && errors.Is(err, conn.ErrnoInUse) {
		err = errOneSocket
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
