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

// A TLSOption is an option of StartTLSWith, DialTLS, Serve, ServeProtocol and ServeGroup.
type TLSOption interface {
	DialOption
	ServeOption
	setHandshake(timeout *time.Duration)
}

// HandshakeTimeout sets how long the TLS handshake may take: in StartTLSWith and DialTLS,
// and, in Serve, that of each connection which a listener of package tls accepts. 0 means
// the default, a minute; a negative time means no limit. In Python:
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

// shakeHands does the TLS handshake on a connection that needs it, before one task reads
// and another one writes. Otherwise both would begin the handshake, and the second would
// wait for the first in a sync.Mutex, which blocks the loop.
func shakeHands(ctx context.Context, conn net.Conn) error {
	if h, ok := conn.(handshaker); ok {
		return handshake(ctx, h, defaultHandshakeTimeout)
	}
	return nil
}

// handshake does the handshake. In a task it waits on a scope that it opens on ctx; on
// another goroutine it blocks as in any program.
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

// within runs a function on a scope of its own, with a timeout if d is not negative.
func within(ctx context.Context, d time.Duration, fn func(ctx context.Context) error) error {
	if d < 0 {
		return asyncio.WithTimeoutAt(ctx, time.Time{}, fn)
	}
	return asyncio.WithTimeout(ctx, d, fn)
}

// ConnWithReader returns a connection whose Read reads from r, a Reader or a bufio.Reader
// of conn that may have read ahead; everything else goes to conn. Pass the result to a
// function that takes over the connection, such as StartTLS, so that it gets what r has
// read ahead.
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

// NetConn returns the connection beneath, as tls.Conn.NetConn does.
func (c *readConn) NetConn() net.Conn { return c.Conn }
