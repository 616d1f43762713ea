// testdata/more: wait, as_completed and wait_for.

package pairs

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var moreWaitPrograms = map[string]program{
	"more/wait_first_exception":         waitFirstException,
	"more/wait_again_and_again":         waitAgainAndAgain,
	"more/wait_with_timeout":            waitWithTimeout,
	"more/wait_cancelled":               waitCanceled,
	"more/wait_for_futures":             waitForFutures,
	"more/as_completed_mixture":         asCompletedMixture,
	"more/as_completed_left_early":      asCompletedLeftEarly,
	"more/as_completed_of_done_and_new": asCompletedOfDoneAndNew,
	"more/as_completed_slow_reader":     asCompletedSlowReader,
	"more/wait_for_outcomes":            waitForOutcomes,
	"more/wait_for_cancelled":           waitForCanceled,
	"more/wait_for_zero":                waitForZero,
}

// sortedBy lists what f says of vs, in order.
func sortedBy[T any](vs []T, f func(T) string) []string {
	return slices.Sorted(slices.Values(each(vs, f)))
}

func waitFirstException(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		show := func(ts []*asyncio.Task[string]) ([]string, []string, error) {
			done, pending, err := asyncio.Wait(ctx, ts, asyncio.FirstException, 0)
			return sortedBy(done, (*asyncio.Task[string]).Name), sortedBy(pending, (*asyncio.Task[string]).Name), err
		}
		task := func(name string, c asyncio.Coro[string]) *asyncio.Task[string] {
			return asyncio.CreateTask(ctx, c, asyncio.Name(name))
		}
		ts := []*asyncio.Task[string]{
			task("a", after(10*ms, "")), task("b", failing(20*ms, "b")), task("c", after(30*ms, "")),
		}
		done, pending, err := show(ts)
		if err != nil {
			return err
		}
		_, failure := ts[1].Result()
		say(out, done, pending, failure)
		ts = []*asyncio.Task[string]{
			task("d", after(10*ms, "")), task("e", after(longTime, "")), task("f", after(30*ms, "")),
		}
		asyncio.RunningLoop(ctx).CallLater(20*ms, func() { ts[1].Cancel() })
		done, pending, err = show(ts)
		say(out, done, pending, ts[1].Canceled())
		return err
	}, opts...)
}

func waitAgainAndAgain(out io.Writer, opts ...asyncio.Option) error {
	delays := map[string]time.Duration{"a": 80 * ms, "b": 10 * ms, "c": 30 * ms, "d": 30 * ms, "e": 30 * ms}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		job := func(name string) *asyncio.Task[string] { return asyncio.CreateTask(ctx, after(delays[name], name)) }
		pending, rest := each([]string{"a", "b", "c"}, job), []string{"d", "e"}
		for len(pending) > 0 {
			done, left, err := asyncio.Wait(ctx, pending, asyncio.FirstCompleted, 0)
			if err != nil {
				return err
			}
			pending = left
			for _, t := range done {
				say(out, "done", result(t), "pending", len(pending))
				if len(rest) > 0 {
					say(out, "new", rest[0])
					pending = append(pending, job(rest[0]))
					rest = rest[1:]
				}
			}
		}
		return nil
	}, opts...)
}

func waitWithTimeout(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		job := func(name string, delay time.Duration) *asyncio.Task[string] {
			return asyncio.CreateTask(ctx, ending(out, name, delay))
		}
		ts := []*asyncio.Task[string]{job("a", 10*ms), job("b", 30*ms), job("c", 50*ms)}
		for _, timeout := range []time.Duration{20 * ms, 20 * ms, longTime} {
			done, pending, err := asyncio.Wait(ctx, ts, asyncio.AllCompleted, timeout)
			if err != nil {
				return err
			}
			say(out, sortedBy(done, result), len(pending))
		}
		done, pending, err := asyncio.Wait(ctx,
			[]*asyncio.Task[string]{job("d", 20*ms)}, asyncio.AllCompleted, 10*ms)
		if err != nil {
			return err
		}
		say(out, len(done), len(pending))
		name, err := pending[0].Await(ctx)
		say(out, name)
		return err
	}, opts...)
}

