package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Threaded makes something with blocking calls usable on a loop: goroutines make the
// calls while the tasks that ask for them are suspended. It takes the place of an FD
// where the loop cannot wait for descriptors, and for connections without a descriptor. T
// is the type of what one call reads. Loop only.
type Threaded[T any] struct {
	closeNotifier
	loop    *engine.Loop
	blocker io.Closer // what it was made of
	closed  bool
	in      Helper[T]
	out     Helper[int]
	turn    turn // of those who write
}

// Init gives the blocker to the loop. The end of the loop closes it if nothing
// has before.
func (t *Threaded[T]) Init(l *engine.Loop, blocker io.Closer) {
	t.loop, t.blocker = l, blocker
	t.in.Init(l)
	t.out.Init(l)
	l.AtEnd(t)
}

// DiscardWith sets a function that cleans up what was read for a task that no
// longer waits, if no other read takes it. Any goroutine may call it.
func (t *Threaded[T]) DiscardWith(fn func(T)) { t.in.Discard = fn }

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (t *Threaded[T]) SetReadDeadline(when time.Time) error { return t.in.SetDeadline(when) }

// SetWriteDeadline sets when writes do.
func (t *Threaded[T]) SetWriteDeadline(when time.Time) error { return t.out.SetDeadline(when) }

// ReadCall makes a call that reads. If the wait is cut, the call goes on, and the
// next ReadCall gets its result.
func (t *Threaded[T]) ReadCall(ctx context.Context, op string, why engine.Label, call func() (T, error)) (T, error) {
	value, err := t.in.Call(ctx, op, why, call)
	return value, WithoutOpError(err)
}

// WriteCall makes a call that writes at once, beside others. If the wait is cut,
// the call goes on.
func (t *Threaded[T]) WriteCall(ctx context.Context, call func() (int, error)) error {
	if err := t.out.check(); err != nil {
		return err
	}
	_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return call() })
	return WithoutOpError(err)
}

// LoopClosed makes a Threaded an engine.Ending.
func (t *Threaded[T]) LoopClosed() { _ = t.release(true) }

// Close closes the blocker. Operations that wait return net.ErrClosed, and so
// does a second Close.
func (t *Threaded[T]) Close() error {
	if t.closed {
		return net.ErrClosed
	}
	t.loop.NotAtEnd(t)
	return t.release(false)
}

func (t *Threaded[T]) release(atEnd bool) error {
	t.closed = true
	t.in.Close()
	t.out.Close()
	t.turn.waiters.WakeAll()
	err := WithoutOpError(t.blocker.Close())
	t.notifyClosed(atEnd)
	return err
}

// SetReadBuffer makes a Threaded BufferOptions, if its blocker is.
func (t *Threaded[T]) SetReadBuffer(bytes int) error {
	return t.setBuffer(BufferOptions.SetReadBuffer, bytes)
}

// SetWriteBuffer makes a Threaded BufferOptions.
func (t *Threaded[T]) SetWriteBuffer(bytes int) error {
	return t.setBuffer(BufferOptions.SetWriteBuffer, bytes)
}

func (t *Threaded[T]) setBuffer(set func(o BufferOptions, bytes int) error, bytes int) error {
	o, ok := t.blocker.(BufferOptions)
	switch {
	case t.closed:
		return net.ErrClosed
	case !ok:
		return errors.ErrUnsupported
	}
	return WithoutOpError(set(o, bytes))
}

// SyscallConn returns the raw connection of the blocker, if that has one.
func (t *Threaded[T]) SyscallConn(ctx context.Context) (syscall.RawConn, error) {
	c, ok := t.blocker.(syscall.Conn)
	switch {
	case t.closed:
		return nil, net.ErrClosed
	case !ok:
		return nil, errors.ErrUnsupported
	}
	raw, err := c.SyscallConn()
	return threadedRawConn{raw, ctx, t.in.check, t.beginWrite, t.turn.end}, err
}

// beginWrite begins a write when those that began before it have ended.
func (t *Threaded[T]) beginWrite(ctx context.Context, op string) (*engine.Wait, error) {
	w, err := t.out.begin(ctx, op)
	if err != nil {
		return nil, err
	}
	return w, t.turn.take(w, labelWrite)
}

// A threadedRawConn is a syscall.RawConn that waits on a goroutine.
type threadedRawConn struct {
	syscall.RawConn
	ctx        context.Context
	checkRead  func() error
	beginWrite func(ctx context.Context, op string) (*engine.Wait, error)
	endWrite   func()
}

// Read makes the first call of f through Control, which never waits. The raw connection's
// own Read would wait for an earlier read that still goes on after the wait of its task
// was cut.
func (r threadedRawConn) Read(f func(fd uintptr) bool) error {
	if err := r.checkRead(); err != nil {
		return err
	}
	return r.call(f, func(f func(fd uintptr) bool) error {
		done := false
		if err := r.RawConn.Control(func(fd uintptr) { done = f(fd) }); err != nil || done {
			return err
		}
		return r.RawConn.Read(f)
	})
}

func (r threadedRawConn) Write(f func(fd uintptr) bool) error {
	if _, err := r.beginWrite(r.ctx, "RawConn.Write"); err != nil {
		return err
	}
	defer r.endWrite()
	return r.call(f, r.RawConn.Write)
}

// call makes a call on a goroutine. Once its wait has been cut, f is not called
// again.
func (r threadedRawConn) call(f func(fd uintptr) bool, call func(func(fd uintptr) bool) error) error {
	_, err := asyncio.ToThread(r.ctx, func(ctx context.Context) (int, error) {
		return 0, call(func(fd uintptr) bool { return ctx.Err() != nil || f(fd) })
	})
	return WithoutOpError(err)
}
