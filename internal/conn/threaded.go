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

// A Threaded is something whose calls block, made one of the loop: goroutines
// make the calls while the tasks wait that want them. It is what an FD is where
// the loop cannot wait for descriptors, and for connections that have none. T is
// what one call reads. Loop only.
type Threaded[T any] struct {
	closeNotifier
	loop    *engine.Loop
	blocker io.Closer // what it was made of
	closed  bool
	in      Helper[T]
	out     Helper[int]
	turn    turn // of those who write
}

// Init makes what blocks one of the loop. It is closed with the loop, if not
// before.
func (t *Threaded[T]) Init(l *engine.Loop, blocker io.Closer) {
	t.loop, t.blocker = l, blocker
	t.in.Init(l)
	t.out.Init(l)
	l.AtEnd(t)
}

// DiscardWith sets what does away with that which was read for a task which no
// longer waits, if no other read comes. Any goroutine may be the one that does.
func (t *Threaded[T]) DiscardWith(fn func(T)) { t.in.Discard = fn }

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (t *Threaded[T]) SetReadDeadline(when time.Time) error { return t.in.SetDeadline(when) }

// SetWriteDeadline sets when writes do.
func (t *Threaded[T]) SetWriteDeadline(when time.Time) error { return t.out.SetDeadline(when) }

// ReadCall makes a call that reads. If the wait is cut, the call goes on, and
// what it returns is for the next.
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

// Close closes what it was made of. Whoever waits for it goes on with
// net.ErrClosed, which is also what Close returns the second time.
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

// SetReadBuffer makes a Threaded BufferOptions, where what it was made of is.
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

// SyscallConn returns the raw connection, if there is one.
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

// beginWrite begins a write, after those that have begun before.
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

// Read makes the first call of f through Control, which waits for nothing: a read
// that was cut goes on, and that of the raw connection waits until it has ended.
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

// call makes a call on a goroutine. When its wait is cut, f is not called any more.
func (r threadedRawConn) call(f func(fd uintptr) bool, call func(func(fd uintptr) bool) error) error {
	_, err := asyncio.ToThread(r.ctx, func(ctx context.Context) (int, error) {
		return 0, call(func(fd uintptr) bool { return ctx.Err() != nil || f(fd) })
	})
	return WithoutOpError(err)
}
