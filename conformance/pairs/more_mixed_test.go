// testdata/more: small programs as people write them, out of many parts.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio"
)

var moreMixedPrograms = map[string]program{
	"more/async_iteration":                  asyncIteration,
	"more/race_by_hand":                     raceByHand,
	"more/heartbeat_while_working":          heartbeatWhileWorking,
	"more/supervisor_restarts":              supervisorRestarts,
	"more/waiters_on_one_task_in_many_ways": waitersOnOneTaskInManyWays,
}

func asyncIteration(out io.Writer, opts ...asyncio.Option) error {
	countdown := func(ctx context.Context, name string, n int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			defer say(out, name, "iterator ends")
			for ; n > 0; n-- {
				if err := asyncio.Sleep(ctx, 10*ms); !yield(n, err) || err != nil {
					return
				}
			}
		}
	}
	reader := func(name string, n int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			for i, err := range countdown(ctx, name, n) {
				if err != nil {
					return err
				}
				say(out, name, i)
			}
			say(out, name, "all read")
			return nil
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		if _, err := reader("a", 2).Await(ctx); err != nil {
			return err
		}
		if _, err := asyncio.Gather(ctx, reader("b", 1), reader("c", 2)); err != nil {
			return err
		}
		t := asyncio.CreateTask(ctx, reader("d", 9))
		if err := asyncio.Sleep(ctx, 25*ms); err != nil {
			return err
		}
		t.Cancel()
		err := wait(ctx, t)
		say(out, t.Canceled())
		return err
	}, opts...)
}

func raceByHand(out io.Writer, opts ...asyncio.Option) error {
	ask := func(name string, delay time.Duration, fail bool) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			switch err := asyncio.Sleep(ctx, delay); {
			case err != nil:
				say(out, name, "gives up")
				return "", err
			case fail:
				return "", errors.New(name)
			default:
				return name, nil
			}
		}
	}
	race := func(ctx context.Context, coros ...asyncio.Coro[string]) (string, error) {
		var ts []*asyncio.Task[string]
		for _, c := range coros {
			ts = append(ts, asyncio.CreateTask(ctx, c))
		}
		defer func() {
			for _, t := range ts {
				t.Cancel()
			}
			asyncio.GatherSettled(ctx, asyncio.Awaitables(ts)...) //asyncio:ok lost-error each task is looked at below
			say(out, "all over", each(ts, (*asyncio.Task[string]).Canceled))
		}()
		for pending := ts; len(pending) > 0; {
			done, left, err := asyncio.Wait(ctx, pending, asyncio.FirstCompleted, 0)
			if err != nil {
				return "", err
			}
			pending = left
			for _, t := range done {
				v, err := t.Result()
				if err == nil {
					return v, nil
				}
				say(out, "failed", err)
			}
		}
		return "nobody", nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		v, err := race(ctx, ask("slow", longTime, false), ask("quick", 20*ms, false), ask("broken", 10*ms, true))
		if err != nil {
			return err
		}
		say(out, v)
		v, err = race(ctx, ask("x", 10*ms, true), ask("y", 20*ms, true))
		say(out, v)
		return err
	}, opts...)
}

func heartbeatWhileWorking(out io.Writer, opts ...asyncio.Option) error {
	heartbeat := func(ctx context.Context, name string) (stop func()) {
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			defer say(out, name, "stops")
			for {
				if err := asyncio.Sleep(ctx, 20*ms); err != nil {
					return err
				}
				say(out, name, "beat")
			}
		})
		return func() {
			t.Cancel()
			t.Await(ctx)
		}
	}
	first := func(ctx context.Context) error {
		defer heartbeat(ctx, "first")()
		err := asyncio.Sleep(ctx, 50*ms)
		say(out, "first work done")
		return err
	}
	second := func(ctx context.Context) error {
		defer heartbeat(ctx, "second")()
		if err := asyncio.Sleep(ctx, 30*ms); err != nil {
			return err
		}
		return errors.New("second work fails")
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		if err := first(ctx); err != nil {
			return err
		}
		say(out, second(ctx))
		return nil
	}, opts...)
}

