package streams

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file is for loops that cannot wait for descriptors. There, a goroutine reads from
// the connection of package net for a task. If the task is canceled meanwhile, the next
// reader, a task or another goroutine, gets what that goroutine has read.

// sharedThreads is what goroutines have read for tasks.
type sharedThreads struct {
	conn    net.Conn
	mu      sync.Mutex
	reading chan struct{} // closed when the read that is going on has ended; nil: none is
	buffer  []byte        // belongs to the read that is going on
	rest    []byte        // of the buffer, what no one has taken
	err     error         // what came with that
}

// maxRead is how much is read for a task at once, and maxWrite is written.
const maxRead, maxWrite = 32 << 10, 32 << 10

// threadsInUse returns what goroutines have read for tasks; nil: none ever has.
func (s *sharedConn) threadsInUse() *sharedThreads { return s.threads.Load() }

// threadedEnd opens an end for a loop. The caller holds mu.
func (s *sharedConn) threadedEnd(l *engine.Loop) conn.Stream {
	if s.threads.Load() == nil {
		s.threads.Store(&sharedThreads{conn: s.net})
	}
	e := &threadedEnd{conn: s, threads: s.threads.Load(), loop: l}
	e.in.Init(l)
	e.out.Init(l)
	l.AtEnd(e)
	return e
}

// take takes what was read. ok is false if there is nothing.
func (t *sharedThreads) take(p []byte) (n int, err error, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(t.rest) > 0:
		n = copy(p, t.rest)
		t.rest = t.rest[n:]
		return n, nil, true
	case t.err != nil:
		err, t.err = t.err, nil
		return 0, err, true
	default:
		return 0, nil, false
	}
}

// begin makes the caller the one who reads, if no one does and nothing was read that no one
// has taken. Otherwise it returns false, and what to wait for; nil: nothing.
func (t *sharedThreads) begin() (ok bool, other <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reading != nil || len(t.rest) > 0 || t.err != nil {
		return false, t.reading
	}
	t.reading = make(chan struct{})
	return true, nil
}

// end lets others read, who get first what the caller leaves.
func (t *sharedThreads) end(rest []byte, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rest, t.err = rest, err
	close(t.reading)
	t.reading = nil
}

// fill reads at most n bytes for a task. If bytes are there already, it does nothing; if
// another goroutine reads, it waits for that. It reports whether the deadline has passed.
func (t *sharedThreads) fill(n int) (late bool) {
	if ok, other := t.begin(); !ok {
		if other != nil {
			<-other
		}
		return false
	}
	if n = min(n, maxRead); cap(t.buffer) < n {
		t.buffer = make([]byte, n)
	}
	n, err := t.conn.Read(t.buffer[:n])
	late = errors.Is(err, os.ErrDeadlineExceeded)
	if late { // the deadline is only for tasks that wait now
		err = nil
	}
	t.end(t.buffer[:n], err)
	return late
}

// read reads on a goroutine that may block. It does not read beside a fill, not even one
// whose task was canceled before it began: what that gets would come too late.
func (t *sharedThreads) read(p []byte) (int, error) {
	for len(p) > 0 {
		if n, err, ok := t.take(p); ok {
			return n, err
		}
		ok, other := t.begin()
		if ok {
			defer t.end(nil, nil)
			break
		}
		if other != nil {
			<-other
		}
	}
	return t.conn.Read(p)
}

// A threadedEnd is the end of one loop. Loop only.
type threadedEnd struct {
	conn    *sharedConn
	threads *sharedThreads
	loop    *engine.Loop
	in      conn.Helper[bool] // whether the deadline has passed
	out     conn.Helper[*threadedWrite]
	reading bool
	closed  bool
	last    *threadedWrite
	buffer  []byte // of what is written
	onClose func(atEnd bool)
}

// NotifyClose makes a threadedEnd a conn.Stream, as the others do.
func (e *threadedEnd) NotifyClose(fn func(atEnd bool)) { e.onClose = fn }

// LoopClosed makes a threadedEnd an engine.Ending.
func (e *threadedEnd) LoopClosed() { e.release(true) }

// Close lets no task wait any longer. The connection is closed by its owner.
func (e *threadedEnd) Close() error {
	if e.closed {
		return net.ErrClosed
	}
	e.loop.NotAtEnd(e)
	e.release(false)
	return nil
}

func (e *threadedEnd) release(atEnd bool) {
	e.closed = true
	e.in.Close()
	e.out.Close()
	e.onClose(atEnd)
}

// SetReadDeadline does nothing: the deadline of the connection ends the goroutine's read.
func (e *threadedEnd) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing, either.
func (e *threadedEnd) SetWriteDeadline(time.Time) error { return nil }

var (
	labelSharedRead  = engine.NewLabel("read")
	labelSharedWrite = engine.NewLabel("write")
)

// Read returns what a goroutine reads, or has read for an earlier call that was canceled.
func (e *threadedEnd) Read(ctx context.Context, p []byte) (int, error) {
	if e.reading {
		return 0, ErrBusy
	}
	e.reading = true
	defer func() { e.reading = false }()
	if err := engine.SpendOn(ctx, "Conn.Read"); err != nil {
		return 0, err
	}
	for !e.closed && len(p) > 0 {
		if n, err, ok := e.threads.take(p); ok {
			return n, conn.WithoutOpError(err)
		}
		if e.conn.late(0) {
			return 0, os.ErrDeadlineExceeded
		}
		late, err := e.in.Call(ctx, "Conn.Read", labelSharedRead, func() (bool, error) { return e.threads.fill(len(p)), nil })
		if err != nil {
			return 0, err
		}
		if late && e.conn.late(0) { // and not at an earlier deadline
			return 0, os.ErrDeadlineExceeded
		}
	}
	if e.closed {
		return 0, net.ErrClosed
	}
	return 0, nil
}

