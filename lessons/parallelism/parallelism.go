// Package parallelism is a lesson: two cooks, two cores.
package parallelism

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

const ms = time.Millisecond

type job = func(context.Context) error

func work(what string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		lesson.Work(ctx, d) // on a core of its own
		return what + ": done", nil
	}
}

func chop(cooks asyncio.Executor, what string, d time.Duration) job {
	return func(ctx context.Context) error {
		//tour:focus
		cook := asyncio.RunInExecutor(ctx, cooks, work(what, d))
		//tour:end
		done, err := cook.Await(ctx) // the loop is free
		if err == nil {
			lesson.Println(ctx, done)
		}
		return err
	}
}

func main(ctx context.Context) error {
	curry := lesson.Duration(ctx, "curry", 600*ms)
	table := lesson.Duration(ctx, "table", 600*ms)
	start := asyncio.RunningLoop(ctx).Now()
	cooks := asyncio.NewWorkerPool(lesson.Int(ctx, "cooks", 2))
	defer cooks.Shutdown(context.WithoutCancel(ctx))
	dinner := func(_ context.Context, tg *asyncio.TaskGroup) error {
		//tour:focus
		tg.Go(chop(cooks, "vegetables", 500*ms), asyncio.Name("vegetables"))
		tg.Go(chop(cooks, "curry", curry), asyncio.Name("curry"))
		tg.Go(chop(cooks, "table", table), asyncio.Name("table"))
		//tour:end
		return nil
	}
	err := asyncio.WithTaskGroup(ctx, dinner)
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	alone := 500*ms + curry + table
	lesson.Printf(ctx, "took %.1f s, one cook needs %.1f s\n",
		took.Seconds(), alone.Seconds())
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
