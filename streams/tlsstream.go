package streams

import (
	"context"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A tlsStream is the endpoint of a Conn on top of a tls.Conn, which is on a Conn of the
// loop. Several tasks may use it at once; on the tls.Conn itself they would wait for a
// sync.Mutex, which would block the loop.
type tlsStream struct {
	*bufferedStream          // beneath
	conn            net.Conn // the tls.Conn, or what reads ahead from it
	tls             tlsConn
	shaken          bool
	shaking         asyncio.Lock
	writing         asyncio.Lock
	reading         bool
}

// A tlsConn is a tls.Conn, or the like.
type tlsConn interface {
	handshaker
	closeWriter
}

// tlsPiece is how many bytes are handed to a tls.Conn at once. It bounds what is kept
// while the peer is slow.
const tlsPiece = 64 << 10

// newTLSConn returns a Conn for a TLS connection that is on a Conn of the loop; nil
// if conn is anything else.
func newTLSConn(l *engine.Loop, conn net.Conn) *Conn {
	var t tlsConn
	raw := beneath(conn, func(c net.Conn) {
		if found, ok := c.(tlsConn); ok && t == nil {
			t = found
		}
	})
	if t == nil || raw == nil || raw.h.Owner.Core() != l {
		return nil
	}
	duplex := newConn(raw.h.Owner, &tlsStream{bufferedStream: newBufferedStream(raw), conn: conn, tls: t}, raw.h.network, raw.h.local, raw.h.remote)
	duplex.h.below = raw.h
	return duplex
}

// beneath calls NetConn again and again until it comes to a Conn, and returns that; nil:
// there is none. It calls show for each connection above the Conn.
func beneath(conn net.Conn, show func(net.Conn)) *Conn {
	for {
		if own, ok := conn.(*Conn); ok {
			if !own.ok() {
				return nil
			}
			return own
		}
		show(conn)
		outer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = outer.NetConn()
	}
}

// shake does the handshake, unless it is done.
func (s *tlsStream) shake(ctx context.Context) error {
	if s.shaken {
		return nil
	}
	return s.shaking.With(ctx, func() error {
		s.readOn = ctx
		err := s.tls.Handshake()
		s.shaken = err == nil
		return err
	})
}

func (s *tlsStream) Read(ctx context.Context, p []byte) (n int, err error) {
	if s.reading {
		return 0, ErrBusy
	}
	s.reading = true
	defer func() { s.reading = false }()
	if err = engine.SpendOn(ctx, "Conn.Read"); err != nil { // crypto/tls may have it already
		return 0, err
	}
	if err = s.shake(ctx); err == nil {
		s.readOn = ctx
		n, err = s.conn.Read(p)
	}
	return n, inner("read", err)
}

func (s *tlsStream) Write(ctx context.Context, p []byte) (int, error) {
	n, err := s.WriteBuffers(ctx, &net.Buffers{p})
	return int(n), err
}

func (s *tlsStream) WriteBuffers(ctx context.Context, v *net.Buffers) (n int64, err error) {
	if err := s.shake(ctx); err != nil {
		return 0, inner("write", err)
	}
	err = s.writing.With(ctx, func() error {
		n, err = v.WriteTo(tlsWriter{ctx, s})
		return err
	})
	return n, inner("write", err)
}

// A tlsWriter writes in the task that holds the lock for writing.
type tlsWriter struct {
	ctx context.Context
	*tlsStream
}

// Write counts what crypto/tls has taken as written, for it will be sent.
func (w tlsWriter) Write(p []byte) (n int, err error) {
	err = w.drain(w.ctx) // what is left of an earlier write, which was canceled
	for err == nil && n < len(p) {
		var m int
		m, err = w.conn.Write(p[n:min(len(p), n+tlsPiece)])
		n += m
		if err == nil {
			err = w.drain(w.ctx)
		}
		if err == nil {
			err = engine.SpendOn(w.ctx, "Conn.Write")
		}
	}
	return n, err
}

// inner unwraps the OpError of the connection beneath, because the caller wraps the error
// in an OpError of its own.
func inner(op string, err error) error {
	if e, ok := err.(*net.OpError); ok && e.Op == op {
		return e.Err
	}
	return err
}

// SetWriteDeadline sets the deadline of calls that wait in Write. (In a bufferedStream it
// does nothing.)
func (s *tlsStream) SetWriteDeadline(t time.Time) error {
	if s.out.IsClosing() {
		return net.ErrClosed
	}
	s.line.SetDeadline(s.loop, t)
	return nil
}

func (s *tlsStream) CloseWrite() error { return inner("write", s.tls.CloseWrite()) }

// Close sends the goodbye, and does not wait until it is sent. Only its own time limit
// and the end of the loop end the sending early.
func (s *tlsStream) Close() error {
	if s.out.IsClosing() {
		return net.ErrClosed
	}
	return inner("close", s.conn.Close())
}
