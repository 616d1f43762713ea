package asyncio

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A ConcurrentFuture is the result of a coroutine that runs on a loop, for
// other goroutines to wait for. In Python: concurrent.futures.Future.
type ConcurrentFuture[T any] struct {
	loop *Loop

	mu      sync.Mutex
	settled bool
	waiters []concurrentWaiter
	takers  int // once it is settled: how many take the result, or are about to

	// Set before it is settled.
	value    T
	err      error
	canceled bool // the coroutine has ended canceled

	// Of the loop.
	ctx    context.Context // its values are those of the coroutine
	coro   Coro[T]
	task   *Task[T]
	cancel *concurrentCancel[T] // a cancellation that came before the start
	end    engine.Subscription
}

// RunCoroutineThreadsafe makes a loop run a coroutine, as a new task, and returns at
// once. Any goroutine may call it. An error that no one gets is reported, also if someone
// waited for it and gave up. In Python: asyncio.run_coroutine_threadsafe.
//
// To wait for the coroutine at once, use [RunOn].
func RunCoroutineThreadsafe[T any](loop *Loop, c Coro[T]) *ConcurrentFuture[T] {
	mustBeThere(loop, c, "RunCoroutineThreadsafe")
	return startOn(context.Background(), loop, c, nil)
}

// RunOn runs a coroutine as a task on another loop, waits for it, and returns its result.
// If a task calls RunOn, that task suspends; any other goroutine blocks. So RunOn is
// await across loops, and the way from one loop of a [LoopGroup] to another. In Python:
// run_coroutine_threadsafe and wrap_future together.
//
// The coroutine gets the values of ctx. If ctx is canceled, the task on the other loop is
// canceled, and RunOn returns when it has ended, as Task.Await does; if ctx was canceled
// before the call, nothing begins. If the coroutine panics, its loop reports that, and
// RunOn returns a *PanicError. If the loop ends before the coroutine has begun, RunOn
// returns ErrLoopClosed. If loop is the loop of the calling task itself, RunOn awaits a
// new task there.
//
// The coroutine and its caller run on different goroutines, so they must not use the same
// data at the same time. The caller waits, so it may hand data over; but other tasks of
// its loop must not use that data meanwhile.
func RunOn[T any](ctx context.Context, loop *Loop, c Coro[T]) (zero T, err error) {
	mustBeThere(loop, c, "RunOn")
	if l := engine.LoopOf(ctx); l != nil && l.OnLoop() {
		w, err := engine.Begin(ctx, "RunOn")
		switch {
		case err != nil:
			return zero, err
		}
		l.MustMaySuspend("RunOn") // before anything has begun
		if l == &loop.core {
			return CreateTask(ctx, c).Await(ctx)
		}
		d := newDistantTask(w)
		f := startOn(ctx, loop, c, d)
		return f.suspend(w, d, (*concurrentCanceler[T])(f))
	}
	if err := mayBlock(ctx, loop, "RunOn"); err != nil {
		return zero, err
	}
	if err := ctx.Err(); err != nil {
		return zero, err
	}
	b := newBlockedGoroutine()
	return startOn(ctx, loop, c, b).blockToTheEnd(ctx, b)
}

// RunOnFunc is RunOn for a function without a result. Who may call it, what a
// cancellation does, and which errors it returns are as in [RunOn].
func RunOnFunc(ctx context.Context, loop *Loop, fn func(ctx context.Context) error) error {
	_, err := RunOn(ctx, loop, noResult(fn))
	return err
}

func mustBeThere[T any](loop *Loop, c Coro[T], op string) {
	switch {
	case !loop.made():
		panic("asyncio: " + op + " on a nil loop or a zero one: take the loop with RunningLoop in one of its tasks")
	case c == nil:
		panic(nilCoroutine)
	}
}

// startOn makes a loop run a coroutine. first, if it is not nil, waits from the start: if
// it were added later, the coroutine, and the loop with it, could have ended before.
func startOn[T any](ctx context.Context, loop *Loop, c Coro[T], first concurrentWaiter) *ConcurrentFuture[T] {
	engine.NoteLabels(ctx)
	f := &ConcurrentFuture[T]{loop: loop, ctx: ctx, coro: c}
	if first != nil {
		f.waiters = append(f.waiters, first)
	}
	if loop.core.Post((*concurrentStart[T])(f)) != nil {
		f.refuse()
	}
	return f
}

// Wait blocks the calling goroutine until the coroutine has ended, and returns
// its result. In a task of another loop it suspends the task. If ctx is done before, Wait
// returns the error of ctx; the coroutine goes on (see Cancel), and its error is reported
// if no one else gets it. On the goroutine of the loop that runs the coroutine, Wait
// returns an error, because it would wait for ever. In Python: Future.result,
// wrap_future.
func (f *ConcurrentFuture[T]) Wait(ctx context.Context) (zero T, err error) {
	f.mustBe()
	if l := engine.LoopOf(ctx); l != nil && l.OnLoop() && l != &f.loop.core {
		w, err := engine.Begin(ctx, "ConcurrentFuture.Wait")
		if err != nil {
			return zero, err
		}
		d := newDistantTask(w)
		if f.ended(d) {
			d.none()
			return f.value, f.err
		}
		return f.suspend(w, d, labelConcurrent)
	}
	if f.ended(nil) {
		return f.value, f.err
	}
	if err := mayBlock(ctx, f.loop, "ConcurrentFuture.Wait"); err != nil {
		return zero, err
	}
	b := newBlockedGoroutine()
	if f.ended(b) {
		return f.value, f.err
	}
	return f.block(ctx, b)
}

