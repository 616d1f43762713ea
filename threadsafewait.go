package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A concurrentWaiter waits for a ConcurrentFuture. It is woken once, on any
// goroutine.
type concurrentWaiter interface {
	Dependence() *engine.Dependent // of the loop that runs the coroutine
	wake()
}

// A blockedGoroutine is a goroutine that waits and runs no loop.
type blockedGoroutine struct {
	engine.Dependent
	woken chan struct{}
}

func newBlockedGoroutine() *blockedGoroutine {
	return &blockedGoroutine{woken: make(chan struct{})}
}

func (b *blockedGoroutine) wake() { close(b.woken) }

// A distantTask is a task that waits on another loop than that of the coroutine.
type distantTask struct {
	engine.Dependent
	loop *Loop
	task engine.Waiters
}

// newDistantTask is called by the task. The loop counts one wake-up from outside as
// expected until the task is woken, or none is called.
func newDistantTask(w *engine.Wait) *distantTask {
	w.Loop().CountOutside(1)
	return &distantTask{loop: loopOf(w.Loop())}
}

// none says that nothing will wake the task.
func (d *distantTask) none() { d.loop.core.CountOutside(-1) }

func (d *distantTask) wake() {
	defer d.none()
	_ = d.loop.core.Post(d) // the loop may have ended, and the task by force
}

// Fire is the event that the task was woken.
func (d *distantTask) Fire() { d.task.WakeAll() }

func (d *distantTask) Origin() engine.Ref { return engine.Ref{Label: labelConcurrent} }

var labelConcurrent = engine.NewLabel("another loop")

// concurrentCanceler is the coroutine of a future as an engine.Canceler: it is canceled
// in place of the task that waits for it.
type concurrentCanceler[T any] ConcurrentFuture[T]

func (c *concurrentCanceler[T]) Describe() string { return labelConcurrent.Describe() }

func (c *concurrentCanceler[T]) Ref(*engine.Loop) engine.Ref {
	return engine.Ref{Label: labelConcurrent}
}

func (c *concurrentCanceler[T]) Cancel(cause error) bool {
	return (*ConcurrentFuture[T])(c).cancelWith(cause)
}

// suspend waits in a task of another loop, for which d is among the waiters. If why is
// an engine.Canceler, a cancellation goes to the coroutine, and the wait goes on until
// that has ended.
func (f *ConcurrentFuture[T]) suspend(w *engine.Wait, d *distantTask, why engine.Reason) (zero T, err error) {
	parked := true
	f.loop.core.AddDependent(&d.Dependent)
	defer func() {
		f.loop.core.RemoveDependent(&d.Dependent)
		if parked { // the task is ended by force
			f.abandon(d)
		}
	}()
	err = w.Park(&d.task, why)
	parked = false
	switch {
	case err != nil && f.leave(d):
		d.none()
		return zero, err
	case f.canceled && w.PassedOn():
		return f.value, w.Interruption()
	default: // the result was there before the cancellation, if there is one
		return f.value, f.err
	}
}

// abandon is called when the task that waits ends without having had its turn.
func (f *ConcurrentFuture[T]) abandon(d *distantTask) {
	if f.leave(d) {
		d.none()
	} else {
		f.refuseResult()
	}
}

// block waits on a goroutine that runs no loop, for which b is among the waiters.
func (f *ConcurrentFuture[T]) block(ctx context.Context, b *blockedGoroutine) (zero T, err error) {
	f.loop.core.AddDependent(&b.Dependent)
	defer f.loop.core.RemoveDependent(&b.Dependent)
	select {
	case <-b.woken:
	case <-ctx.Done():
		if f.leave(b) {
			return zero, ctx.Err()
		}
	}
	return f.value, f.err
}

// blockToTheEnd is block, but when ctx is done it cancels the coroutine and waits for
// the end of that.
func (f *ConcurrentFuture[T]) blockToTheEnd(ctx context.Context, b *blockedGoroutine) (T, error) {
	stop := context.AfterFunc(ctx, func() { f.cancelWith(context.Cause(ctx)) })
	defer stop()
	value, err := f.block(context.WithoutCancel(ctx), b)
	if f.canceled && ctx.Err() != nil {
		err = ctx.Err()
	}
	return value, err
}
