package streams

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A bridge is an endpoint on a connection that the loop cannot wait for.
type bridge struct {
	*aio.Bridge
	conn net.Conn
}

func newBridge(home *aio.Home, conn net.Conn) bridge {
	return bridge{aio.OpenBridge(home.Core(), conn), conn}
}

// bridgeConn makes a connection of package net one of the loop.
func bridgeConn(home *aio.Home, conn net.Conn) *Conn {
	return newConn(home, newBridge(home, conn), conn.LocalAddr().Network(), conn.LocalAddr(), conn.RemoteAddr())
}

func (b bridge) CloseRead() error {
	if c, ok := b.conn.(interface{ CloseRead() error }); ok {
		b.EndInput()
		return plain(c.CloseRead())
	}
	return errors.ErrUnsupported
}

func (b bridge) CloseWrite() error {
	if c, ok := b.conn.(interface{ CloseWrite() error }); ok {
		return plain(c.CloseWrite())
	}
	return errors.ErrUnsupported
}

func (b bridge) Read(ctx context.Context, p []byte) (int, error) {
	n, err := b.Bridge.Read(ctx, p)
	return n, plain(err)
}

func (b bridge) Write(ctx context.Context, p []byte) (int, error) {
	n, err := b.Bridge.Write(ctx, p)
	return n, plain(err)
}

// plain takes package net's OpError off an error, which gets one of ours.
func plain(err error) error {
	if e, ok := err.(*net.OpError); ok {
		return e.Err
	}
	return err
}

// Options makes a bridge an endpoint.
func (b bridge) Options() options {
	o, _ := b.conn.(options)
	return o
}

// SyscallConn makes a bridge an endpoint.
func (b bridge) SyscallConn(ctx context.Context) (syscall.RawConn, error) {
	return rawBridgeOf(ctx, b.conn)
}

func rawBridgeOf(ctx context.Context, conn any) (syscall.RawConn, error) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	raw, err := c.SyscallConn()
	return rawBridge{ctx, raw}, err
}

// A rawBridge waits beside the loop.
type rawBridge struct {
	ctx context.Context
	syscall.RawConn
}

func (r rawBridge) Read(f func(fd uintptr) bool) error  { return r.wait(r.RawConn.Read, f) }
func (r rawBridge) Write(f func(fd uintptr) bool) error { return r.wait(r.RawConn.Write, f) }

func (r rawBridge) wait(call func(func(uintptr) bool) error, f func(fd uintptr) bool) error {
	_, err := asyncio.ToThread(r.ctx, func(context.Context) (int, error) { return 0, call(f) })
	return plain(err)
}

const labelAccept = engine.Label("accept")

// A bridgeAcceptor is an acceptor on a listener that the loop cannot wait for.
type bridgeAcceptor struct {
	aio.Helper[net.Conn]
	closings
	home     *aio.Home
	listener net.Listener
	closed   bool
}

func newBridgeAcceptor(home *aio.Home, l net.Listener) *bridgeAcceptor {
	a := &bridgeAcceptor{home: home, listener: l}
	a.Init(home.Core())
	a.Discard = func(c net.Conn) { _ = c.Close() }
	home.Core().AtEnd(a)
	return a
}

// acceptPlain returns a connection as the listener makes it.
func (a *bridgeAcceptor) acceptPlain(ctx context.Context) (net.Conn, error) {
	conn, err := a.Call(ctx, "Listener.Accept", labelAccept, a.listener.Accept)
	return conn, plain(err)
}

// Accept makes a bridgeAcceptor an acceptor.
func (a *bridgeAcceptor) Accept(ctx context.Context) (arrival, error) {
	conn, err := a.acceptPlain(ctx)
	return arrival{conn: conn}, err
}

func (a *bridgeAcceptor) open(home *aio.Home, arrived arrival) (*Conn, error) {
	return bridgeConn(home, arrived.conn), nil
}

func (a *bridgeAcceptor) SetReadDeadline(t time.Time) error { return a.SetDeadline(t) }

// LoopClosed makes a bridgeAcceptor an engine.Ending.
func (a *bridgeAcceptor) LoopClosed() { _ = a.release() }

func (a *bridgeAcceptor) Close() error {
	if a.closed {
		return net.ErrClosed
	}
	a.home.Core().NotAtEnd(a)
	return a.release()
}

func (a *bridgeAcceptor) release() error {
	a.closed = true
	a.Helper.Close()
	err := plain(a.listener.Close())
	a.haveClosed()
	return err
}

// bridgeListener makes a listener of package net one of the loop.
func bridgeListener(home *aio.Home, l net.Listener) *Listener {
	return &Listener{link: link{home: home, network: l.Addr().Network(), local: l.Addr()}, accepts: newBridgeAcceptor(home, l)}
}

// connectBridge makes a TCP connection with package net, beside the loop.
func (d *dialer) connectBridge(ctx context.Context, home *aio.Home, network string, to *net.TCPAddr) (*Conn, error) {
	var h aio.Helper[net.Conn]
	h.Init(home.Core())
	h.Discard = func(c net.Conn) { _ = c.Close() }
	defer h.Close()
	off, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	plainDialer := net.Dialer{LocalAddr: d.local}
	conn, err := h.Call(ctx, "Dial", "dial", func() (net.Conn, error) {
		return plainDialer.DialContext(off, network, to.String())
	})
	if err != nil {
		return nil, plain(err)
	}
	return bridgeConn(home, conn), nil
}
