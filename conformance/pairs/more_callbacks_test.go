// testdata/more: callbacks, handles and timers.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

var moreCallbackPrograms = map[string]program{
	"more/callbacks_removed":               callbacksRemoved,
	"more/callbacks_of_a_task":             callbacksOfATask,
	"more/call_soon_against_tasks":         callSoonAgainstTasks,
	"more/handles_cancel_in_the_same_pass": handlesCancelInTheSamePass,
	"more/timers_by_deadline":              timersByDeadline,
	"more/later_zero_comes_after_soon":     laterZeroComesAfterSoon,
	"more/busy_tasks_and_a_flag":           busyTasksAndAFlag,
	"more/sleepers_with_one_deadline":      sleepersWithOneDeadline,
}

func callbacksRemoved(out io.Writer, opts ...asyncio.Option) error {
	count := func(removed bool) int {
		if removed {
			return 1
		}
		return 0
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		fut := asyncio.NewFuture[string](ctx)
		remove := fut.AddDoneCallback(func(*asyncio.Future[string]) { say(out, "never") })
		fut.AddDoneCallback(func(f *asyncio.Future[string]) {
			v, _ := f.Result()
			say(out, "first", v)
			f.AddDoneCallback(func(*asyncio.Future[string]) { say(out, "added by a callback") })
		})
		fut.AddDoneCallback(func(*asyncio.Future[string]) { say(out, "last of the first round") })
		say(out, "removed", count(remove()))
		say(out, "removed again", count(remove()))
		if err := fut.SetResult("ok"); err != nil {
			return err
		}
		say(out, "set")
		err1 := asyncio.Yield(ctx)
		say(out, "one pass later")
		err2 := asyncio.Yield(ctx)
		say(out, "two passes later")
		return errors.Join(err1, err2)
	}, opts...)
}

func callbacksOfATask(out io.Writer, opts ...asyncio.Option) error {
	work := func(ctx context.Context) (int, error) {
		say(out, "work")
		err := asyncio.Yield(ctx)
		say(out, "work ends")
		return 5, err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, work)
		t.AddDoneCallback(func(t *asyncio.Task[int]) { say(out, "callback 1", result(t)) })
		awaiter := func(name string) asyncio.Coro[none] {
			return do(func(ctx context.Context) error {
				v, err := t.Await(ctx)
				say(out, name, v)
				return err
			})
		}
		a := asyncio.CreateTask(ctx, awaiter("a"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		t.AddDoneCallback(func(t *asyncio.Task[int]) { say(out, "callback 2", t.Done(), t.Canceled()) })
		b := asyncio.CreateTask(ctx, awaiter("b"))
		if _, err := asyncio.Gather(ctx, a, b); err != nil {
			return err
		}
		t.AddDoneCallback(func(*asyncio.Task[int]) { say(out, "late callback") })
		say(out, "added")
		err := asyncio.Yield(ctx)
		say(out, "end")
		return err
	}, opts...)
}

func callSoonAgainstTasks(out io.Writer, opts ...asyncio.Option) error {
	task := func(name string, n int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			for i := range n {
				fmt.Fprintf(out, "%s.%d\n", name, i)
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			say(out, name, "ends")
			return nil
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		var chain func(name string, n int) func()
		chain = func(name string, n int) func() {
			return func() {
				fmt.Fprintf(out, "%s%d\n", name, n)
				if n > 0 {
					loop.CallSoon(chain(name, n-1))
				}
			}
		}
		loop.CallSoon(chain("x", 3))
		a := asyncio.CreateTask(ctx, task("a", 3))
		loop.CallSoon(chain("y", 2))
		b := asyncio.CreateTask(ctx, task("b", 2))
		loop.CallSoon(func() { loop.CallSoon(chain("z", 1)) })
		say(out, "main waits")
		_, err1 := a.Await(ctx)
		say(out, "main got a", b.Done())
		_, err2 := b.Await(ctx)
		say(out, "main got b")
		return errors.Join(err1, err2)
	}, opts...)
}

// handle is what Handle and TimerHandle share.
type handle interface {
	Cancel()
	Canceled() bool
}

