package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
)

func TestFuture(t *testing.T) {
	t.Run("is set once", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			expectNil(t, f.SetResult(7))
			expectIs(t, f.SetResult(8), asyncio.ErrInvalidState)
			expectIs(t, f.SetError(errBoom), asyncio.ErrInvalidState)
			expectEqual(t, "Cancel", f.Cancel(), false)
			n, err := f.Result()
			expectNil(t, err)
			expectEqual(t, "result", n, 7)
			expectNil(t, f.Err())
			expectEqual(t, "done", f.Done(), true)
			expectEqual(t, "canceled", f.Canceled(), false)
		})
	})

	t.Run("has no result before", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			_, err := f.Result()
			expectIs(t, err, asyncio.ErrInvalidState)
			expectIs(t, f.Err(), asyncio.ErrInvalidState)
			expectEqual(t, "done", f.Done(), false)
		})
	})

	t.Run("is canceled at once", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			expectEqual(t, "Cancel", f.Cancel(), true)
			expectEqual(t, "done", f.Done(), true)
			expectEqual(t, "canceled", f.Canceled(), true)
			expectCanceled(t, f.Err())
			expectIs(t, f.SetResult(1), asyncio.ErrInvalidState)
			_, err := f.Await(ctx)
			expectCanceled(t, err)
			expectNil(t, ctx.Err())
		})
	})

	t.Run("with an error gives that", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			expectNil(t, f.SetError(errBoom))
			_, err := f.Await(ctx)
			expectEqual(t, "error", err, errBoom)
			expectEqual(t, "canceled", f.Canceled(), false)
		})
	})

	t.Run("takes no nil error", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			if f.SetError(nil) == nil {
				t.Error("SetError(nil) returned nil")
			}
			expectEqual(t, "done", f.Done(), false)
		})
	})

	t.Run("wakes its awaiters in the next pass", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			l := asyncio.RunningLoop(ctx)
			var set uint64
			l.CallSoon(func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			_, _ = f.Await(ctx)
			expectEqual(t, "passes", l.Stats().Passes-set, 1)
			expectEqual(t, "passes when it is done", passes(ctx, func() { _, _ = f.Await(ctx) }), 0)
		})
	})

	t.Run("is canceled together with a task that awaits it, and the others wake in their order", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			f := asyncio.NewFuture[int](ctx)
			var tasks []*asyncio.Task[struct{}]
			for i := range 3 {
				tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := f.Await(ctx)
					d.add("%d: %v", i, err)
					return nil
				}))
			}
			_ = asyncio.Yield(ctx)
			tasks[1].Cancel()
			settle(ctx)
			expectEqual(t, "canceled", f.Canceled(), true)
			d.expect(t, "0: asyncio: canceled", "1: asyncio: canceled", "2: asyncio: canceled")
		})
	})

	t.Run("panics outside a loop", func(t *testing.T) {
		expectPanic(t, func() { asyncio.NewFuture[int](t.Context()) })
	})

	t.Run("calls back", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			f := asyncio.NewFuture[int](ctx)
			f.AddDoneCallback(func(f *asyncio.Future[int]) {
				n, err := f.Result()
				d.add("%d, %v", n, err)
			})
			remove := f.AddDoneCallback(func(*asyncio.Future[int]) { t.Error("it was taken back") })
			expectEqual(t, "taken back", remove(), true)
			_ = f.SetResult(7)
			settle(ctx)
			d.expect(t, "7, <nil>")
			expectPanic(t, func() { f.AddDoneCallback(nil) })
		})
	})
}