func waitCanceled(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		ts := []*asyncio.Task[string]{
			asyncio.CreateTask(ctx, ending(out, "a", 20*ms)),
			asyncio.CreateTask(ctx, ending(out, "b", 20*ms)),
		}
		w := asyncio.Go(ctx, saying(out, func(ctx context.Context) error { return wait(ctx, ts...) }, "waiter cancelled"))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		w.Cancel()
		if err := wait(ctx, w); err != nil {
			return err
		}
		say(out, each(ts, (*asyncio.Task[string]).Done), w.Canceled())
		err := wait(ctx, ts...)
		say(out, each(ts, (*asyncio.Task[string]).Canceled))
		return err
	}, opts...)
}

func waitForFutures(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		var futs []*asyncio.Future[string]
		for range 4 {
			futs = append(futs, asyncio.NewFuture[string](ctx))
		}
		loop.CallSoon(func() { futs[2].SetResult("two") })
		loop.CallLater(10*ms, func() { futs[0].SetError(errors.New("zero")) })
		loop.CallLater(20*ms, func() { futs[3].Cancel() })
		loop.CallLater(30*ms, func() { futs[1].SetResult("one") })
		for _, when := range []asyncio.ReturnWhen{asyncio.FirstCompleted, asyncio.FirstException, asyncio.AllCompleted} {
			done, pending, err := asyncio.Wait(ctx, futs, when, 0)
			if err != nil {
				return err
			}
			isDone := func(f *asyncio.Future[string]) bool { return slices.Contains(done, f) }
			say(out, each(futs, isDone), len(pending))
		}
		_, zero := futs[0].Result()
		one, _ := futs[1].Result()
		two, _ := futs[2].Result()
		say(out, zero, one, two, futs[3].Canceled())
		return nil
	}, opts...)
}

func asCompletedMixture(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		done := asyncio.CreateTask(ctx, after(0, "done"))
		if _, err := done.Await(ctx); err != nil {
			return err
		}
		for v, err := range asyncio.AsCompleted(ctx, after(30*ms, "c"), done, failing(10*ms, "a"), after(20*ms, "b")) {
			if err != nil {
				say(out, "error", err)
			} else {
				say(out, "value", v)
			}
		}
		say(out, "end")
		return nil
	}, opts...)
}

func asCompletedOfDoneAndNew(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		done := asyncio.CreateTask(ctx, asynctest.Value("done"))
		if _, err := done.Await(ctx); err != nil {
			return err
		}
		ticks, running := 0, true
		var tick func()
		tick = func() {
			ticks++
			if running {
				loop.CallSoon(tick)
			}
		}
		loop.CallSoon(tick)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		ticks = 0
		for name, err := range asyncio.AsCompleted(ctx, done, asynctest.Value("new")) {
			if err != nil {
				return err
			}
			say(out, name, "after", ticks)
		}
		running = false
		return nil
	}, opts...)
}

func asCompletedLeftEarly(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		ts := []*asyncio.Task[string]{
			asyncio.CreateTask(ctx, ending(out, "a", 30*ms)),
			asyncio.CreateTask(ctx, ending(out, "b", 10*ms)),
			asyncio.CreateTask(ctx, ending(out, "c", 20*ms)),
		}
		for name, err := range asyncio.AsCompleted(ctx, asyncio.Awaitables(ts)...) {
			if err != nil {
				return err
			}
			say(out, "first", name)
			break
		}
		say(out, each(ts, (*asyncio.Task[string]).Done))
		err := wait(ctx, ts...)
		say(out, each(ts, result))
		return err
	}, opts...)
}