// late reports whether a deadline has passed by the real clock.
func (c *sharedCore[E]) late(direction int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.deadlines[direction]
	return !t.IsZero() && !t.After(time.Now())
}

// A threadedWrite is a piece that a goroutine writes for a task.
type threadedWrite struct {
	conn  net.Conn
	bytes []byte

	mu    sync.Mutex
	state writeState
	n     int
	err   error
	after func() // called when it is written; nil: the task waits for that
}

type writeState uint8

const (
	writePending writeState = iota
	writeRunning
	writeDone
	writeDropped // before it has begun
)

// write writes the piece, on a goroutine.
func (w *threadedWrite) write() {
	w.mu.Lock()
	if w.state == writeDropped {
		w.mu.Unlock()
		return
	}
	w.state = writeRunning
	w.mu.Unlock()
	n, err := w.conn.Write(w.bytes)
	w.mu.Lock()
	w.state, w.n, w.err = writeDone, n, err
	after := w.after
	w.mu.Unlock()
	if after != nil {
		after()
	}
}

// cut is called when the task no longer waits, because it was canceled. It returns how
// much is written, or will be.
func (w *threadedWrite) cut() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.state {
	case writePending:
		w.state = writeDropped
		return 0
	case writeDone:
		return w.n
	default:
		return len(w.bytes)
	}
}

// failed returns the error of a piece whose task did not wait for it, once.
func (w *threadedWrite) failed() (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	err, w.err = w.err, nil
	return err
}

// leaveLater lets the goroutine that still writes call leave. It returns false if none
// does.
func (e *threadedEnd) leaveLater(leave func()) bool {
	w := e.last
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.state != writeRunning {
		return false
	}
	w.after = leave
	return true
}

// Write writes in pieces. If the task is canceled, the piece that the goroutine has been
// given counts as written. The caller is at the gate, so that no other piece is being
// written.
func (e *threadedEnd) Write(ctx context.Context, p []byte) (n int, err error) {
	if e.last != nil {
		if err := e.last.failed(); err != nil {
			return 0, conn.WithoutOpError(err)
		}
	}
	for {
		m, err := e.writePiece(ctx, p[n:min(len(p), n+maxWrite)])
		if n += m; err != nil || n == len(p) {
			return n, conn.WithoutOpError(err)
		}
	}
}

func (e *threadedEnd) writePiece(ctx context.Context, p []byte) (int, error) {
	e.buffer = append(e.buffer[:0], p...)
	w := &threadedWrite{conn: e.conn.net, bytes: e.buffer}
	e.last = w
	for {
		done, err := e.out.Call(ctx, "Conn.Write", labelSharedWrite, func() (*threadedWrite, error) {
			w.write()
			return w, nil
		})
		if err != nil {
			return w.cut(), err
		}
		if done == w { // and not an earlier one, whose task was canceled
			return w.n, w.failed()
		}
	}
}

// WriteBuffers writes one part after the other.
func (e *threadedEnd) WriteBuffers(ctx context.Context, v *net.Buffers) (n int64, err error) {
	return v.WriteTo(writerFunc(func(p []byte) (int, error) { return e.Write(ctx, p) }))
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

var _ io.Writer = writerFunc(nil)

// CloseRead, CloseWrite and the options are the connection's.
func (e *threadedEnd) CloseRead() error { return e.conn.CloseRead() }

func (e *threadedEnd) CloseWrite() error { return e.conn.CloseWrite() }

func (e *threadedEnd) TCPOptions() conn.TCPOptions { return nil }

func (e *threadedEnd) SetReadBuffer(bytes int) error { return e.conn.SetReadBuffer(bytes) }

func (e *threadedEnd) SetWriteBuffer(bytes int) error { return e.conn.SetWriteBuffer(bytes) }

// SyscallConn returns a raw connection whose calls wait on a goroutine, if they have to.
func (e *threadedEnd) SyscallConn(ctx context.Context) (syscall.RawConn, error) {
	raw, err := rawOf(e.conn.net)
	return threadedRaw{raw, ctx}, err
}

type threadedRaw struct {
	syscall.RawConn
	ctx context.Context
}

func (r threadedRaw) Read(f func(fd uintptr) bool) error { return r.call(f, r.RawConn.Read) }

func (r threadedRaw) Write(f func(fd uintptr) bool) error { return r.call(f, r.RawConn.Write) }

// call makes the first call of f at once. When the task has been canceled, f is not
// called again.
func (r threadedRaw) call(f func(fd uintptr) bool, wait func(func(fd uintptr) bool) error) error {
	done := false
	if err := r.Control(func(fd uintptr) { done = f(fd) }); err != nil || done {
		return err
	}
	_, err := asyncio.ToThread(r.ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, wait(func(fd uintptr) bool { return ctx.Err() != nil || f(fd) })
	})
	return err
}
