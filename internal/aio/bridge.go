package aio

import (
	"cmp"
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Bridge lets the tasks of a loop read and write what would block it, with
// the help of goroutines. It is what an FD is where the loop cannot wait for
// descriptors, and for connections that have none. Loop only.
type Bridge struct {
	loop    *engine.Loop
	conn    io.ReadWriteCloser
	closed  bool
	onClose func(atEnd bool) // nil: no one wants to know

	in      Helper[int]
	input   []byte      // what is read into
	rest    []byte      // of it, what has not been returned
	restErr error       // what came with that
	ended   atomic.Bool // the input: by EndInput. The helper looks at it.

	out    Helper[int]
	turn   turn   // of those who write
	output []byte // what the helper writes
}

// So much is read or written at once.
const bridgeBuffer = 32 << 10

// OpenBridge makes conn, which may block, one of the loop. It is closed with
// the loop, if not before.
func OpenBridge(l *engine.Loop, conn io.ReadWriteCloser) *Bridge {
	b := &Bridge{loop: l, conn: conn}
	b.in.Init(l)
	b.out.Init(l)
	l.AtEnd(b)
	return b
}

// Conn returns what it was made of.
func (b *Bridge) Conn() io.ReadWriteCloser { return b.conn }

// Closed reports whether it is closed.
func (b *Bridge) Closed() bool { return b.closed }

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (b *Bridge) SetReadDeadline(t time.Time) error { return b.in.SetDeadline(t) }

// SetWriteDeadline sets when writes do.
func (b *Bridge) SetWriteDeadline(t time.Time) error { return b.out.SetDeadline(t) }

// LoopClosed makes a Bridge an engine.Ending.
func (b *Bridge) LoopClosed() { _ = b.release(true) }

// NotifyClose is that of an FD.
func (b *Bridge) NotifyClose(fn func(atEnd bool)) { b.onClose = fn }

// Close closes the connection. Whoever waits for it goes on with net.ErrClosed,
// which is also what Close returns the second time.
func (b *Bridge) Close() error {
	if b.closed {
		return net.ErrClosed
	}
	b.loop.NotAtEnd(b)
	return b.release(false)
}

func (b *Bridge) release(atEnd bool) error {
	b.closed = true
	b.in.Close()
	b.out.Close()
	b.turn.waiters.WakeAll()
	if b.onClose != nil {
		b.onClose(atEnd)
	}
	return b.conn.Close()
}

// EndInput makes reads return io.EOF, also one that waits. What was read before
// that, and not returned, comes first. It is called before the connection's
// reading half is closed: systems do not agree on what a read says then, and
// one that waits need not notice.
func (b *Bridge) EndInput() {
	b.ended.Store(true)
	if !b.in.line.Empty() {
		b.in.keep(0, io.EOF)
	}
}

// Read is that of an FD. A read that is cut goes on, and what it reads is for
// the next.
func (b *Bridge) Read(ctx context.Context, p []byte) (int, error) {
	if !b.in.line.Empty() {
		return 0, ErrBusy
	}
	if len(b.rest) > 0 || b.restErr != nil || len(p) == 0 {
		if _, err := b.in.begin(ctx, "Conn.Read"); err != nil {
			return 0, err
		}
		return b.takeRest(p)
	}
	if b.ended.Load() && !b.in.kept {
		_, err := b.in.begin(ctx, "Conn.Read")
		return 0, cmp.Or(err, io.EOF)
	}
	n, err := b.in.Call(ctx, "Conn.Read", labelRead, b.fill(len(p)))
	if err != nil && n == 0 {
		return 0, err
	}
	b.rest, b.restErr = b.input[:n], err
	return b.takeRest(p)
}

// fill returns the call that reads up to n bytes into the buffer.
func (b *Bridge) fill(n int) func() (int, error) {
	return func() (int, error) {
		if n = min(n, bridgeBuffer); cap(b.input) < n {
			b.input = make([]byte, n)
		}
		n, err := b.conn.Read(b.input[:n])
		if err != nil && b.ended.Load() {
			err = io.EOF
		}
		return n, err
	}
}

func (b *Bridge) takeRest(p []byte) (int, error) {
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	err := b.restErr
	b.restErr = nil
	return 0, err
}

// Write is that of an FD. What was handed to the helper when it is cut counts
// as written.
func (b *Bridge) Write(ctx context.Context, p []byte) (int, error) {
	n, err := b.WriteBuffers(ctx, &net.Buffers{p})
	return int(n), err
}

// WriteBuffers is that of an FD.
func (b *Bridge) WriteBuffers(ctx context.Context, v *net.Buffers) (n int64, err error) {
	w, err := b.out.begin(ctx, "Conn.Write")
	if err != nil {
		return 0, err
	}
	if err := b.turn.take(w, labelWrite); err != nil {
		return 0, err
	}
	defer b.turn.end()
	if _, err := b.flush(w); err != nil { // of an earlier write, which was cut
		return 0, err
	}
	for {
		skipEmpty(v)
		if len(*v) == 0 {
			return n, nil
		}
		m := b.put((*v)[0])
		consume(v, m)
		failed, err := b.flush(w)
		n += int64(m - failed)
		if err != nil {
			return n, err
		}
	}
}

// flush waits until the helper has written what it has, and returns how much
// of that it could not write.
func (b *Bridge) flush(w *engine.Wait) (failed int, err error) {
	for {
		if err := b.out.check(); err != nil {
			return 0, err
		}
		if b.out.kept {
			m, err := b.out.take()
			failed = len(b.output) - m
			return failed, err
		}
		if !b.out.running {
			return 0, nil
		}
		if err := b.out.park(w, labelWrite); err != nil {
			return 0, err
		}
	}
}

// put hands as much of p to the helper as it takes.
func (b *Bridge) put(p []byte) int {
	p = p[:min(len(p), bridgeBuffer)]
	b.output = append(b.output[:0], p...)
	b.out.start(func() (int, error) { return b.conn.Write(b.output) })
	return len(p)
}
