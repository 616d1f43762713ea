package streams

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/door"
)

// Adopt makes a connection of another kind one of the loop, which owns it from
// then on. One of package net hands its descriptor over, and is closed itself.
// Any other, whose methods may block, is read and written by goroutines for the
// tasks, at the price of a switch of goroutines; Close and CloseWrite do not
// wait for them. A Conn of the loop is returned as it is.
//
// Adopt does not suspend. Outside a loop it returns asyncio.ErrNoRunningLoop, and
// conn stays as it is; if it fails otherwise, conn is closed. In Python: the sock argument of
// asyncio.open_connection, loop.connect_accepted_socket.
//
// It is also what makes a tls.Conn safe for two tasks, of which one reads while
// the other one writes. While a Write waits for a slow peer, crypto/tls holds a
// sync.Mutex; a Read that has to answer the peer, with an alert or with new keys,
// waits for that, and with it the loop. So a peer that sends such a thing and
// reads nothing would stop the loop for ever. With Adopt, only the goroutines
// wait:
//
//	secure, err := streams.StartTLS(ctx, conn, config, streams.Server)
//	...
//	duplex, err := streams.Adopt(ctx, secure)
func Adopt(ctx context.Context, conn net.Conn) (*Conn, error) {
	if conn == nil {
		panic("streams: Adopt(nil): pass the connection that the loop is to have")
	}
	return onLoop(ctx, "Adopt", func(_ context.Context, home *aio.Home) (*Conn, error) {
		if own, ok := conn.(*Conn); ok && own.home.Core() == home.Core() {
			return own, nil
		}
		switch conn.(type) {
		case *net.TCPConn, *net.UnixConn, *net.UDPConn: // to close one does not block
			return takeConn(home, conn)
		default:
			return bridgeConn(home, besideLoop{conn, home}), nil
		}
	})
}

// A besideLoop is a connection that is not closed on the loop, for that may
// block it.
type besideLoop struct {
	net.Conn
	home *aio.Home
}

// So long saying goodbye may take.
const longestGoodbye = 5 * time.Second

func (c besideLoop) Close() error {
	c.later(func() {
		if outer, ok := c.Conn.(interface{ NetConn() net.Conn }); ok { // crypto/tls sets no limit to waiting for the mutex
			defer time.AfterFunc(longestGoodbye, func() { _ = outer.NetConn().Close() }).Stop()
		}
		_ = c.Conn.Close()
	})
	return nil
}

func (c besideLoop) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	c.later(func() { _ = half.CloseWrite() })
	return nil
}

// later makes a call on a goroutine, for which no one waits.
func (c besideLoop) later(call func()) {
	core := c.home.Core()
	door.CountOutside(core, 1)
	go func() {
		defer door.CountOutside(core, -1)
		call()
	}()
}