// crew is a supervisor's workers: those at work, and how many lives each has.
type crew struct {
	out   io.Writer
	lives map[string]int
	tasks map[string]*asyncio.Task[string]
	names []string // in the order in which they were hired
}

func (c *crew) hire(ctx context.Context, name string, lives int) {
	c.lives[name] = lives
	c.names = append(slices.DeleteFunc(c.names, func(n string) bool { return n == name }), name)
	c.tasks[name] = asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, centiseconds(lives)); err != nil {
			return "", err
		}
		if lives > 1 {
			return "", fmt.Errorf("%s crashed with %d", name, lives)
		}
		return name + " done", nil
	})
}

// busy lists the tasks at work.
func (c *crew) busy() []*asyncio.Task[string] {
	var ts []*asyncio.Task[string]
	for _, name := range c.names {
		if t := c.tasks[name]; t != nil {
			ts = append(ts, t)
		}
	}
	return ts
}

// supervise restarts who crashes until limit is exceeded.
func (c *crew) supervise(ctx context.Context, limit int) error {
	crashes := 0
	for len(c.tasks) > 0 {
		if _, _, err := asyncio.Wait(ctx, c.busy(), asyncio.FirstCompleted, 0); err != nil {
			return err
		}
		for _, name := range slices.Clone(c.names) {
			t := c.tasks[name]
			if t == nil || !t.Done() {
				continue
			}
			delete(c.tasks, name)
			v, err := t.Result()
			if err == nil {
				say(c.out, v)
				continue
			}
			say(c.out, err)
			if crashes++; crashes > limit {
				return c.dismiss(ctx)
			}
			c.hire(ctx, name, c.lives[name]-1)
		}
	}
	say(c.out, "all done")
	return nil
}

// dismiss ends whoever is still at work.
func (c *crew) dismiss(ctx context.Context) error {
	ts := c.busy()
	for _, t := range ts {
		t.Cancel()
	}
	_, err := asyncio.GatherSettled(ctx, asyncio.Awaitables(ts)...)
	say(c.out, "too many crashes", slices.Sorted(maps.Keys(c.tasks)))
	return err
}

func supervisorRestarts(out io.Writer, opts ...asyncio.Option) error {
	supervise := func(ctx context.Context, limit int, first string, livesOfFirst int, second string, livesOfSecond int) error {
		c := &crew{out: out, lives: map[string]int{}, tasks: map[string]*asyncio.Task[string]{}}
		c.hire(ctx, first, livesOfFirst)
		c.hire(ctx, second, livesOfSecond)
		return c.supervise(ctx, limit)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err1 := supervise(ctx, 5, "a", 3, "b", 1)
		err2 := supervise(ctx, 1, "c", 4, "d", 9)
		return errors.Join(err1, err2)
	}, opts...)
}

func waitersOnOneTaskInManyWays(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		s := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			err := asyncio.Sleep(ctx, 10*ms)
			say(out, "source ends")
			return 1, err
		})
		report := func(name string, f func(ctx context.Context) error) *asyncio.Task[none] {
			return asyncio.Go(ctx, func(ctx context.Context) error {
				err := f(ctx)
				say(out, name)
				return err
			})
		}
		await := func(ctx context.Context) error {
			_, err := s.Await(ctx)
			return err
		}
		ts := []*asyncio.Task[none]{
			report("gather", func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, s)
				return err
			}),
			report("await", await),
			report("wait", func(ctx context.Context) error { return wait(ctx, s) }),
			report("shield", func(ctx context.Context) error {
				_, err := asyncio.Shield(ctx, s)
				return err
			}),
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		s.AddDoneCallback(func(*asyncio.Task[int]) { say(out, "callback") })
		ts = append(ts, report("late await", await))
		return wait(ctx, ts...)
	}, opts...)
}