func handlesCancelInTheSamePass(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		var handles []handle
		killer := func(name string, i int) func() {
			return func() {
				say(out, name, "cancels", i)
				handles[i].Cancel()
			}
		}
		line := func(text string) func() { return func() { say(out, text) } }
		handles = append(handles,
			loop.CallSoon(killer("zero", 2)), loop.CallSoon(line("one")),
			loop.CallSoon(line("two")), loop.CallSoon(killer("three", 0)))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, each(handles, handle.Canceled))
		done := asyncio.NewFuture[none](ctx)
		when := loop.Now().Add(10 * ms)
		handles = []handle{
			loop.CallAt(when, killer("timer zero", 1)),
			loop.CallAt(when.Add(10*ms), line("timer one")),
			loop.CallAt(when.Add(20*ms), func() { done.SetResult(none{}) }),
		}
		_, err := done.Await(ctx)
		say(out, each(handles, handle.Canceled))
		return err
	}, opts...)
}

func timersByDeadline(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		done := asyncio.NewFuture[none](ctx)
		start := loop.Now()
		line := func(text string) func() { return func() { say(out, text) } }
		at := func(n int, text string) { loop.CallAt(start.Add(time.Duration(n)*ms), line(text)) }
		at(60, "60")
		at(20, "20")
		loop.CallAt(start.Add(30*ms), func() {
			say(out, "30")
			at(40, "40, set at 30")
			at(10, "10, set at 30")
			loop.CallSoon(line("soon, set at 30"))
			loop.CallLater(0, line("later 0, set at 30"))
		})
		at(50, "50")
		at(-1000, "in the past")
		loop.CallSoon(line("soon"))
		loop.CallAt(start.Add(70*ms), func() { done.SetResult(none{}) })
		_, err := done.Await(ctx)
		say(out, "end")
		return err
	}, opts...)
}

func laterZeroComesAfterSoon(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		line := func(text string) func() { return func() { say(out, text) } }
		loop.CallLater(0, line("later 0"))
		loop.CallSoon(line("soon 1"))
		t := asyncio.Go(ctx, asyncio.Yield)
		t.AddDoneCallback(func(*asyncio.Task[none]) { say(out, "task done") })
		loop.CallSoon(line("soon 2"))
		err1 := asyncio.Yield(ctx)
		say(out, "main")
		err2 := asyncio.Yield(ctx)
		say(out, "main again")
		_, err3 := t.Await(ctx)
		err4 := asyncio.Yield(ctx)
		say(out, "end")
		return errors.Join(err1, err2, err3, err4)
	}, opts...)
}

func busyTasksAndAFlag(out io.Writer, opts ...asyncio.Option) error {
	var state []string
	busy := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			rounds := 0
			for len(state) == 0 {
				rounds++
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			say(out, name, "sees", state, rounds > 1)
			return nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		ts := []*asyncio.Task[none]{asyncio.Go(ctx, busy("a")), asyncio.Go(ctx, busy("b"))}
		fut := asyncio.NewFuture[none](ctx)
		flag := func() {
			state = append(state, "flag")
			fut.SetResult(none{})
		}
		loop.CallSoon(func() { loop.CallSoon(flag) })
		if _, err := fut.Await(ctx); err != nil {
			return err
		}
		say(out, "main goes on", each(ts, (*asyncio.Task[none]).Done))
		return wait(ctx, ts...)
	}, opts...)
}

func sleepersWithOneDeadline(out io.Writer, opts ...asyncio.Option) error {
	sleeper := func(n any, delay time.Duration) asyncio.Awaitable[none] {
		return do(func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, delay)
			say(out, "awake", n)
			return err
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var sleepers []asyncio.Awaitable[none]
		for n := range 6 {
			sleepers = append(sleepers, sleeper(n, 10*ms))
		}
		sleepers = append(sleepers, sleeper("early", 0))
		for n := range 3 {
			sleepers = append(sleepers, sleeper(n, 20*ms))
		}
		_, err := asyncio.Gather(ctx, sleepers...)
		return err
	}, opts...)
}
