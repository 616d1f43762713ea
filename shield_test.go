package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

func TestShield(t *testing.T) {
	shielded := func(ctx context.Context, aw asyncio.Awaitable[int]) *asyncio.Task[int] {
		return asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return asyncio.Shield(ctx, aw) })
	}

	t.Run("returns the result", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			n, err := asyncio.Shield(ctx, later(time.Second, 7))
			expectNil(t, err)
			expectEqual(t, "result", n, 7)
			_, err = asyncio.Shield(ctx, fail[int](errBoom))
			expectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("lets what it waited for go on when it is canceled", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			inner := asyncio.CreateTask(ctx, later(time.Hour, 7))
			outer := shielded(ctx, inner)
			settle(ctx)
			outer.Cancel()
			took := elapsed(ctx, func() {
				_, err := outer.Await(ctx)
				expectCanceled(t, err)
			})
			expectEqual(t, "time", took, 0)
			n, err := inner.Await(ctx)
			expectNil(t, err)
			expectEqual(t, "result", n, 7)
		})
	})

	t.Run("a coroutine goes on as a task", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			outer := shielded(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
				return 0, noted(&d, "inner", time.Hour)(ctx)
			}))
			settle(ctx)
			outer.Cancel()
			_ = asyncio.Sleep(ctx, 2*time.Hour)
			d.expect(t, "inner begins", "inner ends: <nil>")
		})
	})

	t.Run("what it waits for can be canceled by itself", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			inner := asyncio.CreateTask(ctx, later(time.Hour, 7))
			outer := shielded(ctx, inner)
			settle(ctx)
			inner.Cancel()
			_, err := outer.Await(ctx)
			expectCanceled(t, err)
		})
	})

	t.Run("a failure after it was canceled is reported", func(t *testing.T) {
		reports := reportsOf(t, func(ctx context.Context) {
			outer := shielded(ctx, failLater[int](time.Hour, errBoom))
			settle(ctx)
			outer.Cancel()
			_ = asyncio.Sleep(ctx, 2*time.Hour)
		})
		if len(reports) != 1 || reports[0].Err != errBoom {
			t.Errorf("reported: %v", reports)
		}
	})

	t.Run("does not suspend for what is done", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			done := asyncio.CreateTask(ctx, value(7), asyncio.Eager())
			expectEqual(t, "passes", passes(ctx, func() {
				n, err := asyncio.Shield(ctx, done)
				expectNil(t, err)
				expectEqual(t, "result", n, 7)
			}), 0)
		})
	})

	t.Run("resumes two passes after the end", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			f := asyncio.NewFuture[int](ctx)
			var set uint64
			l.CallLater(time.Second, func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			_, _ = asyncio.Shield(ctx, f)
			expectEqual(t, "passes", l.Stats().Passes-set, 2)
		})
	})

	t.Run("on a canceled context starts the coroutine all the same", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = sleepForever(ctx)
				_, err := asyncio.Shield(ctx, asyncio.Coro[int](func(context.Context) (int, error) {
					d.add("ran")
					return 0, nil
				}))
				return err
			})
			settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			expectCanceled(t, err)
			settle(ctx)
			d.expect(t, "ran")
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop", func(t *testing.T) {
		_, err := asyncio.Shield(t.Context(), value(1))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
	})
}
