package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestFuture(t *testing.T) {
	t.Run("is set once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			asynctest.ExpectNil(t, f.SetResult(7))
			asynctest.ExpectIs(t, f.SetResult(8), asyncio.ErrInvalidState)
			asynctest.ExpectIs(t, f.SetError(errBoom), asyncio.ErrInvalidState)
			asynctest.ExpectEqual(t, "Cancel", f.Cancel(), false)
			n, err := f.Result()
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
			asynctest.ExpectNil(t, f.Err())
			asynctest.ExpectEqual(t, "done", f.Done(), true)
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), false)
		})
	})

	t.Run("has no result before", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			_, err := f.Result()
			asynctest.ExpectIs(t, err, asyncio.ErrInvalidState)
			asynctest.ExpectIs(t, f.Err(), asyncio.ErrInvalidState)
			asynctest.ExpectEqual(t, "done", f.Done(), false)
		})
	})

	t.Run("is canceled at once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			asynctest.ExpectEqual(t, "Cancel", f.Cancel(), true)
			asynctest.ExpectEqual(t, "done", f.Done(), true)
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), true)
			asynctest.ExpectCanceled(t, f.Err())
			asynctest.ExpectIs(t, f.SetResult(1), asyncio.ErrInvalidState)
			_, err := f.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectNil(t, ctx.Err())
		})
	})

	t.Run("with an error gives that", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			asynctest.ExpectNil(t, f.SetError(errBoom))
			_, err := f.Await(ctx)
			asynctest.ExpectEqual(t, "error", err, errBoom)
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), false)
		})
	})

	t.Run("takes no nil error", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			if f.SetError(nil) == nil {
				t.Error("SetError(nil) returned nil")
			}
			asynctest.ExpectEqual(t, "done", f.Done(), false)
		})
	})

	t.Run("wakes its awaiters in the next pass", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			l := asyncio.RunningLoop(ctx)
			var set uint64
			l.CallSoon(func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			_, _ = f.Await(ctx)
			asynctest.ExpectEqual(t, "passes", l.Stats().Passes-set, 1)
			asynctest.ExpectEqual(t, "passes when it is done", asynctest.CountPasses(ctx, func() { _, _ = f.Await(ctx) }), 0)
		})
	})

	t.Run("is canceled together with a task that awaits it, and the others wake in their order", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			f := asyncio.NewFuture[int](ctx)
			var tasks []*asyncio.Task[struct{}]
			for i := range 3 {
				tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := f.Await(ctx)
					d.Add("%d: %v", i, err)
					return nil
				}))
			}
			_ = asyncio.Yield(ctx)
			tasks[1].Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), true)
			d.Expect(t, "0: asyncio: canceled", "1: asyncio: canceled", "2: asyncio: canceled")
		})
	})

	t.Run("panics outside a loop", func(t *testing.T) {
		asynctest.ExpectPanic(t, func() { asyncio.NewFuture[int](t.Context()) })
	})

	t.Run("calls back", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			f := asyncio.NewFuture[int](ctx)
			f.AddDoneCallback(func(f *asyncio.Future[int]) {
				n, err := f.Result()
				d.Add("%d, %v", n, err)
			})
			remove := f.AddDoneCallback(func(*asyncio.Future[int]) { t.Error("it was taken back") })
			asynctest.ExpectEqual(t, "taken back", remove(), true)
			_ = f.SetResult(7)
			asynctest.Settle(ctx)
			d.Expect(t, "7, <nil>")
			asynctest.ExpectPanic(t, func() { f.AddDoneCallback(nil) })
		})
	})
}
