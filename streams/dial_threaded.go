package streams

import (
	"context"
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// newThreadedConn gives the loop a connection that the loop itself cannot wait for.
func newThreadedConn(owner *conn.Owner, c net.Conn) *Conn {
	end := conn.NewThreadedStream(owner.Core(), c)
	network := ""
	if local := c.LocalAddr(); local != nil { // some kinds of connections have no local address
		network = local.Network()
	}
	return newConn(owner, end, network, c.LocalAddr(), c.RemoteAddr())
}

// connectThreaded makes a TCP connection with package net, on a goroutine.
func (d *dialer) connectThreaded(ctx context.Context, owner *conn.Owner, network string, to *net.TCPAddr) (*Conn, error) {
	var h conn.Helper[net.Conn]
	h.Init(owner.Core())
	h.Discard = func(c net.Conn) { _ = c.Close() }
	defer h.Close()
	off, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	plainDialer := net.Dialer{LocalAddr: d.local}
	c, err := h.Call(ctx, "Dial", labelDial, func() (net.Conn, error) {
		return plainDialer.DialContext(off, network, to.String())
	})
	if err != nil {
		return nil, conn.WithoutOpError(err)
	}
	return newThreadedConn(owner, c), nil
}

var labelDial = engine.NewLabel("dial")
