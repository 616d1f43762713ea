package cpython

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestCPythonCallbacks(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"of CallSoon are called in their order": func(t *testing.T, ctx context.Context) {
			var d journal
			loop := asyncio.RunningLoop(ctx)
			loop.CallSoon(d.note("a"))
			loop.CallSoon(func() { d.add("b"); loop.CallSoon(d.note("d")) })
			loop.CallSoon(d.note("c"))
			passes(ctx, 1)
			d.expect(t, "a b c")
			passes(ctx, 1)
			d.expect(t, "a b c d")
		},
		"of CallLater are called when their time has come": func(t *testing.T, ctx context.Context) {
			var d journal
			loop := asyncio.RunningLoop(ctx)
			took := stopwatch(ctx)
			loop.CallLater(2*time.Second, func() { d.add("late"); asynctest.ExpectEqual(t, "at", took(), 2*time.Second) })
			loop.CallLater(time.Second, func() { d.add("early"); asynctest.ExpectEqual(t, "at", took(), time.Second) })
			is(t, "sleep", asyncio.Sleep(ctx, 3*time.Second), nil)
			d.expect(t, "early late")
		},
		"of a time that has passed are called at once": func(t *testing.T, ctx context.Context) {
			var d journal
			loop := asyncio.RunningLoop(ctx)
			loop.CallLater(-time.Second, d.note("a"))
			loop.CallLater(-2*time.Second, d.note("b"))
			took := stopwatch(ctx)
			passes(ctx, 2)
			d.expect(t, "b a")
			asynctest.ExpectEqual(t, "it took", took(), 0)
		},
		"of CallAt are called at that time": func(t *testing.T, ctx context.Context) {
			loop := asyncio.RunningLoop(ctx)
			when, called := loop.Now().Add(time.Minute), time.Time{}
			h := loop.CallAt(when, func() { called = loop.Now() })
			asynctest.ExpectEqual(t, "when", h.When().Equal(when), true)
			is(t, "sleep", asyncio.Sleep(ctx, time.Hour), nil)
			asynctest.ExpectEqual(t, "on time", called.Equal(when), true)
		},
		"are not called when they are taken back": func(t *testing.T, ctx context.Context) {
			var d journal
			loop := asyncio.RunningLoop(ctx)
			soon, later := loop.CallSoon(d.note("soon")), loop.CallLater(time.Second, d.note("later"))
			asynctest.ExpectEqual(t, "canceled", soon.Canceled() || later.Canceled(), false)
			soon.Cancel()
			later.Cancel()
			later.Cancel()
			asynctest.ExpectEqual(t, "canceled", soon.Canceled() && later.Canceled(), true)
			asynctest.ExpectEqual(t, "timers", loop.Stats().Timers, 0)
			is(t, "sleep", asyncio.Sleep(ctx, time.Minute), nil)
			d.expect(t, "")
		},
		"do not keep a cancellation waiting": func(t *testing.T, ctx context.Context) {
			took := stopwatch(ctx)
			task := asyncio.Go(ctx, asynctest.SleepForever)
			asyncio.RunningLoop(ctx).CallSoon(func() { task.Cancel() })
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "it took", took(), 0)
		},
		"of CallSoonThreadsafe on the loop itself are called in their order": func(t *testing.T, ctx context.Context) {
			var d journal
			loop := asyncio.RunningLoop(ctx)
			is(t, "CallSoonThreadsafe", loop.CallSoonThreadsafe(d.note("a")), nil)
			is(t, "CallSoonThreadsafe", loop.CallSoonThreadsafe(d.note("b")), nil)
			passes(ctx, 2)
			d.expect(t, "a b")
		},
	})
}

// TestCPythonShortSleeps sleeps for next to nothing on the real clock: a wait
// is never so short that the loop must turn again and again to see its end.
func TestCPythonShortSleeps(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		before := loop.Stats().Passes
		sleeps := uint64(0)
		for d := time.Millisecond; d > 0; d /= 10 {
			is(t, "sleep", asyncio.Sleep(ctx, d), nil)
			sleeps++
		}
		if n := loop.Stats().Passes - before; n > 4*sleeps {
			t.Errorf("%d sleeps took %d passes", sleeps, n)
		}
		return nil
	})
	is(t, "Run", err, nil)
}

