package cpython

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestCPythonWaitFor(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"a result in time": func(t *testing.T, ctx context.Context) {
			got, err := asyncio.WaitFor(ctx, asynctest.Later(time.Second, "done"), time.Minute)
			is(t, "WaitFor", err, nil)
			asynctest.ExpectEqual(t, "result", got, "done")
		},
		"an error in time": func(t *testing.T, ctx context.Context) {
			_, err := asyncio.WaitFor(ctx, asynctest.FailLater[int](time.Second, errOops), time.Minute)
			is(t, "WaitFor", err, errOops)
		},
		"a result that a timer sets in time": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[string](ctx)
			asyncio.RunningLoop(ctx).CallLater(time.Second, func() { _ = f.SetResult("ok") })
			got, err := asyncio.WaitFor(ctx, f, 2*time.Second)
			is(t, "WaitFor", err, nil)
			asynctest.ExpectEqual(t, "result", got, "ok")
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), false)
		},
		"what takes too long is canceled": func(t *testing.T, ctx context.Context) {
			task := asyncio.Go(ctx, asynctest.SleepForever)
			took := stopwatch(ctx)
			_, err := asyncio.WaitFor(ctx, task, time.Second)
			is(t, "WaitFor", err, asyncio.ErrTimeout)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
			asynctest.ExpectEqual(t, "it took", took(), time.Second)
		},
		"what takes no notice of that gives its result": func(t *testing.T, ctx context.Context) {
			deaf := asyncio.Coro[int](func(ctx context.Context) (int, error) { _ = asynctest.SleepForever(ctx); return 1, nil })
			got, err := asyncio.WaitFor(ctx, deaf, time.Second)
			is(t, "WaitFor", err, nil)
			asynctest.ExpectEqual(t, "result", got, 1)
			got, err = asyncio.WaitFor(ctx, asyncio.CreateTask(ctx, deaf), time.Second)
			is(t, "WaitFor", err, nil)
			asynctest.ExpectEqual(t, "result", got, 1)
		},
		"the clean-up is waited for": func(t *testing.T, ctx context.Context) {
			waitForCleanup(t, ctx, time.Second, nil, asyncio.ErrTimeout)
		},
		"the clean-up is waited for without time as well": func(t *testing.T, ctx context.Context) {
			waitForCleanup(t, ctx, 0, nil, asyncio.ErrTimeout)
		},
		"an error of the clean-up is returned": func(t *testing.T, ctx context.Context) {
			waitForCleanup(t, ctx, time.Second, errOops, errOops)
		},
	})
}

// waitForCleanup waits for a task whose clean-up takes a second and may fail.
func waitForCleanup(t *testing.T, ctx context.Context, d time.Duration, failure, want error) {
	cleaned := false
	task := asyncio.Go(ctx, func(ctx context.Context) error {
		cut := asynctest.SleepForever(ctx)
		_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
		cleaned = true
		if failure != nil {
			return failure
		}
		return cut
	})
	is(t, "yield", asyncio.Yield(ctx), nil)
	took := stopwatch(ctx)
	_, err := asyncio.WaitFor(ctx, task, d)
	is(t, "WaitFor", err, want)
	asynctest.ExpectEqual(t, "cleaned up, and ended", cleaned && task.Done(), true)
	asynctest.ExpectEqual(t, "it took", took(), d+time.Second)
}

