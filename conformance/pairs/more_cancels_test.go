// testdata/more: cancellation.

package pairs

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
)

var moreCancelPrograms = map[string]program{
	"more/cancel_before_the_first_step":       cancelBeforeTheFirstStep,
	"more/cancel_a_chain":                     cancelAChain,
	"more/cancel_swallowed_by_the_inner_task": cancelSwallowedByTheInnerTask,
	"more/cancel_and_cleanup_that_waits":      cancelAndCleanupThatWaits,
	"more/cancel_nested_finally":              cancelNestedFinally,
	"more/cancel_turned_into_an_error":        cancelTurnedIntoAnError,
	"more/cancel_raised_by_oneself":           cancelRaisedByOneself,
	"more/cancel_many_at_once":                cancelManyAtOnce,
	"more/cancel_from_a_callback_and_a_child": cancelFromACallbackAndAChild,
	"more/cancel_the_awaiter_of_a_future":     cancelTheAwaiterOfAFuture,
	"more/cancel_against_ticks":               cancelAgainstTicks,
}

// longTime is a delay that nothing waits for to its end.
const longTime = 1000 * ms

// saying runs f and says text if it was canceled.
func saying(out io.Writer, f func(ctx context.Context) error, text ...any) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		err := f(ctx)
		if canceled(err) {
			say(out, text...)
		}
		return err
	}
}

// sleepLong is interrupted in any case.
func sleepLong(ctx context.Context) error { return asyncio.Sleep(ctx, longTime) }

func cancelBeforeTheFirstStep(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, func(context.Context) error {
			defer say(out, "never either")
			say(out, "never")
			return nil
		})
		t.AddDoneCallback(func(t *asyncio.Task[none]) { say(out, "callback", t.Canceled()) })
		say(out, "cancel", t.Cancel(), t.Done())
		if _, err := t.Await(ctx); canceled(err) {
			say(out, "awaiter", t.Canceled(), t.Cancel())
		}
		return nil
	}, opts...)
}

func cancelAChain(out io.Writer, opts ...asyncio.Option) error {
	link := func(name string, inner asyncio.Awaitable[none]) func(context.Context) error {
		return saying(out, func(ctx context.Context) error {
			_, err := inner.Await(ctx)
			return err
		}, name, "cancelled")
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		c := asyncio.Go(ctx, link("c", asyncio.NewFuture[none](ctx)))
		b := asyncio.Go(ctx, link("b", c))
		a := asyncio.Go(ctx, link("a", b))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		var tick func(n int) func()
		tick = func(n int) func() {
			return func() {
				say(out, "tick", n)
				if n < 5 {
					loop.CallSoon(tick(n + 1))
				}
			}
		}
		a.Cancel()
		loop.CallSoon(tick(1))
		err := wait(ctx, a)
		say(out, a.Canceled(), b.Canceled(), c.Canceled())
		return err
	}, opts...)
}

func cancelSwallowedByTheInnerTask(out io.Writer, opts ...asyncio.Option) error {
	stubborn := func(ctx context.Context) (string, error) {
		if err := sleepLong(ctx); canceled(err) {
			say(out, "stubborn swallows it")
		}
		return "value", nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, stubborn)
		a := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			got, err := t.Await(ctx)
			if err != nil {
				say(out, "awaiter cancelled")
				return "", err
			}
			say(out, "awaiter got", got)
			return got, nil
		})
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		a.Cancel()
		err := wait(ctx, a, t)
		say(out, t.Canceled(), result(t), a.Canceled(), result(a))
		return err
	}, opts...)
}

func cancelAndCleanupThatWaits(out io.Writer, opts ...asyncio.Option) error {
	work := func(name string, cleanup int) func(context.Context) error {
		return func(ctx context.Context) error {
			say(out, name, "works")
			err := sleepLong(ctx)
			say(out, name, "cleans up")
			if err := asyncio.Sleep(context.WithoutCancel(ctx), centiseconds(cleanup)); err != nil {
				return err
			}
			say(out, name, "is clean")
			return err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := asyncio.Go(ctx, work("a", 2)), asyncio.Go(ctx, work("b", 1))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		a.Cancel()
		b.Cancel()
		say(out, "asked")
		if _, err := a.Await(ctx); canceled(err) {
			say(out, "main saw a end", a.Canceled(), b.Canceled())
		}
		return nil
	}, opts...)
}

func cancelNestedFinally(out io.Writer, opts ...asyncio.Option) error {
	inner := func(ctx context.Context) error {
		defer say(out, "inner finally")
		return sleepLong(ctx)
	}
	middle := func(ctx context.Context) error {
		defer say(out, "middle finally")
		err := inner(ctx)
		if canceled(err) {
			say(out, "middle except")
		}
		return err
	}
	outer := func(ctx context.Context) error {
		defer say(out, "outer finally")
		return middle(ctx)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, outer)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		t.Cancel()
		settled, err := asyncio.GatherSettled(ctx, t)
		if canceled(settled[0].Err) {
			say(out, "CancelledError")
		}
		return err
	}, opts...)
}

