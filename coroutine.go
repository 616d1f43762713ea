package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Coro is a coroutine that has not been started: calling the function that returns one
// runs nothing. Await runs it inside the calling task; CreateTask, a TaskGroup or Gather
// run it beside the calling task. In Python: a coroutine object. Unlike Python's, a Coro
// can be run more than once.
//
// Any function that gets the context may suspend, however deep in the calls.
type Coro[T any] func(ctx context.Context) (T, error)

// Await runs the coroutine in the calling task, as await does, and returns its result. It
// suspends where the coroutine suspends. Outside a loop it returns ErrNoRunningLoop.
func (c Coro[T]) Await(ctx context.Context) (T, error) {
	if c == nil {
		panic(nilCoroutine)
	}
	if engine.RunningLoopOf(ctx) == nil {
		var zero T
		return zero, ErrNoRunningLoop
	}
	return c(ctx)
}

const (
	nilCoroutine = "asyncio: nil coroutine: pass a function"
	nilAwaitable = "asyncio: nil awaitable: pass a Coro, a *Task or a *Future"
	nilWaitable  = "asyncio: nil awaitable: pass a *Task or a *Future"
)

// An Awaitable is what a task can wait for: a Coro, a *Task, a *Future, or a
// type of your own, which is treated as a coroutine. In Python: an awaitable.
type Awaitable[T any] interface {
	Await(ctx context.Context) (T, error)
}

// Awaitables converts a slice for Gather, Race, Any and AsCompleted:
//
//	results, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
func Awaitables[A Awaitable[T], T any](as []A) []Awaitable[T] {
	out := make([]Awaitable[T], len(as))
	for i, a := range as {
		out[i] = a
	}
	return out
}

// A handle is an awaitable that is under way: a *Task or a *Future.
type handle[T any] interface {
	Waitable
	Result() (T, error)
	canceler() engine.Canceler
}

// ensure returns aw itself if it is under way already, and otherwise a task that it
// creates for the coroutine. In Python: ensure_future.
func ensure[T any](ctx context.Context, aw Awaitable[T]) (h handle[T], created bool) {
	switch x := aw.(type) {
	case *Task[T]:
		x.mustBeMade()
		checkTarget(ctx, &x.core.Future)
		return x, false
	case *Future[T]:
		x.mustBeMade()
		checkTarget(ctx, &x.core)
		return x, false
	case nil:
		panic(nilAwaitable)
	case Coro[T]:
		return CreateTask(ctx, x), true
	default:
		return CreateTask(ctx, x.Await), true
	}
}

// checkTarget panics if the running task cannot wait for f.
func checkTarget(ctx context.Context, f *engine.Future) {
	l := engine.LoopOf(ctx)
	l.Check("Await")
	l.CheckTarget(f, "Await")
}

// noResult makes a coroutine of a function without a result.
func noResult(fn func(ctx context.Context) error) Coro[struct{}] {
	if fn == nil {
		return nil
	}
	return func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) }
}