func TestCPythonExceptionHandler(t *testing.T) {
	t.Run("gets what a callback panics with, and the loop goes on", func(t *testing.T) {
		var heard asynctest.Reports
		called := false
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			loop := asyncio.RunningLoop(ctx)
			loop.CallSoon(func() { panic(errOops) })
			loop.CallLater(time.Second, func() { panic(errOther) })
			loop.CallSoon(func() { called = true })
			return asyncio.Sleep(ctx, time.Minute)
		}, asynctest.VirtualTime(), heard.Option())
		is(t, "Run", err, nil)
		asynctest.ExpectEqual(t, "the next callback was called", called, true)
		expectPanics(t, &heard, errOops, errOther)
	})
	t.Run("can be changed while the loop runs", func(t *testing.T) {
		var first, second asynctest.Reports
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			loop := asyncio.RunningLoop(ctx)
			loop.CallSoon(func() { panic(errOops) })
			passes(ctx, 1)
			loop.SetExceptionHandler(second.Take)
			loop.CallSoon(func() { panic(errOther) })
			passes(ctx, 1)
			return nil
		}, asynctest.VirtualTime(), first.Option())
		is(t, "Run", err, nil)
		expectPanics(t, &first, errOops)
		expectPanics(t, &second, errOther)
	})
}

// expectPanics expects reports of panics with these values.
func expectPanics(t *testing.T, heard *asynctest.Reports, want ...any) {
	t.Helper()
	var got []any
	for _, c := range heard.List() {
		if p, ok := errors.AsType[*asyncio.PanicError](c.Err); ok {
			got = append(got, p.Value)
		}
	}
	equalAll(t, "panics", got, want)
}

func TestCPythonRunner(t *testing.T) {
	t.Run("a run that panics leaves a loop that can be used", func(t *testing.T) {
		var heard asynctest.Reports
		r := asyncio.NewRunner(asynctest.VirtualTime(), heard.Option())
		defer func() { is(t, "Close", r.Close(), nil) }()
		panics(t, "oops", func() {
			_ = r.Run(t.Context(), func(context.Context) error { panic(errOops) })
		})
		err := r.Run(t.Context(), func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
		is(t, "Run", err, nil)
	})
	t.Run("a loop that was stopped goes on in the next run", func(t *testing.T) {
		r := asyncio.NewRunner(asynctest.VirtualTime())
		defer func() { is(t, "Close", r.Close(), nil) }()
		var d journal
		err := r.Run(t.Context(), func(ctx context.Context) error {
			loop := asyncio.RunningLoop(ctx)
			loop.CallSoon(func() { d.add("stop"); loop.Stop(); loop.CallSoon(d.note("next")) })
			loop.CallSoon(d.note("same pass"))
			return asynctest.SleepForever(ctx)
		})
		is(t, "Run", err, asyncio.ErrLoopStopped)
		d.expect(t, "stop same pass")
		err = r.Run(t.Context(), func(ctx context.Context) error { return asyncio.Yield(ctx) })
		is(t, "Run", err, nil)
		d.expect(t, "stop same pass next")
	})
	t.Run("has one loop, which is closed in the end", func(t *testing.T) {
		r := asyncio.NewRunner(asynctest.VirtualTime())
		loop := r.Loop()
		for range 2 {
			err := r.Run(t.Context(), func(ctx context.Context) error {
				asynctest.ExpectEqual(t, "loop", asyncio.RunningLoop(ctx), loop)
				is(t, "Close", r.Close(), asyncio.ErrLoopRunning)
				return asyncio.Yield(ctx)
			})
			is(t, "Run", err, nil)
		}
		is(t, "Close", r.Close(), nil)
		is(t, "Close", r.Close(), nil)
		is(t, "CallSoonThreadsafe", loop.CallSoonThreadsafe(func() {}), asyncio.ErrLoopClosed)
		is(t, "Run", r.Run(t.Context(), asynctest.SleepForever), asyncio.ErrLoopClosed)
	})
	t.Run("each run has the values of the context that it is given", func(t *testing.T) {
		type key struct{}
		r := asyncio.NewRunner(asynctest.VirtualTime())
		defer func() { is(t, "Close", r.Close(), nil) }()
		for i := range 2 {
			err := r.Run(context.WithValue(t.Context(), key{}, i), func(ctx context.Context) error {
				asynctest.ExpectEqual(t, "value", ctx.Value(key{}), any(i))
				return nil
			})
			is(t, "Run", err, nil)
		}
	})
	t.Run("an error of what is left over is reported", func(t *testing.T) {
		var heard asynctest.Reports
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, cleaning(func(error) error { return errOops }))
			passes(ctx, 1)
			return errOther
		}, asynctest.VirtualTime(), heard.Option())
		is(t, "Run", err, errOther)
		heard.ExpectErrors(t, errOops)
	})
}
