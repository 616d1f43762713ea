// testdata/more: timeouts.

package pairs

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

var moreTimeoutPrograms = map[string]program{
	"more/timeout_nested":                timeoutNested,
	"more/timeout_rescheduled":           timeoutRescheduled,
	"more/timeout_and_the_body_s_answer": timeoutAndTheBodysAnswer,
	"more/timeout_against_cancel":        timeoutAgainstCancel,
	"more/timeout_over_owned_tasks":      timeoutOverOwnedTasks,
	"more/timeout_of_a_cleanup":          timeoutOfACleanup,
	"more/timeout_of_a_retried_call":     timeoutOfARetriedCall,
	"more/timeouts_of_one_deadline":      timeoutsOfOneDeadline,
}

func timeoutNested(out io.Writer, opts ...asyncio.Option) error {
	trial := func(ctx context.Context, outer, inner int, work time.Duration) error {
		var a, b *asyncio.Timeout
		innerBody := func(ctx context.Context) error {
			b = asyncio.TimeoutOf(ctx)
			err := asyncio.Sleep(ctx, work)
			if err == nil {
				say(out, "work done")
			}
			return err
		}
		outerBody := func(ctx context.Context) error {
			a = asyncio.TimeoutOf(ctx)
			err := asyncio.WithTimeout(ctx, centiseconds(inner), innerBody)
			if !timedOut(err) {
				return err
			}
			say(out, "inner timed out")
			if err := asyncio.Sleep(ctx, 20*ms); err != nil {
				return err
			}
			say(out, "outer goes on")
			return nil
		}
		err := asyncio.WithTimeout(ctx, centiseconds(outer), outerBody)
		if timedOut(err) {
			say(out, "outer timed out")
			err = nil
		}
		say(out, a.Expired(), b.Expired())
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return errors.Join(
			trial(ctx, 5, 1, longTime),
			trial(ctx, 1, 5, longTime),
			trial(ctx, 2, 1, longTime),
			trial(ctx, 3, 2, 10*ms),
		)
	}, opts...)
}

func timeoutRescheduled(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		var timeout *asyncio.Timeout
		err := asyncio.WithTimeout(ctx, 10*ms, func(ctx context.Context) error {
			timeout = asyncio.TimeoutOf(ctx)
			timeout.Reschedule(loop.Now().Add(30 * ms))
			if err := asyncio.Sleep(ctx, 20*ms); err != nil {
				return err
			}
			say(out, "moved", timeout.Expired())
			timeout.Reschedule(time.Time{})
			if _, ok := timeout.When(); !ok {
				say(out, "no deadline", nil)
			}
			return asyncio.Sleep(ctx, 30*ms)
		})
		if err != nil {
			return err
		}
		say(out, "left", timeout.Expired())
		err = asyncio.WithTimeoutAt(ctx, time.Time{}, func(ctx context.Context) error {
			timeout = asyncio.TimeoutOf(ctx)
			if err := asyncio.Sleep(ctx, 10*ms); err != nil {
				return err
			}
			timeout.Reschedule(loop.Now().Add(-time.Second))
			say(out, "in the past", timeout.Expired())
			err := sleepLong(ctx)
			if err == nil {
				say(out, "never")
			}
			return err
		})
		if !timedOut(err) {
			return err
		}
		say(out, "timed out", timeout.Expired())
		return nil
	}, opts...)
}

func timeoutAndTheBodysAnswer(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var timeout *asyncio.Timeout
		err := asyncio.WithTimeout(ctx, 10*ms, func(ctx context.Context) error {
			timeout = asyncio.TimeoutOf(ctx)
			if err := sleepLong(ctx); canceled(err) {
				say(out, "body swallows it")
			}
			return nil
		})
		if err != nil {
			return err
		}
		say(out, "no error", timeout.Expired())
		err = asyncio.WithTimeout(ctx, 10*ms, func(ctx context.Context) error {
			timeout = asyncio.TimeoutOf(ctx)
			if err := sleepLong(ctx); canceled(err) {
				return errors.New("body's own")
			}
			return nil
		})
		say(out, "error", err, timeout.Expired())
		err = asyncio.WithTimeout(ctx, 20*ms, func(ctx context.Context) error {
			timeout = asyncio.TimeoutOf(ctx)
			return errors.New("early")
		})
		say(out, "error", err, timeout.Expired())
		err = asyncio.Sleep(ctx, 30*ms)
		say(out, "nothing comes later")
		return err
	}, opts...)
}

func timeoutAgainstCancel(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, delay := range []time.Duration{10 * ms, 50 * ms} {
			t := asyncio.Go(ctx, func(ctx context.Context) error {
				err := awaitWithin(ctx, delay, do(sleepLong))
				switch {
				case timedOut(err):
					say(out, "timed out")
					return nil
				case canceled(err):
					say(out, "cancelled")
				}
				return err
			})
			if err := asyncio.Sleep(ctx, 30*ms); err != nil {
				return err
			}
			say(out, "cancel", t.Cancel())
			if err := wait(ctx, t); err != nil {
				return err
			}
			say(out, t.Canceled())
		}
		return nil
	}, opts...)
}

