package files

import (
	"context"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// look makes a call that changes nothing and uses no memory of the caller's, so
// that it can be abandoned when ctx is canceled.
func look[T any](ctx context.Context, call func() (T, error)) (T, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (T, error) {
		value, err := call()
		if ctx.Err() != nil { // no one waits for it any more
			err = ctx.Err()
		}
		return value, err
	})
}

// finish makes a call and suspends the running task until it has ended, come
// what may. It does not begin if ctx is canceled.
func finish[T any](ctx context.Context, op string, call func() (T, error)) (value T, err error) {
	if _, err := engine.Begin(ctx, op); err != nil {
		return value, err
	}
	return asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (T, error) { return call() })
}

// do makes a call on an open file, wherever the calling goroutine is.
func do[T any](f *File, op string, call func() (T, error)) (T, error) {
	if ctx := f.owner.Scope(); ctx != nil {
		return finish(ctx, op, call)
	}
	return call()
}

// nothing makes a call that returns no more than an error one for the others.
func nothing(call func() error) func() (struct{}, error) {
	return func() (struct{}, error) { return struct{}{}, call() }
}
