package cpython

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

type ints = []*asyncio.Task[int]

// wait calls asyncio.Wait without a timeout, and expects how many are done and
// pending, and how long it took.
func wait(t *testing.T, ctx context.Context, tasks ints, when asyncio.ReturnWhen, done, pending int, d time.Duration) {
	t.Helper()
	waitAtMost(t, ctx, tasks, when, 0, done, pending, d)
}

func waitAtMost(t *testing.T, ctx context.Context, tasks ints, when asyncio.ReturnWhen, timeout time.Duration, done, pending int, d time.Duration) {
	t.Helper()
	took := stopwatch(ctx)
	ended, others, err := asyncio.Wait(ctx, tasks, when, timeout)
	is(t, "Wait", err, nil)
	asynctest.ExpectEqual(t, "done", len(ended), done)
	asynctest.ExpectEqual(t, "pending", len(others), pending)
	asynctest.ExpectEqual(t, "it took", took(), d)
	for _, task := range others {
		asynctest.ExpectEqual(t, "done", task.Done(), false)
		task.Cancel()
	}
}

func TestCPythonWait(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"for all, with what each came to": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 42)), asyncio.CreateTask(ctx, asynctest.Later(2*time.Second, 43))
			wait(t, ctx, ints{b, a}, asyncio.AllCompleted, 2, 0, 2*time.Second)
			expectResult(t, a, 42)
			expectResult(t, b, 43)
			wait(t, ctx, ints{a, b}, asyncio.AllCompleted, 2, 0, 0)
		},
		"for one that is given twice counts it once": func(t *testing.T, ctx context.Context) {
			a := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 42))
			wait(t, ctx, ints{a, a}, asyncio.AllCompleted, 2, 0, time.Second)
		},
		"for nothing returns at once": func(t *testing.T, ctx context.Context) {
			wait(t, ctx, nil, asyncio.AllCompleted, 0, 0, 0)
		},
		"for the first leaves the others pending": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(10*time.Second, 1)), asyncio.CreateTask(ctx, asynctest.Later(time.Second, 2))
			wait(t, ctx, ints{a, b}, asyncio.FirstCompleted, 1, 1, time.Second)
			expectResult(t, b, 2)
		},
		"for the first takes all that are done by then": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Value(1)), asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return 2, asyncio.Yield(ctx) })
			wait(t, ctx, ints{a, b}, asyncio.FirstCompleted, 2, 0, 0)
		},
		"for the first error, which is there at once": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(10*time.Second, 1)), asyncio.CreateTask(ctx, asynctest.Fail[int](errOops))
			wait(t, ctx, ints{a, b}, asyncio.FirstException, 1, 1, 0)
			is(t, "error", b.Err(), errOops)
		},
		"for the first error, which comes during the wait": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(10*time.Second, 1)), asyncio.CreateTask(ctx, asynctest.FailLater[int](time.Second, errOops))
			wait(t, ctx, ints{a, b}, asyncio.FirstException, 1, 1, time.Second)
			is(t, "error", b.Err(), errOops)
		},
		"for all goes on over an error": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(2*time.Second, 1)), asyncio.CreateTask(ctx, asynctest.FailLater[int](time.Second, errOops))
			wait(t, ctx, ints{a, b}, asyncio.AllCompleted, 2, 0, 2*time.Second)
			is(t, "error", b.Err(), errOops)
		},
		"with a timeout that comes first": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 1)), asyncio.CreateTask(ctx, asynctest.Later(5*time.Second, 2))
			waitAtMost(t, ctx, ints{a, b}, asyncio.AllCompleted, 3*time.Second, 1, 1, 3*time.Second)
		},
		"with a timeout that does not matter": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 1)), asyncio.CreateTask(ctx, asynctest.Later(2*time.Second, 2))
			waitAtMost(t, ctx, ints{a, b}, asyncio.AllCompleted, time.Minute, 2, 0, 2*time.Second)
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		},
	})
}

