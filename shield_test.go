package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestShield(t *testing.T) {
	shielded := func(ctx context.Context, aw asyncio.Awaitable[int]) *asyncio.Task[int] {
		return asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return asyncio.Shield(ctx, aw) })
	}

	t.Run("returns the result", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			n, err := asyncio.Shield(ctx, asynctest.Later(time.Second, 7))
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
			_, err = asyncio.Shield(ctx, asynctest.Fail[int](errBoom))
			asynctest.ExpectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("lets what it waited for go on when it is canceled", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			inner := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 7))
			outer := shielded(ctx, inner)
			asynctest.Settle(ctx)
			outer.Cancel()
			took := asynctest.Elapsed(ctx, func() {
				_, err := outer.Await(ctx)
				asynctest.ExpectCanceled(t, err)
			})
			asynctest.ExpectEqual(t, "time", took, 0)
			n, err := inner.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("a coroutine goes on as a task", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			outer := shielded(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
				return 0, noted(&d, "inner", time.Hour)(ctx)
			}))
			asynctest.Settle(ctx)
			outer.Cancel()
			_ = asyncio.Sleep(ctx, 2*time.Hour)
			d.Expect(t, "inner begins", "inner ends: <nil>")
		})
	})

	t.Run("what it waits for can be canceled by itself", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			inner := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 7))
			outer := shielded(ctx, inner)
			asynctest.Settle(ctx)
			inner.Cancel()
			_, err := outer.Await(ctx)
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("a failure after it was canceled is reported", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			outer := shielded(ctx, asynctest.FailLater[int](time.Hour, errBoom))
			asynctest.Settle(ctx)
			outer.Cancel()
			_ = asyncio.Sleep(ctx, 2*time.Hour)
		})
		if len(reports) != 1 || reports[0].Err != errBoom {
			t.Errorf("reported: %v", reports)
		}
	})

	t.Run("does not suspend for what is done", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			done := asyncio.CreateTask(ctx, asynctest.Value(7), asyncio.Eager())
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				n, err := asyncio.Shield(ctx, done)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "result", n, 7)
			}), 0)
		})
	})

	t.Run("resumes two passes after the end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			f := asyncio.NewFuture[int](ctx)
			var set uint64
			l.CallLater(time.Second, func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			_, _ = asyncio.Shield(ctx, f)
			asynctest.ExpectEqual(t, "passes", l.Stats().Passes-set, 2)
		})
	})

	t.Run("on a canceled context starts the coroutine all the same", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				_, err := asyncio.Shield(ctx, asyncio.Coro[int](func(context.Context) (int, error) {
					d.Add("ran")
					return 0, nil
				}))
				return err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.Settle(ctx)
			d.Expect(t, "ran")
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop", func(t *testing.T) {
		_, err := asyncio.Shield(t.Context(), asynctest.Value(1))
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
	})
}
