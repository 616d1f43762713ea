package streams

import (
	"cmp"
	"context"
	"io"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

const defaultHandshakeTimeout = time.Minute

// A TLSOption is an option of StartTLSWith, of DialTLS, and of Serve and its kin.
type TLSOption interface {
	DialOption
	ServeOption
	setHandshake(timeout *time.Duration)
}

// HandshakeTimeout sets how long the handshake may take: of StartTLSWith and
// DialTLS, and, with Serve, of the connections that a Listener of package tls
// accepts. 0 is the default, a minute; a negative time is no limit. In Python:
// ssl_handshake_timeout.
func HandshakeTimeout(d time.Duration) TLSOption {
	return handshakeTimeout(cmp.Or(d, defaultHandshakeTimeout))
}

type handshakeTimeout time.Duration

func (t handshakeTimeout) setDialer(d *dialer)                 { t.setHandshake(&d.handshake) }
func (t handshakeTimeout) setServer(s *server)                 { t.setHandshake(&s.handshake) }
func (t handshakeTimeout) setHandshake(timeout *time.Duration) { *timeout = time.Duration(t) }

// A handshaker is a tls.Conn, or the like.
type handshaker interface {
	Handshake() error
	HandshakeContext(ctx context.Context) error
}

// shakeHands does so on a connection that needs it, before one task reads and
// another one writes: both would shake hands then, and the second would wait for
// the first in a sync.Mutex, which blocks the loop.
func shakeHands(ctx context.Context, conn net.Conn) error {
	if h, ok := conn.(handshaker); ok {
		return handshake(ctx, h, defaultHandshakeTimeout)
	}
	return nil
}

// handshake waits on a scope that it opens on ctx, in a task; on another
// goroutine, as any program would.
func handshake(ctx context.Context, conn handshaker, timeout time.Duration) error {
	if l := engine.LoopOf(ctx); l == nil || !l.OnLoop() {
		if timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		return conn.HandshakeContext(ctx)
	}
	return within(ctx, timeout, func(context.Context) error { return conn.Handshake() })
}

// within runs a function under a timeout, if that is not negative, and on a scope
// of its own in any case.
func within(ctx context.Context, d time.Duration, fn func(ctx context.Context) error) error {
	if d < 0 {
		return asyncio.WithTimeoutAt(ctx, time.Time{}, fn)
	}
	return asyncio.WithTimeout(ctx, d, fn)
}

// ConnWithReader returns a connection that is read through r, which reads from
// conn: a Reader or a bufio.Reader that may have read ahead. It is for what
// takes over a connection, as StartTLS does.
func ConnWithReader(conn net.Conn, r io.Reader) net.Conn {
	if conn == nil || r == nil {
		panic("streams: ConnWithReader with a nil connection or reader: pass the connection, and what has read ahead from it")
	}
	return &readConn{conn, r}
}

type readConn struct {
	net.Conn
	from io.Reader
}

func (c *readConn) Read(p []byte) (int, error) { return c.from.Read(p) }

// NetConn returns what it reads from in the end, as tls.Conn.NetConn does.
func (c *readConn) NetConn() net.Conn { return c.Conn }