func TestCPythonAsCompleted(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"gives results in the order of the ends": func(t *testing.T, ctx context.Context) {
			var got []string
			took := stopwatch(ctx)
			for v, err := range asyncio.AsCompleted(ctx, asynctest.Later(3*time.Second, "c"), asynctest.Later(time.Second, "a"), asynctest.Later(2*time.Second, "b")) {
				is(t, "AsCompleted", err, nil)
				got = append(got, v)
			}
			equalAll(t, "results", got, []string{"a", "b", "c"})
			asynctest.ExpectEqual(t, "it took", took(), 3*time.Second)
		},
		"tells which of those that it was given": func(t *testing.T, ctx context.Context) {
			tasks := ints{asyncio.CreateTask(ctx, asynctest.Later(3*time.Second, 0)), asyncio.CreateTask(ctx, asynctest.Later(2*time.Second, 1)), asyncio.CreateTask(ctx, asynctest.Later(time.Second, 2))}
			var order []int
			for i, r := range asyncio.AsCompletedIndex(ctx, asyncio.Awaitables(tasks)...) {
				asynctest.ExpectEqual(t, "done", tasks[i].Done(), true)
				asynctest.ExpectEqual(t, "result", r.Value, i)
				order = append(order, i)
			}
			equalAll(t, "order", order, []int{2, 1, 0})
		},
		"with a timeout around it cancels nothing": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 1)), asyncio.CreateTask(ctx, asynctest.Later(time.Minute, 2))
			var got []int
			err := asyncio.WithTimeout(ctx, 2*time.Second, func(ctx context.Context) error {
				for v, err := range asyncio.AsCompleted(ctx, a, b) {
					if err != nil {
						return err
					}
					got = append(got, v)
				}
				return nil
			})
			is(t, "timeout", err, asyncio.ErrTimeout)
			equalAll(t, "results", got, []int{1})
			_, err = b.Await(ctx)
			is(t, "the task that took too long", err, nil)
		},
		"with a timeout around it that does not matter": func(t *testing.T, ctx context.Context) {
			n := 0
			err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				for _, err := range asyncio.AsCompleted(ctx, asynctest.Later(time.Second, "a")) {
					is(t, "AsCompleted", err, nil)
					n++
				}
				return nil
			})
			is(t, "timeout", err, nil)
			asynctest.ExpectEqual(t, "results", n, 1)
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		},
		"that was left by a break is over": asCompletedTwice,
		"gives what ends together one after the other": func(t *testing.T, ctx context.Context) {
			took := stopwatch(ctx)
			var got []string
			for v := range asyncio.AsCompleted(ctx, asynctest.Later(time.Second, "a"), asynctest.Later(time.Second, "b")) { //asyncio:ok dropped-iteration-error none of these coroutines fails
				got = append(got, v)
			}
			equalAll(t, "results", got, []string{"a", "b"})
			asynctest.ExpectEqual(t, "it took", took(), time.Second)
		},
		"gives a task that is given twice once": func(t *testing.T, ctx context.Context) {
			a := asyncio.CreateTask(ctx, asynctest.Value("ham"))
			n := 0
			for v := range asyncio.AsCompleted(ctx, a, asyncio.CreateTask(ctx, asynctest.Value("ham")), a) { //asyncio:ok dropped-iteration-error none of these coroutines fails
				asynctest.ExpectEqual(t, "result", v, "ham")
				n++
			}
			asynctest.ExpectEqual(t, "results", n, 2)
		},
	})
}

