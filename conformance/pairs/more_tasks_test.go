// testdata/more: tasks, their results, errors and context; eager tasks.

package pairs

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var moreTaskPrograms = map[string]program{
	"more/tasks_create_tasks":       tasksCreateTasks,
	"more/await_a_finished_task":    awaitAFinishedTask,
	"more/task_results":             taskResults,
	"more/current_and_all_tasks":    currentAndAllTasks,
	"more/error_through_a_chain":    errorThroughAChain,
	"more/eager_start":              eagerStart,
	"more/eager_cancelled":          eagerCanceled,
	"more/context_variables":        contextVariables,
	"more/deep_recursion_of_awaits": deepRecursionOfAwaits,
}

func tasksCreateTasks(out io.Writer, opts ...asyncio.Option) error {
	var node func(name string, depth int) asyncio.Coro[int]
	node = func(name string, depth int) asyncio.Coro[int] {
		return func(ctx context.Context) (int, error) {
			say(out, "start", name)
			total := 1
			if depth > 0 {
				left := asyncio.CreateTask(ctx, node(name+"l", depth-1))
				right := asyncio.CreateTask(ctx, node(name+"r", depth-1))
				say(out, "created", name)
				l, err1 := left.Await(ctx)
				r, err2 := right.Await(ctx)
				if err := errors.Join(err1, err2); err != nil {
					return 0, err
				}
				total = l + r
			}
			say(out, "end", name, total)
			return total, nil
		}
	}
	total, err := asyncio.RunValue(context.Background(), node("n", 3), opts...)
	say(out, total)
	return err
}

func awaitAFinishedTask(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, asynctest.Value(3))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, "done", t.Done())
		asyncio.RunningLoop(ctx).CallSoon(func() { say(out, "callback") })
		v, err1 := t.Await(ctx)
		say(out, "got", v)
		v, err2 := t.Await(ctx)
		say(out, "and again", v)
		fut := asyncio.NewFuture[int](ctx)
		err3 := fut.SetResult(4)
		v, err4 := fut.Await(ctx)
		say(out, "future", v)
		err5 := asyncio.Yield(ctx)
		say(out, "end")
		return errors.Join(err1, err2, err3, err4, err5)
	}, opts...)
}

func taskResults(out io.Writer, opts ...asyncio.Option) error {
	good := func(ctx context.Context) (string, error) { return "value", asyncio.Yield(ctx) }
	bad := func(ctx context.Context) (string, error) {
		return "", errors.Join(asyncio.Yield(ctx), errors.New("lost"))
	}
	show := func(t *asyncio.Task[string]) string {
		switch v, err := t.Result(); {
		case err == nil:
			return v
		case errors.Is(err, asyncio.ErrInvalidState):
			return "invalid state"
		case canceled(err):
			return "cancelled"
		default:
			return "error " + err.Error()
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		ts := []*asyncio.Task[string]{
			asyncio.CreateTask(ctx, good, asyncio.Name("good one")),
			asyncio.CreateTask(ctx, bad, asyncio.Name("bad one")),
			asyncio.CreateTask(ctx, good, asyncio.Name("cancelled one")),
		}
		for _, t := range ts {
			say(out, t.Name(), t.Done(), show(t))
		}
		ts[2].Cancel()
		err := wait(ctx, ts...)
		for _, t := range ts {
			say(out, t.Name(), t.Done(), t.Canceled(), show(t))
		}
		return err
	}, opts...)
}

func currentAndAllTasks(out io.Writer, opts ...asyncio.Option) error {
	child := func(n int) func(context.Context) error {
		return func(ctx context.Context) error {
			say(out, "current", asyncio.CurrentTask(ctx).Name)
			err := asyncio.Sleep(ctx, centiseconds(n))
			say(out, "current", asyncio.CurrentTask(ctx).Name)
			return err
		}
	}
	names := func(ctx context.Context) []string {
		me := asyncio.CurrentTask(ctx).Name
		all := each(asyncio.AllTasks(ctx), func(t asyncio.TaskInfo) string { return t.Name })
		all = slices.DeleteFunc(all, func(name string) bool { return name == me })
		return slices.Sorted(slices.Values(all))
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for n := 1; n <= 3; n++ {
			asyncio.Go(ctx, child(n), asyncio.Name("child "+asPython(n, false)))
		}
		say(out, names(ctx))
		err := asyncio.Sleep(ctx, 15*ms)
		for range 2 {
			say(out, names(ctx))
			err = errors.Join(err, asyncio.Sleep(ctx, 10*ms))
		}
		say(out, names(ctx))
		return err
	}, opts...)
}

