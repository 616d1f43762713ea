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
//   - Adopt takes over the descriptor of a connection of package net, and closes that
//     connection.
//   - One task may then read a tls.Conn on a Conn of the loop while others write to it;
//     see below. The same holds for a connection that ConnWithReader has made from such a
//     tls.Conn.
//   - The methods of any other connection may block, so goroutines read and write it for
//     the tasks, which costs a switch of goroutines for each call. Close and CloseWrite
//     do not wait for these goroutines. A panic or a runtime.Goexit in one of its methods
//     ends as it does in asyncio.ToThread.
//
// While a Write of a tls.Conn waits for a slow peer, crypto/tls holds a sync.Mutex. A
// Read that has to answer the peer, with an alert or with new keys, takes the same mutex.
// On a loop, such a Read would block all tasks: a peer that makes the Read answer, and
// itself reads nothing, would stop the loop for ever. So Adopt keeps what crypto/tls
// writes until the peer takes it, and lets Write wait where no mutex is held. After a
// Write that was canceled or that met its deadline, n is right, and the connection can
// still be written to. Close tells the peer about the end (close_notify) in the
// background, and takes 5 s at the most for it.
//
// Adopt does not suspend. Outside a loop it returns asyncio.ErrNoRunningLoop and leaves
// conn as it is; after any other error conn is closed. In Python: the sock argument of
// asyncio.open_connection, loop.connect_accepted_socket.
func Adopt(ctx context.Context, conn net.Conn) (*Conn, error) {
	if conn == nil {
		panic("streams: Adopt(nil): pass the connection that the loop is to have")
	}
	return onLoop(ctx, "Adopt", adoption{conn}.open)
}

// An adoption holds the connection during one call of Adopt.
type adoption struct{ net.Conn }

func (a adoption) open(_ context.Context, owner *conn.Owner) (*Conn, error) {
	if own, ok := a.Conn.(*Conn); ok && own.ok() && own.h.Owner.Core() == owner.Core() {
		return own, nil
	}
	if err := refuseOfSystem(owner, a.Conn); err != nil {
		_ = a.Close()
		return nil, &net.OpError{Op: "adopt", Net: a.LocalAddr().Network(), Addr: a.RemoteAddr(), Err: err}
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
	case *net.TCPConn, *net.UnixConn, *net.UDPConn: // closing one of these does not block
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

// longestGoodbye bounds how long the Close of a tls.Conn may try to send its
// close_notify, which this package calls the goodbye.
const longestGoodbye = 5 * time.Second

func (c offLoopCloser) Close() error {
	c.later(func() error {
		if outer, ok := c.Conn.(interface{ NetConn() net.Conn }); ok { // Close of crypto/tls waits for the mutex without a limit
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