func TestCPythonWaitForWithoutTime(t *testing.T) {
	for name, d := range map[string]time.Duration{"zero": 0, "less": -time.Second} {
		t.Run(name, func(t *testing.T) {
			runCases(t, map[string]func(t *testing.T, ctx context.Context){
				"what is done gives its result": func(t *testing.T, ctx context.Context) {
					f := asyncio.NewFuture[string](ctx)
					_ = f.SetResult("done")
					got, err := asyncio.WaitFor(ctx, f, d)
					is(t, "WaitFor", err, nil)
					asynctest.ExpectEqual(t, "result", got, "done")
				},
				"a coroutine is not started": func(t *testing.T, ctx context.Context) {
					started := false
					_, err := asyncio.WaitFor(ctx, asyncio.Coro[none](func(context.Context) (none, error) {
						started = true
						return none{}, nil
					}), d)
					is(t, "WaitFor", err, asyncio.ErrTimeout)
					asynctest.ExpectEqual(t, "started", started, false)
				},
				"a task that has begun is canceled": func(t *testing.T, ctx context.Context) {
					task := asyncio.Go(ctx, asynctest.SleepForever)
					is(t, "yield", asyncio.Yield(ctx), nil)
					took := stopwatch(ctx)
					_, err := asyncio.WaitFor(ctx, task, d)
					is(t, "WaitFor", err, asyncio.ErrTimeout)
					asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
					asynctest.ExpectEqual(t, "it took", took(), 0)
				},
			})
		})
	}
}

func TestCPythonWaitForAndCancellation(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"reaches a task that is waited for": func(t *testing.T, ctx context.Context) {
			inner := asyncio.Go(ctx, asynctest.SleepForever)
			outer, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.WaitFor(ctx, inner, time.Hour)
				return err
			})
			is(t, "WaitFor", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "both canceled", inner.Canceled() && outer.Canceled(), true)
		},
		"reaches a future that is waited for": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.WaitFor(ctx, f, time.Hour)
				return err
			})
			is(t, "WaitFor", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), true)
		},
		"of a task that is waited for is no timeout": func(t *testing.T, ctx context.Context) {
			inner := asyncio.Go(ctx, asynctest.SleepForever)
			asyncio.RunningLoop(ctx).CallLater(time.Second, func() { inner.Cancel() })
			_, err := asyncio.WaitFor(ctx, inner, time.Hour)
			is(t, "WaitFor", err, asyncio.ErrCanceled)
		},
		"that a coroutine takes no notice of leaves its result": func(t *testing.T, ctx context.Context) {
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.WaitFor(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
					_ = asynctest.SleepForever(ctx)
					return 42, nil
				}), time.Hour)
			})
			is(t, "sleep", asyncio.Sleep(ctx, time.Second), nil)
			task.Cancel()
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
		},
		"in the pass of the result loses neither": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			var got int
			var first, next error
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				got, first = asyncio.WaitFor(ctx, f, time.Hour)
				next = asyncio.Yield(ctx)
				return next
			})
			is(t, "yield", asyncio.Yield(ctx), nil)
			_ = f.SetResult(42)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "WaitFor", first, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
			is(t, "the next wait", next, asyncio.ErrCanceled)
			is(t, "task", err, asyncio.ErrCanceled)
		},
	})
}

func TestCPythonWaitForAndShield(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"what is shielded goes on when there is no time": func(t *testing.T, ctx context.Context) {
			shieldedFor(t, ctx, 0, asyncio.ErrTimeout)
		},
		"what is shielded goes on when the time is over": func(t *testing.T, ctx context.Context) {
			shieldedFor(t, ctx, time.Second, asyncio.ErrTimeout)
		},
		"what is shielded gives its result in time": func(t *testing.T, ctx context.Context) {
			shieldedFor(t, ctx, time.Hour, nil)
		},
	})
}

// shieldedFor waits for d, behind a shield, for what takes a minute.
func shieldedFor(t *testing.T, ctx context.Context, d time.Duration, want error) {
	task := asyncio.CreateTask(ctx, asynctest.Later(time.Minute, "done"))
	err := asyncio.WithTimeout(ctx, d, func(ctx context.Context) error {
		_, err := asyncio.Shield(ctx, task)
		return err
	})
	is(t, "shield", err, want)
	asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
	got, err := task.Await(ctx)
	is(t, "task", err, nil)
	asynctest.ExpectEqual(t, "result", got, "done")
}