func asCompletedSlowReader(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var ts []asyncio.Awaitable[string]
		for _, job := range []struct {
			name  string
			delay int
		}{{"a", 2}, {"b", 1}, {"c", 3}, {"d", 6}} {
			ts = append(ts, asyncio.CreateTask(ctx, ending(out, job.name, centiseconds(job.delay))))
		}
		for name, err := range asyncio.AsCompleted(ctx, ts...) {
			if err != nil {
				return err
			}
			say(out, "read", name)
			if err := asyncio.Sleep(ctx, 25*ms); err != nil {
				return err
			}
		}
		say(out, "end")
		return nil
	}, opts...)
}

// waitForWays are the two ways to give a coroutine to WaitFor: as it is, and
// as a task.
var waitForWays = []func(ctx context.Context, c asyncio.Coro[string]) asyncio.Awaitable[string]{
	func(_ context.Context, c asyncio.Coro[string]) asyncio.Awaitable[string] { return c },
	func(ctx context.Context, c asyncio.Coro[string]) asyncio.Awaitable[string] {
		return asyncio.CreateTask(ctx, c)
	},
}

func waitForOutcomes(out io.Writer, opts ...asyncio.Option) error {
	fail := func(context.Context) (string, error) { return "", errors.New("bad") }
	slowCleanup := func(ctx context.Context) (string, error) {
		err := sleepLong(ctx)
		err2 := asyncio.Sleep(context.WithoutCancel(ctx), 20*ms)
		say(out, "cleaned up")
		return "", errors.Join(err, err2)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		v, err := asyncio.WaitFor(ctx, after(10*ms, "value"), 50*ms)
		if err != nil {
			return err
		}
		say(out, v)
		for _, c := range []asyncio.Coro[string]{fail, slowCleanup, stubbornValue} {
			for _, way := range waitForWays {
				v, err := asyncio.WaitFor(ctx, way(ctx, c), 10*ms)
				switch {
				case err == nil:
					say(out, v)
				case timedOut(err):
					say(out, "timeout")
				default:
					say(out, "error", err)
				}
			}
		}
		return nil
	}, opts...)
}

// stubbornValue answers a cancellation with a value.
func stubbornValue(ctx context.Context) (string, error) {
	if err := sleepLong(ctx); canceled(err) {
		return "stubborn value", nil
	}
	return "", nil
}

func waitForCanceled(out io.Writer, opts ...asyncio.Option) error {
	inner := func(ctx context.Context) (string, error) {
		err := sleepLong(ctx)
		err2 := asyncio.Sleep(context.WithoutCancel(ctx), 10*ms)
		say(out, "inner over")
		return "", errors.Join(err, err2)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, way := range waitForWays {
			t := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.WaitFor(ctx, way(ctx, inner), longTime)
				if canceled(err) {
					say(out, "outer cancelled")
				} else {
					say(out, "never")
				}
				return err
			})
			if err := asyncio.Sleep(ctx, 10*ms); err != nil {
				return err
			}
			t.Cancel()
			if err := wait(ctx, t); err != nil {
				return err
			}
			say(out, t.Canceled())
		}
		return nil
	}, opts...)
}

func waitForZero(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, asynctest.Value("quick"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		v, err := asyncio.WaitFor(ctx, t, 0)
		if err != nil {
			return err
		}
		say(out, v)
		s := asyncio.CreateTask(ctx, stubbornValue)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		v, err = asyncio.WaitFor(ctx, s, -1)
		if err != nil {
			return err
		}
		say(out, v)
		fut := asyncio.NewFuture[none](ctx)
		if _, err := asyncio.WaitFor(ctx, fut, 0); timedOut(err) {
			say(out, "timeout", fut.Canceled())
		}
		n := asyncio.CreateTask(ctx, asynctest.Value("quick"))
		if _, err := asyncio.WaitFor(ctx, n, 0); timedOut(err) {
			say(out, "never began", n.Canceled())
		}
		return nil
	}, opts...)
}
