// Programs 01 to 07: coroutines, tasks, the ready queue, callbacks, timers.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

var basicPrograms = map[string]program{
	"01_await_sequential":       awaitSequential,
	"02_create_task_overlap":    createTaskOverlap,
	"03_gather_order":           gatherOrder,
	"04_taskgroup_failure":      taskGroupFailure,
	"05_ready_queue_fifo":       readyQueueFIFO,
	"06_callbacks_are_deferred": callbacksAreDeferred,
	"07_call_soon_later_at":     callSoonLaterAt,
}

// worker announces its start and its end and returns its name with suffix.
func worker(out io.Writer, name, suffix string, delay time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		say(out, name, "start")
		if err := asyncio.Sleep(ctx, delay); err != nil {
			return "", err
		}
		say(out, name, "end")
		return name + suffix, nil
	}
}

func awaitSequential(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		first, err := worker(out, "A", " done", 20*ms).Await(ctx)
		if err != nil {
			return err
		}
		second, err := worker(out, "B", " done", 10*ms).Await(ctx)
		say(out, first, second)
		return err
	}, opts...)
}

func createTaskOverlap(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		a := asyncio.CreateTask(ctx, worker(out, "A", " done", 20*ms))
		b := asyncio.CreateTask(ctx, worker(out, "B", " done", 10*ms))
		say(out, "created, none started")
		for _, t := range []*asyncio.Task[string]{a, b} {
			result, err := t.Await(ctx)
			if err != nil {
				return err
			}
			say(out, result)
		}
		return nil
	}, opts...)
}

func gatherOrder(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		results, err := asyncio.Gather(ctx,
			worker(out, "A", "", 30*ms), worker(out, "B", "", 10*ms), worker(out, "C", "", 20*ms))
		say(out, results)
		return err
	}, opts...)
}

func taskGroupFailure(out io.Writer, opts ...asyncio.Option) error {
	ok := func(name string, delay time.Duration) func(context.Context) error {
		return func(ctx context.Context) error {
			say(out, name, "start")
			if err := asyncio.Sleep(ctx, delay); err != nil {
				say(out, name, "cancelled")
				return err
			}
			say(out, name, "end")
			return nil
		}
	}
	bad := func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, 20*ms); err != nil {
			return err
		}
		say(out, "bad fails")
		return errors.New("bad")
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(ok("quick", 10*ms))
			tg.Go(bad)
			tg.Go(ok("slow", 500*ms))
			say(out, "body done")
			return nil
		})
		var group *asyncio.ExceptionGroup
		if errors.As(err, &group) {
			say(out, "caught", len(group.Errors), group.Errors[0])
			err = nil
		}
		say(out, "after group")
		return err
	}, opts...)
}

func readyQueueFIFO(out io.Writer, opts ...asyncio.Option) error {
	worker := func(name string, n int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			for i := range n {
				fmt.Fprintf(out, "%s%d\n", name, i)
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.Gather(ctx, worker("a", 3), worker("b", 2), worker("c", 4))
		say(out, "end")
		return err
	}, opts...)
}

func callbacksAreDeferred(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		fut := asyncio.NewFuture[int](ctx)
		awaiter := func(name string) func(context.Context) error {
			return func(ctx context.Context) error {
				say(out, name, "waits")
				v, err := fut.Await(ctx)
				say(out, name, "got", v)
				return err
			}
		}
		callback := func(text string) {
			fut.AddDoneCallback(func(*asyncio.Future[int]) { say(out, text) })
		}
		callback("callback 1")
		t1 := asyncio.Go(ctx, awaiter("first"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		callback("callback 2")
		t2 := asyncio.Go(ctx, awaiter("second"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, "set_result")
		if err := fut.SetResult(42); err != nil {
			return err
		}
		say(out, "still running")
		callback("callback 3, added after the result")
		_, err1 := t1.Await(ctx)
		_, err2 := t2.Await(ctx)
		say(out, "end")
		return errors.Join(err1, err2)
	}, opts...)
}

func callSoonLaterAt(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		done := asyncio.NewFuture[none](ctx)
		line := func(text string) func() { return func() { say(out, text) } }
		loop.CallLater(30*ms, func() {
			say(out, "later 30ms")
			done.SetResult(none{})
		})
		loop.CallLater(10*ms, line("later 10ms"))
		loop.CallAt(loop.Now().Add(20*ms), line("at 20ms"))
		never := loop.CallLater(15*ms, line("never"))
		never.Cancel()
		gone := loop.CallSoon(line("gone"))
		gone.Cancel()
		loop.CallSoon(line("soon 1"))
		loop.CallSoon(func() {
			say(out, "soon 2")
			loop.CallSoon(line("soon 3, from soon 2"))
		})
		say(out, "scheduled", never.Canceled(), gone.Canceled())
		_, err := done.Await(ctx)
		say(out, "end")
		return err
	}, opts...)
}
