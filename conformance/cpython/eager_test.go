package cpython

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func eager[T any](ctx context.Context, c asyncio.Coro[T]) *asyncio.Task[T] {
	return asyncio.CreateTask(ctx, c, asyncio.Eager())
}

func TestCPythonEager(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"one that never waits is done at once": func(t *testing.T, ctx context.Context) {
			task := eager(ctx, asynctest.Value("hello"))
			asynctest.ExpectEqual(t, "done", task.Done(), true)
			expectResult(t, task, "hello")
		},
		"one that never waits cannot be canceled any more": func(t *testing.T, ctx context.Context) {
			task := eager(ctx, asynctest.Value(1))
			asynctest.ExpectEqual(t, "cancel", task.Cancel(), false)
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, 1)
		},
		"one that waits goes on when what it waits for has come": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			ran := 0
			task := eager(ctx, func(ctx context.Context) (int, error) {
				ran = 1
				got, err := f.Await(ctx)
				ran = 2
				return got, err
			})
			asynctest.ExpectEqual(t, "ran", ran, 1)
			_ = f.SetResult(7)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, 7)
			asynctest.ExpectEqual(t, "ran", ran, 2)
		},
		"one may use in its first step a future that is done": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			_ = f.SetResult(7)
			expectResult(t, eager(ctx, f.Await), 7)
		},
		"one that waits can be canceled": func(t *testing.T, ctx context.Context) {
			task := eager(ctx, asynctest.Later(time.Second, 1))
			asynctest.ExpectEqual(t, "cancel", task.Cancel(), true)
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
		},
		"one is the current task in its first step, and later": func(t *testing.T, ctx context.Context) {
			outer := asyncio.CurrentTask(ctx).ID
			var first, later uint64
			task := eager(ctx, func(ctx context.Context) (none, error) {
				first = asyncio.CurrentTask(ctx).ID
				passes(ctx, 1)
				later = asyncio.CurrentTask(ctx).ID
				return none{}, nil
			})
			asynctest.ExpectEqual(t, "outer", asyncio.CurrentTask(ctx).ID, outer)
			_, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "in its first step", first, task.Info().ID)
			asynctest.ExpectEqual(t, "later", later, task.Info().ID)
		},
		"one counts among all tasks while it runs and waits, not after": func(t *testing.T, ctx context.Context) {
			var inside int
			eager(ctx, func(ctx context.Context) (none, error) {
				inside = len(asyncio.AllTasks(ctx))
				return none{}, nil
			})
			asynctest.ExpectEqual(t, "while it ran", inside, 2)
			asynctest.ExpectEqual(t, "when it has ended", len(asyncio.AllTasks(ctx)), 1)
			task := eager(ctx, asynctest.Later(time.Second, 1))
			asynctest.ExpectEqual(t, "while it waits", len(asyncio.AllTasks(ctx)), 2)
			_, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "when it has ended", len(asyncio.AllTasks(ctx)), 1)
		},
		"one keeps the values of its context to itself": func(t *testing.T, ctx context.Context) {
			type key struct{}
			ctx = context.WithValue(ctx, key{}, 0)
			task := eager(ctx, func(ctx context.Context) (any, error) {
				asynctest.ExpectEqual(t, "value at first", ctx.Value(key{}), any(0))
				ctx = context.WithValue(ctx, key{}, 1)
				passes(ctx, 1)
				return ctx.Value(key{}), nil
			})
			asynctest.ExpectEqual(t, "value outside", ctx.Value(key{}), any(0))
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "value later", got, any(1))
		},
		"one has the name that it was given": func(t *testing.T, ctx context.Context) {
			inside := ""
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				inside = asyncio.CurrentTask(ctx).Name
				return nil
			}, asyncio.Eager(), asyncio.Name("example name"))
			asynctest.ExpectEqual(t, "name", task.Name(), "example name")
			asynctest.ExpectEqual(t, "name in its first step", inside, "example name")
		},
		"others begin in the next pass": func(t *testing.T, ctx context.Context) {
			begun := false
			task := asyncio.Go(ctx, func(context.Context) error { begun = true; return nil })
			asynctest.ExpectEqual(t, "begun", begun, false)
			passes(ctx, 1)
			asynctest.ExpectEqual(t, "begun", begun, true)
			asynctest.ExpectEqual(t, "done", task.Done(), true)
		},
	})
}

// chain awaits a task that awaits a task, to a depth.
func chain(depth int, how []asyncio.TaskOption) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		if depth == 0 {
			return 0, nil
		}
		n, err := asyncio.CreateTask(ctx, chain(depth-1, how), how...).Await(ctx)
		return n + 1, err
	}
}

// treeOfGroups opens groups in groups, with width tasks each.
func treeOfGroups(width, depth int, how []asyncio.TaskOption) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *group) error {
			for range width {
				if depth > 0 {
					tg.Go(treeOfGroups(width, depth-1, how), how...)
				}
			}
			return nil
		})
	}
}

func treeOfGathers(width, depth int, how []asyncio.TaskOption) asyncio.Coro[none] {
	return func(ctx context.Context) (none, error) {
		var tasks []*asyncio.Task[none]
		for range width {
			if depth > 0 {
				tasks = append(tasks, asyncio.CreateTask(ctx, treeOfGathers(width, depth-1, how), how...))
			}
		}
		_, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
		return none{}, err
	}
}

// TestCPythonEagerPasses counts the passes that go by. Eager tasks that never
// wait need none; leaving a group that has had tasks waits all the same, for
// their ends are told to it like those of others.
func TestCPythonEagerPasses(t *testing.T) {
	programs := map[string]struct {
		run   func(ctx context.Context, how []asyncio.TaskOption) error
		tasks uint64
		waits bool
	}{
		"a chain of awaits": {func(ctx context.Context, how []asyncio.TaskOption) error {
			_, err := chain(100, how)(ctx)
			return err
		}, 100, false},
		"groups in groups": {func(ctx context.Context, how []asyncio.TaskOption) error {
			return treeOfGroups(4, 3, how)(ctx)
		}, 4 + 16 + 64, true},
		"gathers in gathers": {func(ctx context.Context, how []asyncio.TaskOption) error {
			_, err := treeOfGathers(4, 3, how)(ctx)
			return err
		}, 4 + 16 + 64, false},
	}
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				took := map[string]uint64{}
				for start, how := range startings {
					loop := asyncio.RunningLoop(ctx)
					before := loop.Stats()
					is(t, start, p.run(ctx, how), nil)
					now := loop.Stats()
					asynctest.ExpectEqual(t, start+": tasks", now.Created-before.Created, p.tasks)
					took[start] = now.Passes - before.Passes
				}
				asynctest.ExpectEqual(t, "eager tasks took passes", took["eager"] > 0, p.waits)
				asynctest.ExpectEqual(t, "they took fewer than the others", took["eager"] < took["lazy"], true)
				return nil
			})
		})
	}
}
