package trace

import (
	"context"
	"runtime/pprof"
	rtrace "runtime/trace"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// LabelTask is the key of the label that [Labels] gives to tasks.
const LabelTask = "asyncio.task"

// Labels returns an option of [asyncio.Run] and similar functions. With it, each task has
// a label of runtime/pprof with its name, under the key "asyncio.task". So a CPU profile
// shows in which tasks the time was spent (go tool pprof -tagfocus, or the view "Flame
// Graph" by tags), and a profile of goroutines shows which task each goroutine runs.
// Functions of ToThread, and goroutines that a task starts, have the label of the task.
// The loop's own work between two tasks may be counted for the first of them. It costs
// some allocations for each task, and nothing for a step.
func Labels() asyncio.Option {
	return dress(func(t *engine.Task, ctx context.Context) (context.Context, func()) {
		return pprof.WithLabels(ctx, pprof.Labels(LabelTask, t.Name())), nil
	})
}

// Regions returns an option of [asyncio.Run] and similar functions. With it, each task
// that begins while runtime/trace is on becomes a user-defined task of runtime/trace with
// the same name, and has a region "asyncio task" from its beginning to its end. So go
// tool trace shows tasks, under "User-defined tasks", with what their goroutines did. A
// task that began before the trace is not shown. While runtime/trace is off, it costs a
// comparison for each task.
func Regions() asyncio.Option {
	return dress(func(t *engine.Task, ctx context.Context) (context.Context, func()) {
		if !rtrace.IsEnabled() {
			return ctx, nil
		}
		ctx, task := rtrace.NewTask(ctx, t.Name())
		region := rtrace.StartRegion(ctx, regionOfTask)
		return ctx, func() {
			region.End()
			task.End()
		}
	})
}

const regionOfTask = "asyncio task"

func dress(d engine.Dress) asyncio.Option {
	return config.Func(func(c *config.Config) {
		c.Prepare = append(c.Prepare, func(l *engine.Loop) { l.AddDress(d) })
	})
}
