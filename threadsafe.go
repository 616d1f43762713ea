package asyncio

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A ConcurrentFuture is the result of a coroutine that runs on a loop, for
// other goroutines to wait for. In Python: concurrent.futures.Future.
type ConcurrentFuture[T any] struct {
	loop *Loop
	done chan struct{}
	once sync.Once

	// Set before done is closed.
	value T
	err   error

	wanted atomic.Bool // someone has called Wait, and so looks at the error

	// Of the loop.
	coro     Coro[T]
	task     *Task[T]
	canceled bool
	waiter   engine.Subscription
}

// RunCoroutineThreadsafe lets a loop run a coroutine, as a task of its own.
// Any goroutine may call it. An error that no one waits for is reported. In
// Python: asyncio.run_coroutine_threadsafe.
func RunCoroutineThreadsafe[T any](loop *Loop, c Coro[T]) *ConcurrentFuture[T] {
	switch {
	case loop == nil:
		panic("asyncio: RunCoroutineThreadsafe on a nil loop: take the loop with RunningLoop in one of its tasks")
	case c == nil:
		panic(nilCoroutine)
	}
	f := &ConcurrentFuture[T]{loop: loop, coro: c, done: make(chan struct{})}
	if err := loop.core.Post((*concurrentStart[T])(f)); err != nil {
		f.settle(f.value, err)
	}
	return f
}

func (f *ConcurrentFuture[T]) settle(value T, err error) {
	f.once.Do(func() {
		f.value, f.err = value, err
		close(f.done)
	})
}

// Wait blocks the calling goroutine until the coroutine has ended, and returns
// its result. If ctx is done before, it returns the error of that; the
// coroutine goes on (see Cancel). On the goroutine of the loop that runs the
// coroutine it returns an error, for it would wait for ever; in a task of
// another loop it suspends the task. In Python: Future.result.
func (f *ConcurrentFuture[T]) Wait(ctx context.Context) (T, error) {
	if l := engine.LoopOf(ctx); l != nil && l.OnLoop() && l != f.loop.core {
		return ToThread(ctx, f.wait)
	}
	return f.wait(ctx)
}

func (f *ConcurrentFuture[T]) wait(ctx context.Context) (zero T, err error) {
	if f.wanted.CompareAndSwap(false, true) {
		_ = f.loop.core.Post((*concurrentLook[T])(f)) // a loop that has ended reports nothing any more
	}
	select {
	case <-f.done:
		return f.value, f.err
	default:
	}
	if f.loop.core.OnLoop() {
		return zero, errWaitOnLoop
	}
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

var errWaitOnLoop = errors.New("asyncio: ConcurrentFuture.Wait on the loop that runs the coroutine would wait for ever: create a task and await that")

// Cancel asks the coroutine to end; false if it has. Any goroutine may call
// it.
func (f *ConcurrentFuture[T]) Cancel() bool {
	select {
	case <-f.done:
		return false
	default:
		return f.loop.core.Post((*concurrentCancel[T])(f)) == nil
	}
}

// concurrentStart is the event that the coroutine is to run.
type concurrentStart[T any] ConcurrentFuture[T]

func (e *concurrentStart[T]) Fire() {
	f := (*ConcurrentFuture[T])(e)
	l := f.loop.core
	f.task = &Task[T]{coro: f.coro}
	f.task.core.Create(l, context.Background(), (*taskBody[T])(f.task), engine.Options{})
	f.task.core.Subscribe(&f.waiter, (*concurrentEnd[T])(f))
	f.task.core.Start()
	if f.canceled {
		f.task.core.Cancel(nil)
	}
}

// Drop is called in place of Fire when the loop has ended before.
func (e *concurrentStart[T]) Drop() {
	f := (*ConcurrentFuture[T])(e)
	f.settle(f.value, ErrLoopClosed)
}

// concurrentCancel is the event that the coroutine is to end.
type concurrentCancel[T any] ConcurrentFuture[T]

func (e *concurrentCancel[T]) Fire() {
	e.canceled = true
	if e.task != nil {
		e.task.core.Cancel(nil)
	}
}

// concurrentEnd is the event that the coroutine has ended.
type concurrentEnd[T any] ConcurrentFuture[T]

func (e *concurrentEnd[T]) Fire() {
	f := (*ConcurrentFuture[T])(e)
	f.settle(f.task.value, f.task.core.Outcome())
}

// Drop is called in place of Fire when the loop has ended before.
func (e *concurrentEnd[T]) Drop() { e.Fire() }

// concurrentLook is the event that someone looks at the coroutine's error, now
// or when it has one. It comes after the coroutine's start.
type concurrentLook[T any] ConcurrentFuture[T]

func (e *concurrentLook[T]) Fire() {
	if t := &e.task.core; t.Done() {
		t.Look()
	} else {
		t.Subscribe(new(engine.Subscription), e)
	}
}
