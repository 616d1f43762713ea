package files

import (
	"context"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// look makes a call that changes nothing and uses no memory of the caller's. So when ctx
// is canceled, look returns at once and lets the call go on.
func look[T any](ctx context.Context, call func() (T, error)) (T, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (T, error) {
		value, err := call()
		if ctx.Err() != nil { // no one waits for it any more
			err = ctx.Err()
		}
		return value, err
	})
}

// finish makes a call and suspends the running task until the call has ended, even if
// ctx is canceled meanwhile. If ctx is canceled before, no call is made.
func finish[T any](ctx context.Context, op string, call func() (T, error)) (value T, err error) {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return value, err
	}
	w.Loop().MustMaySuspend(op)
	return asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (T, error) { return call() })
}

// do makes a call on an open file. In a task it suspends; on other goroutines it
// blocks. A file that was never opened gives os.ErrInvalid, as in package os.
func do[T any](f *File, op string, call func(*os.File) (T, error)) (value T, err error) {
	if !f.valid() {
		return value, os.ErrInvalid
	}
	if ctx := f.owner.Scope(); ctx != nil {
		return finish(ctx, op, func() (T, error) { return call(f.os) })
	}
	return call(f.os)
}

// noResult gives a call that returns only an error the type of the others.
func noResult(call func() error) func() (struct{}, error) {
	return func() (struct{}, error) { return struct{}{}, call() }
}
