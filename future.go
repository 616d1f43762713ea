package asyncio

import (
	"context"
	"errors"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Future is a result that someone will set. In Python: asyncio.Future.
//
// Its methods are for the loop, and once the loop has ended for any goroutine; otherwise
// they panic. To set a result from another goroutine, hand it to the loop with
// CallSoonThreadsafe.
type Future[T any] struct {
	core  engine.Future
	value T
}

// NewFuture returns a future that is not done. It panics outside a loop. In
// Python: loop.create_future.
func NewFuture[T any](ctx context.Context) *Future[T] {
	f := new(Future[T])
	f.core.Init(mustHaveLoop(ctx, "NewFuture"))
	return f
}

// Await suspends the calling task until the future is done, and returns its
// result. If ctx is canceled, the future is canceled, for all tasks that await it (see
// Shield). If the future is done, Await does not suspend.
func (f *Future[T]) Await(ctx context.Context) (T, error) {
	f.mustBeMade()
	err := f.core.Await(ctx, "Future.Await", &f.core)
	return f.value, err
}

// SetResult makes the future done. The tasks that await it go on in the next pass.
// It returns ErrInvalidState if the future is done already.
func (f *Future[T]) SetResult(value T) error {
	f.check("Future.SetResult")
	if f.core.Done() {
		return ErrInvalidState
	}
	f.value = value
	f.core.Complete(nil)
	return nil
}

// SetError makes the future done with an error. It returns ErrInvalidState
// if the future is done already. In Python: Future.set_exception.
func (f *Future[T]) SetError(err error) error {
	f.check("Future.SetError")
	if err == nil {
		return errNilError
	}
	if !f.core.Complete(err) {
		return ErrInvalidState
	}
	return nil
}

var errNilError = errors.New("asyncio: SetError(nil): use SetResult for a future that did not fail")

// Result returns the result that was set. It returns ErrInvalidState while nothing is
// set, and ErrCanceled if the future was canceled.
func (f *Future[T]) Result() (T, error) {
	f.check("Future.Result")
	if !f.core.Done() {
		var zero T
		return zero, ErrInvalidState
	}
	return f.value, f.core.Err()
}

// Err is Result without the value. In Python: Future.exception.
func (f *Future[T]) Err() error {
	_, err := f.Result()
	return err
}

// Done reports whether the future has a result, an error, or is canceled.
func (f *Future[T]) Done() bool {
	f.check("Future.Done")
	return f.core.Done()
}

// Canceled reports whether the future was canceled. In Python:
// Future.cancelled.
func (f *Future[T]) Canceled() bool {
	f.check("Future.Canceled")
	return f.core.Canceled()
}

// Cancel makes the future canceled at once. It returns false if the future was done.
func (f *Future[T]) Cancel() bool {
	f.check("Future.Cancel")
	return f.core.Cancel(nil)
}

// AddDoneCallback makes the loop call fn once the future is done; see
// Task.AddDoneCallback.
func (f *Future[T]) AddDoneCallback(fn func(*Future[T])) (remove func() bool) {
	f.check("Future.AddDoneCallback")
	if fn == nil {
		panic(nilFunction)
	}
	return addDoneCallback(&f.core, func() { fn(f) })
}

func (f *Future[T]) future() *engine.Future { return &f.core }

func (f *Future[T]) canceler() engine.Canceler { return &f.core }

func (f *Future[T]) check(op string) {
	f.mustBeMade()
	f.core.Loop().Check(op)
}

// mustBeMade panics on a future that was declared and not made with NewFuture.
func (f *Future[T]) mustBeMade() {
	if f == nil || f.core.Loop() == nil {
		panic("asyncio: a Future that is nil or zero: use one that NewFuture or RunInExecutor has returned")
	}
}
