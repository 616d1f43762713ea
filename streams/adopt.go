package streams

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// Adopt gives a connection of another kind to the loop, which owns it from then
// on: read, write and close only what Adopt returns. A Conn of the loop is
// returned as it is.
//
//   - A connection of package net hands its descriptor over, and is closed.
//   - A tls.Conn on a Conn of the loop may then be read by one task while others
//     write it; see below. So may what reads ahead from it, which ConnWithReader
//     has made.
//   - Any other, whose methods may block, is read and written by goroutines for
//     the tasks, at the price of a switch of goroutines. Close and CloseWrite do
//     not wait for them. If one of its methods panics or calls runtime.Goexit,
//     that ends as it does in asyncio.ToThread.
//
// While a Write of a tls.Conn waits for a slow peer, crypto/tls holds a
// sync.Mutex, which a Read takes that has to answer the peer, with an alert or
// with new keys. On a loop, such a Read would wait for it with all other tasks: a
// peer that sends such a thing and reads nothing would stop the loop for ever.
// Adopt keeps what crypto/tls writes until the peer takes it, and lets Write wait
// where no mutex is held. A Write that was cut has written what it says, and the
// connection can be written on; Close says goodbye, for which it takes 5 s at the
// most in the background.
//
// Adopt does not suspend. Outside a loop it returns asyncio.ErrNoRunningLoop,
// and conn stays as it is; if it fails otherwise, conn is closed. In Python: the
// sock argument of asyncio.open_connection, loop.connect_accepted_socket.
func Adopt(ctx context.Context, conn net.Conn) (*Conn, error) {
	if conn == nil {
		panic("streams: Adopt(nil): pass the connection that the loop is to have")
	}
	return onLoop(ctx, "Adopt", adoption{conn}.open)
}

// An adoption is one call of Adopt.
type adoption struct{ net.Conn }

func (a adoption) open(_ context.Context, owner *conn.Owner) (*Conn, error) {
	if own, ok := a.Conn.(*Conn); ok && own.ok() && own.h.Owner.Core() == owner.Core() {
		return own, nil
	}
	if duplex := newTLSConn(owner.Core(), a.Conn); duplex != nil {
		return duplex, nil
	}
	return takeForeign(owner, a.Conn)
}

// takeForeign gives a connection of any kind to the loop.
func takeForeign(owner *conn.Owner, conn net.Conn) (*Conn, error) {
	if own, ok := conn.(*Conn); ok && !own.ok() {
		return nil, os.ErrInvalid
	}
	switch conn.(type) {
	case *net.TCPConn, *net.UnixConn, *net.UDPConn: // to close one does not block
		return takeConn(owner, conn)
	default:
		return newThreadedConn(owner, offLoopCloser{conn, owner}), nil
	}
}

// An offLoopCloser is a connection that is closed on another goroutine, because
// its Close may block.
type offLoopCloser struct {
	net.Conn
	owner *conn.Owner
}

// longestGoodbye bounds how long saying goodbye may take.
const longestGoodbye = 5 * time.Second

func (c offLoopCloser) Close() error {
	c.later(func() error {
		if outer, ok := c.Conn.(interface{ NetConn() net.Conn }); ok { // crypto/tls sets no limit to waiting for the mutex
			defer time.AfterFunc(longestGoodbye, func() { _ = outer.NetConn().Close() }).Stop()
		}
		return c.Conn.Close()
	})
	return nil
}

func (c offLoopCloser) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	c.later(half.CloseWrite)
	return nil
}

// later makes a call on another goroutine and does not wait for it.
func (c offLoopCloser) later(call func() error) {
	u := new(unattended)
	u.Start(c.owner.Core(), u, func() (struct{}, error) { return struct{}{}, call() })
}

// An unattended call is one that no one waits for.
type unattended struct{ engine.Call[struct{}] }

// Fire makes an unattended call an engine.Work.
func (*unattended) Fire() {}

// Drop makes an unattended call an engine.Work.
func (*unattended) Drop() {}
