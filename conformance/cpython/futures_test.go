package cpython

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestCPythonFutureStates(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"a new one": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			asynctest.ExpectEqual(t, "done or canceled", f.Done() || f.Canceled(), false)
			_, err := f.Result()
			is(t, "Result", err, asyncio.ErrInvalidState)
			is(t, "Err", f.Err(), asyncio.ErrInvalidState)
		},
		"a canceled one": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			asynctest.ExpectEqual(t, "cancel", f.Cancel(), true)
			asynctest.ExpectEqual(t, "done and canceled", f.Done() && f.Canceled(), true)
			_, err := f.Result()
			is(t, "Result", err, asyncio.ErrCanceled)
			is(t, "Err", f.Err(), asyncio.ErrCanceled)
			expectSettled(t, f)
		},
		"one with a result": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			is(t, "SetResult", f.SetResult(42), nil)
			asynctest.ExpectEqual(t, "done", f.Done(), true)
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), false)
			got, err := f.Result()
			is(t, "Result", err, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
			expectSettled(t, f)
		},
		"one with an error": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			is(t, "SetError", f.SetError(errOops), nil)
			asynctest.ExpectEqual(t, "done", f.Done(), true)
			asynctest.ExpectEqual(t, "canceled", f.Canceled(), false)
			_, err := f.Result()
			is(t, "Result", err, errOops)
			is(t, "Err", f.Err(), errOops)
			expectSettled(t, f)
		},
		"one that is awaited twice gives its result twice": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[string](ctx)
			asyncio.RunningLoop(ctx).CallLater(time.Second, func() { _ = f.SetResult("value") })
			for range 2 {
				got, err := f.Await(ctx)
				is(t, "Await", err, nil)
				asynctest.ExpectEqual(t, "result", got, "value")
			}
		},
		"one whose function has returned before it is canceled": func(t *testing.T, ctx context.Context) {
			var inside error
			f := asyncio.RunInExecutor(ctx, sameGoroutine{}, func(ctx context.Context) (int, error) {
				defer func() { inside = ctx.Err() }()
				return 42, nil
			})
			asynctest.ExpectEqual(t, "cancel", f.Cancel(), true)
			_, err := f.Await(ctx)
			is(t, "Await", err, asyncio.ErrCanceled)
			is(t, "the context of the function", inside, nil)
			passes(ctx, 3)
		},
	})
}

// sameGoroutine is an executor that runs its functions at once.
type sameGoroutine struct{}

func (sameGoroutine) Submit(fn func()) error         { fn(); return nil }
func (sameGoroutine) Shutdown(context.Context) error { return nil }

// expectSettled expects that a future takes nothing more.
func expectSettled(t *testing.T, f *asyncio.Future[int]) {
	t.Helper()
	is(t, "SetResult", f.SetResult(1), asyncio.ErrInvalidState)
	is(t, "SetError", f.SetError(errOther), asyncio.ErrInvalidState)
	asynctest.ExpectEqual(t, "cancel", f.Cancel(), false)
}

func TestCPythonFutureReports(t *testing.T) {
	cases := map[string]struct {
		use  func(f *asyncio.Future[int])
		want []error
	}{
		"of one that is abandoned":                  {func(*asyncio.Future[int]) {}, nil},
		"of one that is canceled":                   {func(f *asyncio.Future[int]) { f.Cancel() }, nil},
		"of a result that no one looks at":          {func(f *asyncio.Future[int]) { _ = f.SetResult(42) }, nil},
		"of a result that someone looks at":         {func(f *asyncio.Future[int]) { _ = f.SetResult(42); _, _ = f.Result() }, nil},
		"of an error that no one looks at":          {func(f *asyncio.Future[int]) { _ = f.SetError(errOops) }, []error{errOops}},
		"of an error that Err looks at":             {func(f *asyncio.Future[int]) { _ = f.SetError(errOops); _ = f.Err() }, nil},
		"of an error that Result looks at":          {func(f *asyncio.Future[int]) { _ = f.SetError(errOops); _, _ = f.Result() }, nil},
		"of an error that only Done has asked for":  {func(f *asyncio.Future[int]) { _ = f.SetError(errOops); f.Done() }, []error{errOops}},
		"of an error after which Cancel was called": {func(f *asyncio.Future[int]) { _ = f.SetError(errOops); f.Cancel() }, []error{errOops}},
	}
	for name, c := range cases {
		for mode, debug := range map[string]bool{"": false, ", in debug mode": true} {
			t.Run(name+mode, func(t *testing.T) {
				var heard asynctest.Reports
				err := asyncio.Run(t.Context(), func(ctx context.Context) error {
					c.use(asyncio.NewFuture[int](ctx))
					return nil
				}, asynctest.VirtualTime(), heard.Option(), asyncio.Debug(debug))
				is(t, "Run", err, nil)
				heard.ExpectErrors(t, c.want...)
			})
		}
	}
}

func TestCPythonFutureCallbacks(t *testing.T) {
	type future = *asyncio.Future[int]
	settled := map[string]func(f future){
		"a result": func(f future) { _ = f.SetResult(1) },
		"an error": func(f future) { _ = f.SetError(errOops); _ = f.Err() },
	}
	for with, settle := range settled {
		t.Run("are called for "+with+", in their order, and not before", func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				var d journal
				f := asyncio.NewFuture[int](ctx)
				f.AddDoneCallback(func(g future) { asynctest.ExpectEqual(t, "future", g, f); d.add("first") })
				f.AddDoneCallback(func(future) { d.add("second") })
				passes(ctx, 2)
				settle(f)
				d.expect(t, "")
				passes(ctx, 1)
				d.expect(t, "first second")
				return nil
			})
		})
	}
	for name, gone := range map[string][]int{"first": {0}, "first and the second": {0, 1}, "third": {2}, "same twice": {1, 1}} {
		t.Run("but not the "+name+", if that is taken back", func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				callbacksTakenBack(t, ctx, gone)
				return nil
			})
		})
	}
	t.Run("is called once for each time that it was added", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			calls := 0
			f := asyncio.NewFuture[int](ctx)
			count := func(future) { calls++ }
			f.AddDoneCallback(count)
			remove := f.AddDoneCallback(count)
			f.AddDoneCallback(count)
			asynctest.ExpectEqual(t, "removed", remove(), true)
			_ = f.SetResult(1)
			passes(ctx, 1)
			asynctest.ExpectEqual(t, "calls", calls, 2)
			return nil
		})
	})
}

func callbacksTakenBack(t *testing.T, ctx context.Context, gone []int) {
	var called [3]bool
	var remove [3]func() bool
	f := asyncio.NewFuture[int](ctx)
	for i := range called {
		remove[i] = f.AddDoneCallback(func(*asyncio.Future[int]) { called[i] = true })
	}
	want := [3]bool{true, true, true}
	for _, i := range gone {
		asynctest.ExpectEqual(t, "removed", remove[i](), want[i])
		want[i] = false
	}
	_ = f.SetResult(1)
	passes(ctx, 1)
	asynctest.ExpectEqual(t, "called", called, want)
}
