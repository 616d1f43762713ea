package cpython

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestCPythonThreads(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"give a result": func(t *testing.T, ctx context.Context) {
			got, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 40 + 2, nil })
			is(t, "ToThread", err, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
		},
		"give an error": func(t *testing.T, ctx context.Context) {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, errOops })
			is(t, "ToThread", err, errOops)
		},
		"run once": func(t *testing.T, ctx context.Context) {
			calls := make(chan int, 10)
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { calls <- 1; return 0, nil })
			is(t, "ToThread", err, nil)
			passes(ctx, 3)
			asynctest.ExpectEqual(t, "calls", len(calls), 1)
		},
		"run beside each other": func(t *testing.T, ctx context.Context) {
			meet := make(chan none)
			_, err := asyncio.Gather(ctx,
				asyncio.Coro[none](func(ctx context.Context) (none, error) {
					return asyncio.ToThread(ctx, func(context.Context) (none, error) { meet <- none{}; return none{}, nil })
				}),
				asyncio.Coro[none](func(ctx context.Context) (none, error) {
					return asyncio.ToThread(ctx, func(context.Context) (none, error) { return <-meet, nil })
				}))
			is(t, "Gather", err, nil)
		},
	})
}

func TestCPythonExecutors(t *testing.T) {
	pool := asyncio.NewWorkerPool(2)
	t.Cleanup(func() { is(t, "Shutdown", pool.Shutdown(context.Background()), nil) })
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"give a future of the result": func(t *testing.T, ctx context.Context) {
			a := asyncio.RunInExecutor(ctx, pool, func(context.Context) (string, error) { return "yo", nil })
			b := asyncio.RunInExecutor(ctx, pool, func(context.Context) (string, error) { return "", errOops })
			got, err := a.Await(ctx)
			is(t, "first", err, nil)
			asynctest.ExpectEqual(t, "result", got, "yo")
			_, err = b.Await(ctx)
			is(t, "second", err, errOops)
		},
		"cancel the function with its future": func(t *testing.T, ctx context.Context) {
			begun, cut := new(asyncio.Event), make(chan error, 1)
			loop := asyncio.RunningLoop(ctx)
			f := asyncio.RunInExecutor(ctx, pool, func(ctx context.Context) (int, error) {
				_ = loop.CallSoonThreadsafe(begun.Set)
				<-ctx.Done()
				cut <- ctx.Err()
				return 0, ctx.Err()
			})
			is(t, "Wait", begun.Wait(ctx), nil)
			asynctest.ExpectEqual(t, "cancel", f.Cancel(), true)
			_, err := f.Await(ctx)
			is(t, "future", err, asyncio.ErrCanceled)
			passes(ctx, 1)
			is(t, "function", <-cut, context.Canceled) //asyncio:ok channel the thread writes it without the loop
		},
	})
}