// mayBlock returns an error if the goroutine must not wait for something that the loop
// does, because it runs that loop, or another one.
func mayBlock(ctx context.Context, loop *Loop, op string) error {
	if loop.core.OnLoop() {
		return errors.New("asyncio: " + op + " on the loop that runs the coroutine would wait for ever: create a task and await that")
	}
	if engine.LoopOf(ctx) != nil && engine.RunningHere() != nil {
		panic("asyncio: " + op + " with the context of another loop: pass the one that the running task was given")
	}
	return nil
}

// Cancel asks the coroutine to end. It returns false if the coroutine has ended. Any
// goroutine may call it. In Python: Future.cancel.
func (f *ConcurrentFuture[T]) Cancel() bool {
	f.mustBe()
	return f.cancelWith(nil)
}

func (f *ConcurrentFuture[T]) mustBe() {
	if f == nil || f.loop == nil {
		panic("asyncio: a method of a ConcurrentFuture that is nil or zero: use what RunCoroutineThreadsafe returns")
	}
}

func (f *ConcurrentFuture[T]) cancelWith(cause error) bool {
	f.mu.Lock()
	settled := f.settled
	f.mu.Unlock()
	return !settled && f.loop.core.Post(&concurrentCancel[T]{f, cause}) == nil
}

// settle wakes what waits for the result, which has been set. It reports whether
// anything does, and so looks at the error.
func (f *ConcurrentFuture[T]) settle() (wanted bool) {
	f.mu.Lock()
	waiters := f.waiters
	f.settled, f.waiters, f.takers = true, nil, len(waiters)
	f.mu.Unlock()
	for _, w := range waiters {
		// Not only when it has its turn: until then the loop would be taken to be what it
		// waits for.
		f.loop.core.RemoveDependent(w.Dependence())
		w.wake()
	}
	return len(waiters) > 0
}

// refuse settles a coroutine that has not begun and never will.
func (f *ConcurrentFuture[T]) refuse() {
	f.err = ErrLoopClosed
	f.settle()
}

// ended reports whether there is a result; if so, the caller must take it. Otherwise w,
// if it is not nil, is woken when there is one.
func (f *ConcurrentFuture[T]) ended(w concurrentWaiter) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.settled:
		if f.takers++; f.takers == 1 {
			_ = f.loop.core.Post((*concurrentLook[T])(f)) // a loop that has ended reports nothing any more
		}
	case w != nil:
		f.waiters = append(f.waiters, w)
	}
	return f.settled
}

// leave removes a waiter. It returns false if the waiter has been woken, and so has to
// take the result.
func (f *ConcurrentFuture[T]) leave(w concurrentWaiter) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.waiters, w)
	if i >= 0 {
		f.waiters = slices.Delete(f.waiters, i, i+1)
	}
	return i >= 0
}

// refuseResult is called for a waiter that was woken and cannot take the result.
func (f *ConcurrentFuture[T]) refuseResult() {
	f.mu.Lock()
	f.takers--
	untaken := f.takers == 0
	f.mu.Unlock()
	if untaken && f.err != nil && !f.canceled && !isPanic(f.err) {
		f.loop.report(ExceptionContext{Message: "a coroutine failed and the task that waited for it was ended by force", Err: f.err})
	}
}

// concurrentStart is the event that the coroutine is to run.
type concurrentStart[T any] ConcurrentFuture[T]

func (e *concurrentStart[T]) Fire() {
	f := (*ConcurrentFuture[T])(e)
	f.task = &Task[T]{coro: f.coro}
	t := &f.task.core
	t.Create(&f.loop.core, f.ctx, (*taskBody[T])(f.task), "")
	f.ctx, f.coro = nil, nil
	t.Subscribe(&f.end, (*concurrentEnd[T])(f))
	t.Start()
	if f.cancel != nil {
		t.Cancel(f.cancel.cause)
	}
}

// Drop is called in place of Fire when the loop has ended before.
func (e *concurrentStart[T]) Drop() { (*ConcurrentFuture[T])(e).refuse() }

// concurrentCancel is the event that the coroutine is to end. If it is posted on the
// loop, it may overtake a start that was posted from outside.
type concurrentCancel[T any] struct {
	future *ConcurrentFuture[T]
	cause  error
}

func (e *concurrentCancel[T]) Fire() {
	if t := e.future.task; t != nil {
		t.core.Cancel(e.cause)
	} else {
		e.future.cancel = e
	}
}

// concurrentEnd is the event that the coroutine has ended.
type concurrentEnd[T any] ConcurrentFuture[T]

func (e *concurrentEnd[T]) Fire() {
	f := (*ConcurrentFuture[T])(e)
	t := &f.task.core
	f.value, f.err, f.canceled = f.task.value, t.Outcome(), t.Canceled()
	if f.settle() {
		t.Look()
	}
}

// Drop is called in place of Fire when the loop has ended before.
func (e *concurrentEnd[T]) Drop() { e.Fire() }

// concurrentLook is the event that someone looks at the error of a coroutine
// that has ended.
type concurrentLook[T any] ConcurrentFuture[T]

func (e *concurrentLook[T]) Fire() { e.task.core.Look() }