func errorThroughAChain(out io.Writer, opts ...asyncio.Option) error {
	var level func(n int) asyncio.Coro[none]
	level = func(n int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			var err error
			if n == 0 {
				err = errors.Join(asyncio.Yield(ctx), errors.New("at the bottom"))
			} else {
				_, err = asyncio.CreateTask(ctx, level(n-1)).Await(ctx)
			}
			say(out, "level", n, err)
			return err
		})
	}
	ticker := func(ctx context.Context) error {
		for i := range 9 {
			say(out, "tick", i)
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, ticker)
		if _, err := level(3).Await(ctx); err != nil {
			say(out, "main", err)
		}
		_, err := t.Await(ctx)
		return err
	}, opts...)
}

func eagerStart(out io.Writer, opts ...asyncio.Option) error {
	work := func(name string, suspend int) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			say(out, name, "starts")
			for range suspend {
				if err := asyncio.Yield(ctx); err != nil {
					return "", err
				}
				say(out, name, "goes on")
			}
			return name, nil
		}
	}
	bad := func(context.Context) (string, error) { return "", errors.New("stored") }
	outer := func(ctx context.Context) (string, error) {
		say(out, "outer starts")
		inner := asyncio.CreateTask(ctx, work("inner", 1), asyncio.Eager())
		say(out, "outer after inner", inner.Done())
		return inner.Await(ctx)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).CallSoon(func() { say(out, "callback") })
		lazy := asyncio.CreateTask(ctx, work("lazy", 0))
		a := asyncio.CreateTask(ctx, work("a", 0), asyncio.Eager())
		say(out, "a", a.Done(), result(a))
		a.AddDoneCallback(func(*asyncio.Task[string]) { say(out, "callback of a") })
		b := asyncio.CreateTask(ctx, work("b", 1), asyncio.Eager())
		say(out, "b", b.Done())
		c := asyncio.CreateTask(ctx, bad, asyncio.Eager())
		_, err := c.Result()
		say(out, "c", c.Done(), err)
		d := asyncio.CreateTask(ctx, outer, asyncio.Eager())
		say(out, "d", d.Done())
		for _, t := range []*asyncio.Task[string]{a, b, d, lazy} {
			name, err := t.Await(ctx)
			if err != nil {
				return err
			}
			say(out, "got", name)
		}
		return nil
	}, opts...)
}

func eagerCanceled(out io.Writer, opts ...asyncio.Option) error {
	sleeper := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			say(out, name, "sleeps")
			defer say(out, name, "ends")
			return asyncio.Sleep(ctx, 1000*ms)
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := asyncio.Go(ctx, sleeper("a"), asyncio.Eager()), asyncio.Go(ctx, sleeper("b"))
		say(out, "cancel", a.Cancel(), b.Cancel(), a.Done(), b.Done())
		err := wait(ctx, a, b)
		say(out, a.Canceled(), b.Canceled())
		return err
	}, opts...)
}

// variable is the key of the context variable of contextVariables.
type variable struct{}

func contextVariables(out io.Writer, opts ...asyncio.Option) error {
	set := func(ctx context.Context, v string) context.Context { return context.WithValue(ctx, variable{}, v) }
	get := func(ctx context.Context) string {
		if v, ok := ctx.Value(variable{}).(string); ok {
			return v
		}
		return "none"
	}
	var child func(name string, depth int) asyncio.Coro[none]
	child = func(name string, depth int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			say(out, name, "inherits", get(ctx))
			ctx = set(ctx, name)
			err := asyncio.Yield(ctx)
			if depth > 0 {
				_, err2 := asyncio.CreateTask(ctx, child(name+"+", depth-1)).Await(ctx)
				err = errors.Join(err, err2)
			}
			say(out, name, "still has", get(ctx))
			return err
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		first := asyncio.CreateTask(ctx, child("first", 1))
		ctx = set(ctx, "main")
		second := asyncio.CreateTask(ctx, child("second", 0))
		_, err := asyncio.Gather(set(ctx, "changed"), first, second, child("third", 0))
		say(out, "main has", get(set(ctx, "changed")))
		return err
	}, opts...)
}

func deepRecursionOfAwaits(out io.Writer, opts ...asyncio.Option) error {
	var down func(n int, fail bool) asyncio.Coro[int]
	down = func(n int, fail bool) asyncio.Coro[int] {
		return func(ctx context.Context) (int, error) {
			if n > 0 {
				v, err := down(n-1, fail).Await(ctx)
				return v + 1, err
			}
			if fail {
				return 0, errors.New("bottom")
			}
			return 0, nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).CallSoon(func() { say(out, "callback") })
		v, err := down(100, false).Await(ctx)
		if err != nil {
			return err
		}
		say(out, v)
		if _, err := down(100, true).Await(ctx); err != nil {
			say(out, "error", err)
		}
		err = asyncio.Yield(ctx)
		say(out, "end")
		return err
	}, opts...)
}