func timeoutOverOwnedTasks(out io.Writer, opts ...asyncio.Option) error {
	sleeper := func(name string) asyncio.Coro[none] { return do(saying(out, sleepLong, name, "cancelled")) }
	limited := func(ctx context.Context, name string, f func(ctx context.Context) error) {
		if timedOut(awaitWithin(ctx, 10*ms, do(f))) {
			say(out, name, "timed out")
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, sleeper("task"))
		limited(ctx, "task", func(ctx context.Context) error {
			_, err := t.Await(ctx)
			return err
		})
		say(out, t.Canceled())
		limited(ctx, "gather", func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, sleeper("g1"), sleeper("g2"))
			return err
		})
		fut := asyncio.NewFuture[none](ctx)
		limited(ctx, "future", func(ctx context.Context) error {
			_, err := fut.Await(ctx)
			return err
		})
		say(out, fut.Canceled())
		u := asyncio.CreateTask(ctx, sleeper("shielded"))
		limited(ctx, "shield", func(ctx context.Context) error {
			_, err := asyncio.Shield(ctx, u)
			return err
		})
		say(out, u.Done())
		v := asyncio.CreateTask(ctx, sleeper("waited"))
		limited(ctx, "wait", func(ctx context.Context) error { return wait(ctx, v) })
		say(out, v.Done())
		u.Cancel()
		v.Cancel()
		return wait(ctx, u, v)
	}, opts...)
}

func timeoutOfACleanup(out io.Writer, opts ...asyncio.Option) error {
	work := do(func(ctx context.Context) error {
		if err := sleepLong(ctx); err == nil {
			return nil
		}
		return awaitWithin(context.WithoutCancel(ctx), 10*ms, do(sleepLong))
	})
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, patience := range []time.Duration{10 * ms, 0} {
			t := asyncio.CreateTask(ctx, work)
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			if _, err := asyncio.WaitFor(ctx, t, patience); timedOut(err) {
				say(out, "wait_for: timeout")
			}
			say(out, "task cancelled", t.Canceled())
		}
		var t *asyncio.Task[none]
		err := asyncio.WithTimeout(ctx, 10*ms, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				t = asyncio.Spawn(tg, work)
				return nil
			})
		})
		if errs := parts(err); len(errs) > 0 && timedOut(errs[0]) {
			say(out, "group:", len(errs), "TimeoutError")
		}
		say(out, "task cancelled", t.Canceled())
		return nil
	}, opts...)
}

func timeoutOfARetriedCall(out io.Writer, opts ...asyncio.Option) error {
	call := func(ctx context.Context, attempt int) (string, error) {
		if err := asyncio.Sleep(ctx, centiseconds(5-2*attempt)); err != nil {
			say(out, "attempt", attempt, "too slow")
			return "", err
		}
		if attempt == 2 {
			return "", errors.New("refused")
		}
		return "answer " + asPython(attempt, false), nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for attempt := range 5 {
			err := asyncio.WithTimeout(ctx, 20*ms, func(ctx context.Context) error {
				answer, err := call(ctx, attempt)
				if err == nil {
					say(out, answer)
				}
				return err
			})
			switch {
			case err == nil:
				return nil
			case timedOut(err):
				say(out, "retry after a timeout")
			default:
				say(out, "retry after", err)
			}
			if err := asyncio.Sleep(ctx, 10*ms); err != nil {
				return err
			}
		}
		return nil
	}, opts...)
}

func timeoutsOfOneDeadline(out io.Writer, opts ...asyncio.Option) error {
	nested := func(ctx context.Context, when time.Time) {
		var outer, inner *asyncio.Timeout
		err := asyncio.WithTimeoutAt(ctx, when, func(ctx context.Context) error {
			outer = asyncio.TimeoutOf(ctx)
			err := asyncio.WithTimeoutAt(ctx, when, func(ctx context.Context) error {
				inner = asyncio.TimeoutOf(ctx)
				return sleepLong(ctx)
			})
			if canceled(err) {
				say(out, "inner cancelled", outer.Expired(), inner.Expired())
			}
			return err
		})
		if timedOut(err) {
			say(out, "outer timed out", outer.Expired(), inner.Expired())
		}
	}
	limited := func(when time.Time) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			var limit *asyncio.Timeout
			err := asyncio.WithTimeoutAt(ctx, when, func(ctx context.Context) error {
				limit = asyncio.TimeoutOf(ctx)
				return sleepLong(ctx)
			})
			say(out, "left", limit.Expired())
			return err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		nested(ctx, loop.Now().Add(10*ms))
		when := loop.Now().Add(10 * ms)
		var t *asyncio.Task[none]
		loop.CallAt(when, func() { say(out, "cancel", t.Cancel()) })
		t = asyncio.Go(ctx, limited(when))
		err1 := wait(ctx, t)
		say(out, "cancelled", t.Canceled())
		t = asyncio.Go(ctx, limited(loop.Now().Add(30*ms)))
		err2 := asyncio.Sleep(ctx, 10*ms)
		t.Cancel()
		err3 := wait(ctx, t)
		say(out, "cancelled", t.Canceled())
		return errors.Join(err1, err2, err3)
	}, opts...)
}
