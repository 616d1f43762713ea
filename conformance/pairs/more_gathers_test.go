// testdata/more: gather.

package pairs

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var moreGatherPrograms = map[string]program{
	"more/gather_nested":              gatherNested,
	"more/gather_twice_the_same":      gatherTwiceTheSame,
	"more/gather_a_cancelled_child":   gatherACanceledChild,
	"more/gather_settled_mixture":     gatherSettledMixture,
	"more/gather_leftovers_go_on":     gatherLeftoversGoOn,
	"more/gather_cancelled":           gatherCanceled,
	"more/gather_with_cleanup":        gatherWithCleanup,
	"more/gather_of_done_and_nothing": gatherOfDoneAndNothing,
	"more/gather_futures_and_tasks":   gatherFuturesAndTasks,
}

func gatherNested(out io.Writer, opts ...asyncio.Option) error {
	leaf := func(name string, passes int) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			for range passes {
				if err := asyncio.Yield(ctx); err != nil {
					return "", err
				}
			}
			say(out, "leaf", name)
			return name, nil
		}
	}
	branch := func(name string, parts ...asyncio.Awaitable[string]) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			got, err := asyncio.Gather(ctx, parts...)
			say(out, "branch", name, got)
			return name + "(" + strings.Join(got, " ") + ")", err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		got, err := asyncio.Gather(ctx,
			branch("x", leaf("a", 2), leaf("b", 0)),
			leaf("c", 3),
			branch("y", branch("z", leaf("d", 1), leaf("e", 4)), leaf("f", 0)),
		)
		say(out, got)
		return err
	}, opts...)
}

func gatherTwiceTheSame(out io.Writer, opts ...asyncio.Option) error {
	work := func(name string) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			say(out, name, "runs")
			return name, asyncio.Sleep(ctx, 10*ms)
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, work("t"))
		got, err1 := asyncio.Gather(ctx, t, work("u"), t)
		say(out, got)
		got, err2 := asyncio.Gather(ctx, t, t)
		say(out, got)
		return errors.Join(err1, err2)
	}, opts...)
}

// ending says that name ends, after a delay.
func ending(out io.Writer, name string, delay time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, delay); err != nil {
			return "", err
		}
		say(out, name, "ends")
		return name, nil
	}
}

// failing fails after a delay.
func failing(delay time.Duration, text string) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, delay); err != nil {
			return "", err
		}
		return "", errors.New(text)
	}
}

func gatherACanceledChild(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		victim := asyncio.CreateTask(ctx, ending(out, "victim", longTime))
		loop.CallLater(10*ms, func() { victim.Cancel() })
		_, err := asyncio.Gather(ctx, ending(out, "a", 20*ms), victim, ending(out, "b", 30*ms))
		if canceled(err) {
			say(out, "gather raised cancelled")
		}
		if err := asyncio.Sleep(ctx, 30*ms); err != nil {
			return err
		}
		say(out, "main goes on")
		again := asyncio.CreateTask(ctx, ending(out, "victim", longTime))
		loop.CallLater(10*ms, func() { again.Cancel() })
		got, err := asyncio.GatherSettled(ctx, ending(out, "c", 20*ms), again)
		say(out, each(got, func(r asyncio.Result[string]) string {
			if canceled(r.Err) {
				return "CancelledError"
			}
			return r.Value
		}))
		return err
	}, opts...)
}

func gatherSettledMixture(out io.Writer, opts ...asyncio.Option) error {
	givesUp := asyncio.Coro[string](func(context.Context) (string, error) { return "", asyncio.ErrCanceled })
	text := func(r asyncio.Result[string]) string {
		switch {
		case canceled(r.Err):
			return "cancelled"
		case r.Err != nil:
			return "error " + r.Err.Error()
		default:
			return "value " + r.Value
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		got, err := asyncio.GatherSettled(ctx, failing(20*ms, "x"), after(10*ms, "y"), givesUp, failing(0, "z"))
		say(out, each(got, text))
		return err
	}, opts...)
}

