// Programs 10, 16, 18, 19, 23 and 24: what cancellation reaches, and when.

package pairs

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
)

var cancelPrograms = map[string]program{
	"10_cancel_order":                         cancelOrder,
	"16_background_tasks_end_with_run":        backgroundTasksEndWithRun,
	"18_tasks_do_not_inherit_cancellation":    tasksDoNotInheritCancellation,
	"19_callbacks_around_a_cancelled_awaiter": callbacksAroundACanceledAwaiter,
	"23_group_cancelled_on_the_way_out":       groupCanceledOnTheWayOut,
	"24_shared_task":                          sharedTask,
}

// wait waits until all ts are done.
func wait[W asyncio.Waitable](ctx context.Context, ts ...W) error {
	_, _, err := asyncio.Wait(ctx, ts, asyncio.AllCompleted, 0)
	return err
}

func cancelOrder(out io.Writer, opts ...asyncio.Option) error {
	sleeper := func(ctx context.Context) error {
		defer say(out, "A cleanup")
		say(out, "A sleeps")
		err := asyncio.Sleep(ctx, 10_000*ms)
		if canceled(err) {
			say(out, "A cancelled")
		}
		return err
	}
	never := func(context.Context) error {
		say(out, "B must not run")
		return nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, sleeper)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, "cancel", t.Cancel(), t.Done())
		if _, err := t.Await(ctx); canceled(err) {
			say(out, "main saw it", t.Canceled())
		}
		u := asyncio.Go(ctx, never)
		u.Cancel()
		err := wait(ctx, u)
		say(out, "B cancelled", u.Canceled())
		say(out, "cancel a finished task", t.Cancel())
		return err
	}, opts...)
}

func backgroundTasksEndWithRun(out io.Writer, opts ...asyncio.Option) error {
	heartbeat := func(ctx context.Context) error {
		defer say(out, "heartbeat cleanup")
		for {
			say(out, "beat")
			if err := asyncio.Sleep(ctx, 20*ms); err != nil {
				return err
			}
		}
	}
	result, err := asyncio.RunValue(context.Background(), func(ctx context.Context) (int, error) {
		asyncio.Go(ctx, heartbeat)
		err := asyncio.Sleep(ctx, 50*ms)
		say(out, "main returns")
		return 7, err
	}, opts...)
	say(out, "run returned", result)
	return err
}

func tasksDoNotInheritCancellation(out io.Writer, opts ...asyncio.Option) error {
	background := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, 20*ms)
			if err == nil {
				say(out, name, "ran to its end")
			}
			return err
		}
	}
	creator := func(ctx context.Context) error {
		asyncio.Go(ctx, background("one"))
		return asyncio.Sleep(ctx, 5000*ms)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, creator)
		err1 := asyncio.Sleep(ctx, 5*ms)
		t.Cancel()
		err2 := wait(ctx, t)
		say(out, "creator cancelled", t.Canceled())
		err3 := asyncio.Sleep(ctx, 50*ms)
		err := asyncio.WithTimeout(ctx, 10*ms, func(ctx context.Context) error {
			asyncio.Go(ctx, background("two"))
			return asyncio.Sleep(ctx, 1000*ms)
		})
		if timedOut(err) {
			say(out, "timeout")
		}
		return errors.Join(err1, err2, err3, asyncio.Sleep(ctx, 50*ms))
	}, opts...)
}

func callbacksAroundACanceledAwaiter(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		fut := asyncio.NewFuture[none](ctx)
		fut.AddDoneCallback(func(f *asyncio.Future[none]) { say(out, "callback 1", f.Canceled()) })
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := fut.Await(ctx)
			if canceled(err) {
				say(out, "awaiter")
			}
			return err
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		fut.AddDoneCallback(func(*asyncio.Future[none]) { say(out, "callback 2") })
		t.Cancel()
		err := wait(ctx, t)
		say(out, t.Canceled())
		return err
	}, opts...)
}

func groupCanceledOnTheWayOut(out io.Writer, opts ...asyncio.Option) error {
	stubborn := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, 5000*ms)
			if canceled(err) {
				say(out, name, "swallows it")
				return nil
			}
			return err
		}
	}
	parent := func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(stubborn("a"))
			tg.Go(stubborn("b"))
			return nil
		})
		if err == nil {
			say(out, "never printed")
		}
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, parent)
		if err := asyncio.Sleep(ctx, 5*ms); err != nil {
			return err
		}
		t.Cancel()
		err := wait(ctx, t)
		say(out, "parent cancelled", t.Canceled())
		return err
	}, opts...)
}

func sharedTask(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		shared := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, 1000*ms) })
		awaiter := func(name string) func(context.Context) error {
			return func(ctx context.Context) error {
				_, err := shared.Await(ctx)
				if canceled(err) {
					say(out, name, "sees the cancellation")
				}
				return err
			}
		}
		x, y := asyncio.Go(ctx, awaiter("x")), asyncio.Go(ctx, awaiter("y"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		x.Cancel()
		err := wait(ctx, x, y)
		say(out, shared.Canceled(), x.Canceled(), y.Canceled())
		return err
	}, opts...)
}