func cancelTurnedIntoAnError(out io.Writer, opts ...asyncio.Option) error {
	work := func(ctx context.Context) error {
		if err := sleepLong(ctx); canceled(err) {
			return errors.New("could not clean up")
		}
		return nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, work)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		t.Cancel()
		if _, err := t.Await(ctx); !canceled(err) {
			say(out, "failed:", err)
		}
		say(out, t.Done(), t.Canceled())
		return nil
	}, opts...)
}

func cancelRaisedByOneself(out io.Writer, opts ...asyncio.Option) error {
	givesUp := func(ctx context.Context) error {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		return asyncio.ErrCanceled
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, givesUp)
		t.AddDoneCallback(func(t *asyncio.Task[none]) { say(out, "callback", t.Canceled()) })
		if _, err := t.Await(ctx); canceled(err) {
			say(out, "main goes on")
		}
		err := asyncio.Yield(ctx)
		say(out, "still here", t.Canceled())
		return err
	}, opts...)
}

func cancelManyAtOnce(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var ts []*asyncio.Task[none]
		for n := range 6 {
			ts = append(ts, asyncio.Go(ctx, saying(out, sleepLong, "end", n)))
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		for _, n := range []int{3, 1, 5, 0, 4, 2} {
			ts[n].Cancel()
		}
		say(out, "all asked", each(ts, (*asyncio.Task[none]).Done))
		err := wait(ctx, ts...)
		say(out, each(ts, (*asyncio.Task[none]).Canceled))
		return err
	}, opts...)
}

func cancelFromACallbackAndAChild(out io.Writer, opts ...asyncio.Option) error {
	var p *asyncio.Task[none]
	child := func(ctx context.Context) error {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, "child cancels its parent", p.Cancel())
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, "never")
		return nil
	}
	parent := func(ctx context.Context) error {
		_, err := asyncio.Go(ctx, saying(out, child, "child cancelled with it")).Await(ctx)
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		s := asyncio.Go(ctx, saying(out, sleepLong, "sleeper cancelled"))
		asyncio.RunningLoop(ctx).CallLater(10*ms, func() { s.Cancel() })
		if err := wait(ctx, s); err != nil {
			return err
		}
		p = asyncio.Go(ctx, saying(out, parent, "parent cancelled"))
		err := wait(ctx, p)
		say(out, s.Canceled(), p.Canceled())
		return err
	}, opts...)
}

func cancelTheAwaiterOfAFuture(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		fut := asyncio.NewFuture[int](ctx)
		a := asyncio.CreateTask(ctx, fut.Await)
		s := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, 20*ms)
			if errors.Is(fut.SetResult(1), asyncio.ErrInvalidState) {
				say(out, "too late", fut.Canceled())
			}
			return err
		})
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		say(out, "cancel", a.Cancel(), fut.Done())
		if err := wait(ctx, a); err != nil {
			return err
		}
		say(out, "awaiter", a.Canceled())
		_, err := s.Await(ctx)
		return err
	}, opts...)
}

func cancelAgainstTicks(out io.Writer, opts ...asyncio.Option) error {
	trial := func(ctx context.Context, name string, f func(context.Context) error) error {
		say(out, "trial", name)
		loop := asyncio.RunningLoop(ctx)
		t := asyncio.Go(ctx, saying(out, f, name, "sees it"))
		for range 3 {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		running := true
		var tick func(n int) func()
		tick = func(n int) func() {
			return func() {
				if running {
					say(out, "tick", n)
					loop.CallSoon(tick(n + 1))
				}
			}
		}
		t.Cancel()
		loop.CallSoon(tick(1))
		err := wait(ctx, t)
		running = false
		return errors.Join(err, asyncio.Yield(ctx))
	}
	trials := []struct {
		name string
		f    func(ctx context.Context) error
	}{
		{"sleep", sleepLong},
		{"future", func(ctx context.Context) error {
			_, err := asyncio.NewFuture[none](ctx).Await(ctx)
			return err
		}},
		{"task", func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, saying(out, sleepLong, "child sees it")).Await(ctx)
			return err
		}},
		{"gather", func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx,
				do(saying(out, sleepLong, "one sees it")), do(saying(out, sleepLong, "two sees it")))
			return err
		}},
		{"wait", func(ctx context.Context) error {
			return wait(ctx, asyncio.CreateTask(ctx, after(50*ms, none{})))
		}},
		{"shield", func(ctx context.Context) error {
			_, err := asyncio.Shield(ctx, asyncio.CreateTask(ctx, after(50*ms, none{})))
			return err
		}},
		{"timeout", func(ctx context.Context) error { return awaitWithin(ctx, longTime, do(sleepLong)) }},
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, tr := range trials {
			if err := trial(ctx, tr.name, tr.f); err != nil {
				return err
			}
		}
		return nil
	}, opts...)
}