func gatherLeftoversGoOn(out io.Writer, opts ...asyncio.Option) error {
	fails := func(name string, delay time.Duration) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			if err := asyncio.Sleep(ctx, delay); err != nil {
				return "", err
			}
			say(out, name, "fails")
			return "", errors.New(name)
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		keep := asyncio.CreateTask(ctx, ending(out, "keep", 30*ms))
		_, err := asyncio.Gather(ctx,
			fails("first", 10*ms), fails("second", 20*ms), keep, ending(out, "last", 40*ms))
		say(out, "caught", err, keep.Done())
		kept, err := keep.Await(ctx)
		if err != nil {
			return err
		}
		say(out, "kept", kept)
		err = asyncio.Sleep(ctx, 20*ms)
		say(out, "end")
		return err
	}, append(opts, quiet)...)
}

func gatherCanceled(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, swallow bool) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			err := sleepLong(ctx)
			if swallow {
				say(out, name, "swallows it")
				return nil
			}
			say(out, name, "cancelled")
			return err
		})
	}
	gather := func(ctx context.Context, settled bool, children ...asyncio.Awaitable[none]) error {
		if settled {
			_, err := asyncio.GatherSettled(ctx, children...)
			return err
		}
		_, err := asyncio.Gather(ctx, children...)
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, settled := range []bool{false, true} {
			for _, swallow := range []bool{false, true} {
				t := asyncio.Go(ctx, func(ctx context.Context) error {
					err := gather(ctx, settled, child("c0", swallow), child("c1", swallow))
					if canceled(err) {
						say(out, "gather cancelled")
						return err
					}
					say(out, "never")
					return err
				})
				if err := asyncio.Sleep(ctx, 10*ms); err != nil {
					return err
				}
				t.Cancel()
				if err := wait(ctx, t); err != nil {
					return err
				}
				say(out, settled, t.Canceled())
			}
		}
		return nil
	}, opts...)
}

func gatherWithCleanup(out io.Writer, opts ...asyncio.Option) error {
	child := func(name string, cleanup time.Duration) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			err := sleepLong(ctx)
			err2 := asyncio.Sleep(context.WithoutCancel(ctx), cleanup)
			say(out, name, "clean")
			return errors.Join(err, err2)
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			defer say(out, "gather over")
			_, err := asyncio.GatherSettled(ctx, child("slow", 30*ms), child("fast", 10*ms))
			return err
		})
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		t.Cancel()
		if err := asyncio.Sleep(ctx, 20*ms); err != nil {
			return err
		}
		say(out, "still", !t.Done())
		err := wait(ctx, t)
		say(out, t.Canceled())
		return err
	}, opts...)
}

func gatherOfDoneAndNothing(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		loop.CallSoon(func() { say(out, "callback 1") })
		got, err := asyncio.Gather[int](ctx)
		if err != nil {
			return err
		}
		say(out, got)
		say(out, "no pass for nothing")
		t1, t2 := asyncio.CreateTask(ctx, asynctest.Value(1)), asyncio.CreateTask(ctx, asynctest.Value(2))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		loop.CallSoon(func() { say(out, "callback 2") })
		got, err = asyncio.Gather(ctx, t1, t2)
		if err != nil {
			return err
		}
		say(out, got)
		return asyncio.Yield(ctx)
	}, opts...)
}

func gatherFuturesAndTasks(out io.Writer, opts ...asyncio.Option) error {
	work := func(n int) asyncio.Coro[int] { return after(centiseconds(n), n) }
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		fut := asyncio.NewFuture[int](ctx)
		loop.CallLater(20*ms, func() { fut.SetResult(2) })
		t := asyncio.CreateTask(ctx, work(3))
		got, err := asyncio.Gather(ctx, work(1), fut, t)
		if err != nil {
			return err
		}
		say(out, got)
		bad := asyncio.NewFuture[int](ctx)
		loop.CallSoon(func() { bad.SetError(errors.New("key")) })
		if _, err := asyncio.Gather(ctx, work(1), bad); err != nil {
			say(out, "caught", err)
		}
		return nil
	}, opts...)
}
