package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A concurrentWaiter waits for a ConcurrentFuture. It is woken once, on any
// goroutine.
type concurrentWaiter interface{ wake() }

// A blockedGoroutine is a goroutine that waits and runs no loop.
type blockedGoroutine struct {
	engine.Dependent
	woken chan struct{}
}

func (b *blockedGoroutine) wake() { close(b.woken) }

// A distantTask is a task that waits on another loop than that of the coroutine.
type distantTask struct {
	engine.Dependent
	loop *Loop
	task engine.Waiters
}

func (d *distantTask) wake() {
	defer d.loop.core.CountOutside(-1)
	_ = d.loop.core.Post(d) // the loop may have ended, and the task by force
}

// Fire is the event that the task was woken.
func (d *distantTask) Fire() { d.task.WakeAll() }

func (d *distantTask) Origin() string { return string(labelConcurrent) }

const labelConcurrent = engine.Label("another loop")

// concurrentCanceler is the coroutine of a future as an engine.Canceler: it is canceled
// in place of the task that waits for it.
type concurrentCanceler[T any] ConcurrentFuture[T]

func (c *concurrentCanceler[T]) Describe() string { return labelConcurrent.Describe() }

func (c *concurrentCanceler[T]) Cancel(cause error) bool {
	return (*ConcurrentFuture[T])(c).cancelWith(cause)
}

// suspend waits in a task of another loop. If why is an engine.Canceler, a cancellation
// goes to the coroutine, and the wait goes on until that has ended.
func (f *ConcurrentFuture[T]) suspend(w *engine.Wait, why engine.Reason) (zero T, err error) {
	d := &distantTask{loop: loopOf(w.Loop())}
	if f.ended(d) {
		return f.value, f.err
	}
	d.loop.core.CountOutside(1)
	f.loop.core.AddDependent(&d.Dependent)
	defer f.loop.core.RemoveDependent(&d.Dependent)
	if err := w.Park(&d.task, why); err != nil {
		if f.leave(d) {
			d.loop.core.CountOutside(-1)
		}
		return zero, err
	}
	if f.canceled && w.PassedOn() {
		return f.value, w.Interruption()
	}
	return f.value, f.err
}

// block waits on a goroutine that runs no loop.
func (f *ConcurrentFuture[T]) block(ctx context.Context) (zero T, err error) {
	b := &blockedGoroutine{woken: make(chan struct{})}
	if f.ended(b) {
		return f.value, f.err
	}
	core := &f.loop.core
	core.AddDependent(&b.Dependent)
	select {
	case <-b.woken:
		core.RemoveDependent(&b.Dependent)
		return f.value, f.err
	case <-ctx.Done():
		core.RemoveDependent(&b.Dependent)
		f.leave(b)
		return zero, ctx.Err()
	}
}

// blockToTheEnd is block, but when ctx is done it cancels the coroutine and waits for
// the end of that.
func (f *ConcurrentFuture[T]) blockToTheEnd(ctx context.Context) (T, error) {
	stop := context.AfterFunc(ctx, func() { f.cancelWith(context.Cause(ctx)) })
	defer stop()
	value, err := f.block(context.WithoutCancel(ctx))
	if f.canceled && ctx.Err() != nil {
		err = ctx.Err()
	}
	return value, err
}
