package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// acquirer is a task that notes when it has got something, and gives it back
// a pass later.
func acquirer(d *asynctest.Logbook, name string, acquire func(context.Context) error, release func()) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := acquire(ctx); err != nil {
			d.Add("%s: %v", name, err)
			return err
		}
		d.Add("%s", name)
		_ = asyncio.Yield(context.WithoutCancel(ctx))
		release()
		return nil
	}
}

func TestLock(t *testing.T) {
	t.Run("is taken and given back without suspending when it is free", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var lock asyncio.Lock
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				asynctest.ExpectNil(t, lock.Acquire(ctx))
				asynctest.ExpectEqual(t, "locked", lock.Locked(), true)
				asynctest.ExpectEqual(t, "TryAcquire", lock.TryAcquire(), false)
				lock.Release()
				asynctest.ExpectEqual(t, "locked", lock.Locked(), false)
				asynctest.ExpectEqual(t, "TryAcquire", lock.TryAcquire(), true)
			}), 0)
		})
	})

	t.Run("goes from task to task in the order in which they ask", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var lock asyncio.Lock
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, acquirer(&d, name, lock.Acquire, lock.Release))
			}
			asynctest.Settle(ctx)
			d.Expect(t, "a", "b", "c")
			asynctest.ExpectEqual(t, "locked", lock.Locked(), false)
		})
	})

	t.Run("wakes who waits in the next pass, and is free until then, but for no other", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var lock asyncio.Lock
			_ = lock.Acquire(ctx)
			asyncio.Go(ctx, acquirer(&d, "first", lock.Acquire, lock.Release))
			asynctest.Settle(ctx)
			lock.Release()
			asynctest.ExpectEqual(t, "locked", lock.Locked(), false)
			asynctest.ExpectEqual(t, "TryAcquire", lock.TryAcquire(), false)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() { asynctest.ExpectNil(t, lock.Acquire(ctx)) }), 3)
			d.Add("second")
			d.Expect(t, "first", "second")
		})
	})

	t.Run("forgets who was canceled while waiting", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var lock asyncio.Lock
			_ = lock.Acquire(ctx)
			a := asyncio.Go(ctx, acquirer(&d, "a", lock.Acquire, lock.Release))
			asyncio.Go(ctx, acquirer(&d, "b", lock.Acquire, lock.Release))
			asynctest.Settle(ctx)
			a.Cancel()
			lock.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "a: asyncio: canceled", "b")
			asynctest.ExpectEqual(t, "TryAcquire", lock.TryAcquire(), true)
		})
	})

	t.Run("is not lost with a task that is canceled when it has been woken", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var lock asyncio.Lock
			_ = lock.Acquire(ctx)
			a := asyncio.Go(ctx, acquirer(&d, "a", lock.Acquire, lock.Release))
			asyncio.Go(ctx, acquirer(&d, "b", lock.Acquire, lock.Release))
			asynctest.Settle(ctx)
			lock.Release()
			a.Cancel()
			asynctest.Settle(ctx)
			d.Expect(t, "a", "b")
		})
	})

	t.Run("on a canceled context is not taken, even if it is free", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var lock asyncio.Lock
			onCanceledContext(ctx, func(ctx context.Context) { asynctest.ExpectCanceled(t, lock.Acquire(ctx)) })
			asynctest.ExpectEqual(t, "locked", lock.Locked(), false)
		})
	})

	t.Run("Release of a free one panics", func(t *testing.T) {
		var lock asyncio.Lock
		asynctest.ExpectPanic(t, lock.Release)
	})

	t.Run("With holds it while the function runs, panic or not", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var lock asyncio.Lock
			err := lock.With(ctx, func() error {
				asynctest.ExpectEqual(t, "locked", lock.Locked(), true)
				return errBoom
			})
			asynctest.ExpectEqual(t, "error", err, errBoom)
			asynctest.ExpectEqual(t, "locked", lock.Locked(), false)
			asynctest.ExpectPanic(t, func() { _ = lock.With(ctx, func() error { panic("x") }) })
			asynctest.ExpectEqual(t, "locked", lock.Locked(), false)
			onCanceledContext(ctx, func(ctx context.Context) {
				asynctest.ExpectCanceled(t, lock.With(ctx, func() error {
					t.Error("it ran")
					return nil
				}))
			})
		})
	})
}

// onCanceledContext runs fn in a task that has been canceled.
func onCanceledContext(ctx context.Context, fn func(ctx context.Context)) {
	task := asyncio.Go(ctx, func(ctx context.Context) error {
		_ = asynctest.SleepForever(ctx)
		fn(ctx)
		return nil
	})
	asynctest.Settle(ctx) // it must have begun
	task.Cancel()
	_, _ = task.Await(ctx)
}
