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
	return threadedRawConn{ctx, raw}, err
}

// A threadedRawConn is a syscall.RawConn that waits on a goroutine.
type threadedRawConn struct {
	ctx context.Context
	syscall.RawConn
}

func (r threadedRawConn) Read(f func(fd uintptr) bool) error  { return r.wait(r.RawConn.Read, f) }
func (r threadedRawConn) Write(f func(fd uintptr) bool) error { return r.wait(r.RawConn.Write, f) }

func (r threadedRawConn) wait(call func(func(uintptr) bool) error, f func(fd uintptr) bool) error {
	_, err := asyncio.ToThread(r.ctx, func(context.Context) (int, error) { return 0, call(f) })
	return WithoutOpError(err)
}