func TestCPythonShield(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"passes a result on": func(t *testing.T, ctx context.Context) {
			got, err := asyncio.Shield(ctx, asynctest.Later(time.Second, 42))
			is(t, "Shield", err, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
		},
		"passes an error on": func(t *testing.T, ctx context.Context) {
			_, err := asyncio.Shield(ctx, asynctest.FailLater[int](time.Second, errOops))
			is(t, "Shield", err, errOops)
		},
		"passes a cancellation of what is inside on": func(t *testing.T, ctx context.Context) {
			inner := asyncio.Go(ctx, asynctest.SleepForever)
			asyncio.RunningLoop(ctx).CallSoon(func() { inner.Cancel() })
			_, err := asyncio.Shield(ctx, inner)
			is(t, "Shield", err, asyncio.ErrCanceled)
			is(t, "context", ctx.Err(), nil)
		},
		"keeps a cancellation of its task away, and the result comes later": func(t *testing.T, ctx context.Context) {
			inner := asyncio.NewFuture[int](ctx)
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.Shield(ctx, inner)
				return err
			})
			is(t, "Shield", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "canceled", inner.Canceled(), false)
			is(t, "SetResult", inner.SetResult(42), nil)
		},
		"does not wait for what is done": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			_ = f.SetResult(42)
			passed := false
			asyncio.RunningLoop(ctx).CallSoon(func() { passed = true })
			got, err := asyncio.Shield(ctx, f)
			is(t, "Shield", err, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
			asynctest.ExpectEqual(t, "a pass went by", passed, false)
		},
		"lets what is inside run to its end": func(t *testing.T, ctx context.Context) {
			proof := 0
			f := asyncio.NewFuture[int](ctx)
			inner := asyncio.Coro[int](func(ctx context.Context) (int, error) {
				_, err := f.Await(ctx)
				proof++
				return 0, err
			})
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.Shield(ctx, inner)
				proof += 100
				return err
			})
			is(t, "Shield", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "proof", proof, 100)
			_ = f.SetResult(1)
			passes(ctx, 2)
			asynctest.ExpectEqual(t, "proof", proof, 101)
		},
		"around a gathering protects all of it": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
			var got []int
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.Shield(ctx, asyncio.Coro[none](func(ctx context.Context) (_ none, err error) {
					got, err = asyncio.Gather(ctx, a, b)
					return none{}, err
				}))
				return err
			})
			is(t, "Shield", err, asyncio.ErrCanceled)
			_, _ = a.SetResult(0), b.SetResult(1)
			passes(ctx, 3)
			equalAll(t, "results", got, []int{0, 1})
		},
		"around the parts of a gathering protects those": func(t *testing.T, ctx context.Context) {
			a, b := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
			shield := func(f *asyncio.Future[int]) asyncio.Coro[int] {
				return func(ctx context.Context) (int, error) { return asyncio.Shield(ctx, f) }
			}
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, shield(a), shield(b))
				return err
			})
			is(t, "Gather", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "canceled", a.Canceled() || b.Canceled(), false)
		},
	})
	for name, looked := range map[string]bool{"a later failure that no one looks at is reported, once": false, "a later failure that someone looks at is not": true} {
		t.Run(name, func(t *testing.T) { shieldedFailure(t, looked) })
	}
}

func asCompletedTwice(t *testing.T, ctx context.Context) {
	seq := asyncio.AsCompleted(ctx, asynctest.Later(time.Second, "a"), asynctest.Later(2*time.Second, "b"))
	for v := range seq { //asyncio:ok dropped-iteration-error none of these coroutines fails
		asynctest.ExpectEqual(t, "result", v, "a")
		break
	}
	for range seq { //asyncio:ok dropped-iteration-error it yields nothing
		t.Error("a second loop yields something")
	}
}

func shieldedFailure(t *testing.T, looked bool) {
	var heard asynctest.Reports
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		inner := asyncio.NewFuture[int](ctx)
		for range 2 {
			_, err := canceledAfter(ctx, func(ctx context.Context) error {
				_, err := asyncio.Shield(ctx, inner)
				return err
			})
			is(t, "Shield", err, asyncio.ErrCanceled)
		}
		_ = inner.SetError(errOops)
		if looked {
			is(t, "error", inner.Err(), errOops)
		}
		return asyncio.Sleep(ctx, time.Second)
	}, asynctest.VirtualTime(), heard.Option())
	is(t, "Run", err, nil)
	if looked {
		heard.ExpectErrors(t)
	} else {
		heard.ExpectErrors(t, errOops)
	}
}
