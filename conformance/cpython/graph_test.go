package cpython

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// awaitsAFuture and whatever waits for it show in the stacks of their tasks.
func awaitsAFuture(ctx context.Context, f *asyncio.Future[int]) (int, error) { return f.Await(ctx) }

// expectWaits expects what a task waits for, which task made it, and that its
// stack names a function.
func expectWaits(t *testing.T, i asyncio.TaskInfo, on string, parent uint64, function string) {
	t.Helper()
	asynctest.ExpectEqual(t, i.Name+": state", i.State, asyncio.TaskWaiting)
	asynctest.ExpectEqual(t, i.Name+": waits for", i.WaitingOn, on)
	asynctest.ExpectEqual(t, i.Name+": parent", i.Parent, parent)
	if !strings.Contains(string(i.Stack()), function) {
		t.Errorf("the stack of %s does not name %s:\n%s", i.Name, function, i.Stack())
	}
}

func namesOf(tasks []asyncio.TaskInfo) string {
	var names []string
	for _, t := range tasks {
		names = append(names, t.Name)
	}
	return strings.Join(names, ", ")
}

// TestCPythonCallGraph looks at who waits for what, in the middle of it.
func TestCPythonCallGraph(t *testing.T) {
	const function = "awaitsAFuture"
	ways := map[string]struct {
		outer func(ctx context.Context, inner asyncio.Coro[int]) error
		on    string
	}{
		"a task that awaits a task": {func(ctx context.Context, inner asyncio.Coro[int]) error {
			_, err := asyncio.CreateTask(ctx, inner, asyncio.Name("inner")).Await(ctx)
			return err
		}, `task "inner"`},
		"a task in a group": {func(ctx context.Context, inner asyncio.Coro[int]) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *group) error {
				asyncio.Spawn(tg, inner)
				return nil
			})
		}, "task group"},
		"a task in a gathering": {func(ctx context.Context, inner asyncio.Coro[int]) error {
			_, err := asyncio.Gather(ctx, inner)
			return err
		}, "gather"},
		"a task behind a shield": {func(ctx context.Context, inner asyncio.Coro[int]) error {
			_, err := asyncio.Shield(ctx, inner)
			return err
		}, "shield"},
	}
	for name, w := range ways {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) error {
				f := asyncio.NewFuture[int](ctx)
				outer := asyncio.Go(ctx, func(ctx context.Context) error {
					return w.outer(ctx, func(ctx context.Context) (int, error) { return awaitsAFuture(ctx, f) })
				}, asyncio.Name("outer"))
				passes(ctx, 2)
				all := asyncio.AllTasks(ctx)
				expectWaits(t, all[1], w.on, all[0].ID, "TestCPythonCallGraph")
				asynctest.ExpectEqual(t, "what outer waits for", namesOf(all[1].Awaits()), all[2].Name)
				expectWaits(t, all[2], "future", all[1].ID, function)
				_ = f.SetResult(1)
				_, err := outer.Await(ctx)
				return err
			})
		})
	}
	t.Run("tasks that wait for one future", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			f := asyncio.NewFuture[int](ctx)
			for _, name := range []string{"task A", "task B"} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := awaitsAFuture(ctx, f)
					return err
				}, asyncio.Name(name))
			}
			passes(ctx, 2)
			asynctest.ExpectEqual(t, "who waits", namesOf(asyncio.AwaitedBy(f)), "task A, task B")
			_ = f.SetResult(1)
			passes(ctx, 1)
			asynctest.ExpectEqual(t, "who waits when it is done", namesOf(asyncio.AwaitedBy(f)), "")
			return nil
		})
	})
	t.Run("a task that waits for tasks", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			f := asyncio.NewFuture[int](ctx)
			inner := func(name string) *asyncio.Task[int] {
				return asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return awaitsAFuture(ctx, f) }, asyncio.Name(name))
			}
			a, b := inner("a"), inner("b")
			outer := asyncio.Go(ctx, func(ctx context.Context) error {
				_, _, err := asyncio.Wait(ctx, []*asyncio.Task[int]{b, a}, asyncio.AllCompleted, 0)
				return err
			}, asyncio.Name("outer"))
			passes(ctx, 2)
			asynctest.ExpectEqual(t, "what outer waits for", namesOf(outer.Info().Awaits()), "a, b")
			asynctest.ExpectEqual(t, "who waits for a", namesOf(asyncio.AwaitedBy(a)), "outer")
			_ = f.SetResult(1)
			_, err := outer.Await(ctx)
			return err
		})
	})
	t.Run("a timeout is part of its task", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) error {
			f := asyncio.NewFuture[int](ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
					_, err := awaitsAFuture(ctx, f)
					return err
				})
			})
			passes(ctx, 1)
			expectWaits(t, task.Info(), "future", asyncio.CurrentTask(ctx).ID, function)
			expectWaits(t, task.Info(), "future", asyncio.CurrentTask(ctx).ID, "WithTimeout")
			_ = f.SetResult(1)
			_, err := task.Await(ctx)
			return err
		})
	})
}
