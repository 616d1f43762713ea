package cpython

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

type future = asyncio.Future[int]

// threeFutures returns three futures and a task that gathers them. With
// settled, errors are results.
func threeFutures(ctx context.Context) (a, b, c *future, task *asyncio.Task[[]int]) {
	a, b, c = asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
	task = asyncio.CreateTask(ctx, func(ctx context.Context) ([]int, error) { return asyncio.Gather(ctx, a, b, c) })
	passes(ctx, 1)
	return a, b, c, task
}

func TestCPythonGather(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"gives results in the order of its arguments": func(t *testing.T, ctx context.Context) {
			a, b, c, task := threeFutures(ctx)
			_ = b.SetResult(2)
			passes(ctx, 2)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			_, _ = a.SetResult(1), c.SetResult(3)
			got, err := task.Await(ctx)
			is(t, "Gather", err, nil)
			equalAll(t, "results", got, []int{1, 2, 3})
		},
		"tells the first error, and the others go on": func(t *testing.T, ctx context.Context) {
			a, b, c, task := threeFutures(ctx)
			_ = b.SetError(errOops)
			_, err := task.Await(ctx)
			is(t, "Gather", err, errOops)
			asynctest.ExpectEqual(t, "the others are done", a.Done() || c.Done(), false)
			_, _ = a.SetResult(1), c.SetResult(2)
		},
		"tells of a child that is canceled, and the others go on": func(t *testing.T, ctx context.Context) {
			a, b, c, task := threeFutures(ctx)
			_ = a.SetResult(1)
			b.Cancel()
			_, err := task.Await(ctx)
			is(t, "Gather", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "canceled", c.Canceled(), false)
			is(t, "SetResult", c.SetResult(3), nil)
		},
		"of nothing gives nothing at once": func(t *testing.T, ctx context.Context) {
			got, err := asyncio.Gather[int](ctx)
			is(t, "Gather", err, nil)
			asynctest.ExpectEqual(t, "results", len(got), 0)
		},
		"cancels all its children": func(t *testing.T, ctx context.Context) {
			proof := 0
			f := asyncio.NewFuture[int](ctx)
			child := asyncio.Coro[int](func(ctx context.Context) (int, error) {
				_, err := asyncio.Shield(ctx, f)
				if err == nil {
					proof++
				}
				return 0, err
			})
			a, b := asyncio.CreateTask(ctx, child), asyncio.CreateTask(ctx, child)
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, a, b)
				proof += 100
				return err
			})
			is(t, "Gather", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "both canceled", a.Canceled() && b.Canceled(), true)
			asynctest.ExpectEqual(t, "proof", proof, 100)
		},
		"cancels a child that ends with a result of its own": func(t *testing.T, ctx context.Context) {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.GatherSettled(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
					_ = asynctest.SleepForever(ctx)
					return 1, nil
				}))
				return err
			})
			is(t, "GatherSettled", err, asyncio.ErrCanceled)
		},
		"runs a coroutine as often as it is given": func(t *testing.T, ctx context.Context) {
			runs := 0
			c := asyncio.Coro[int](func(context.Context) (int, error) { runs++; return runs, nil })
			task := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 7))
			got, err := asyncio.Gather(ctx, c, c, task, task)
			is(t, "Gather", err, nil)
			equalAll(t, "results", got, []int{1, 2, 7, 7})
		},
		"settled gives results like results": func(t *testing.T, ctx context.Context) {
			got, err := asyncio.GatherSettled(ctx, asynctest.Later(2*time.Second, 1), asynctest.Later(time.Second, 2))
			is(t, "GatherSettled", err, nil)
			equalAll(t, "results", got, []asyncio.Result[int]{{Value: 1}, {Value: 2}})
		},
		"settled gives errors and cancellations as results": func(t *testing.T, ctx context.Context) {
			canceled := asyncio.NewFuture[int](ctx)
			canceled.Cancel()
			got, err := asyncio.GatherSettled(ctx, asynctest.Later(2*time.Second, 1), asynctest.FailLater[int](time.Second, errOops), canceled, asynctest.Fail[int](errOther))
			is(t, "GatherSettled", err, nil)
			for i, want := range []error{nil, errOops, asyncio.ErrCanceled, errOther} {
				is(t, "child", got[i].Err, want)
			}
		},
	})
	t.Run("leaves a second error without a taker, and it is reported", gatherLeavesAnError)
}

func gatherLeavesAnError(t *testing.T) {
	var heard asynctest.Reports
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		_, err := asyncio.Gather(ctx, asynctest.Fail[int](errOops), asynctest.FailLater[int](time.Second, errOther))
		is(t, "Gather", err, errOops)
		return asyncio.Sleep(ctx, time.Minute)
	}, asynctest.VirtualTime(), heard.Option())
	is(t, "Run", err, nil)
	heard.ExpectErrors(t, errOther)
}
