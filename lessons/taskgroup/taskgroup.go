// Package taskgroup is a lesson: tasks that do not outlive their block.
package taskgroup

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func worker(name string, d time.Duration, fail string) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		lesson.Println(ctx, name, "starts")
		err := asyncio.Sleep(ctx, d)
		if errors.Is(err, asyncio.ErrCanceled) {
			lesson.Println(ctx, name, "is asked to stop")
		}
		if fail == name || fail == "both" {
			return "", errors.New(name + " has failed")
		}
		if err != nil {
			return "", err
		}
		lesson.Println(ctx, name, "ends")
		return "result of " + name, nil
	}
}

func group(ctx context.Context, fail string) error {
	a := lesson.Duration(ctx, "A", 2*time.Second)
	b := lesson.Duration(ctx, "B", 1*time.Second)
	start := asyncio.RunningLoop(ctx).Now()
	//tour:focus
	workers := func(_ context.Context, tg *asyncio.TaskGroup) error {
		asyncio.Spawn(tg, worker("A", a, fail), asyncio.Name("A"))
		asyncio.Spawn(tg, worker("B", b, fail), asyncio.Name("B"))
		return nil
	}
	err := asyncio.WithTaskGroup(ctx, workers) // until both have ended
	group, failed := errors.AsType[*asyncio.ExceptionGroup](err)
	//tour:end
	if err != nil && !failed {
		return err
	}
	if failed {
		for _, failure := range group.Errors {
			lesson.Println(ctx, "in the group:", failure)
		}
	}
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Printf(ctx, "took %.1f s, one by one %.1f s\n",
		took.Seconds(), (a + b).Seconds())
	return nil
}

func main(ctx context.Context) error {
	if err := group(ctx, "nobody"); err != nil {
		return err
	}
	return group(ctx, lesson.Choice(ctx, "fails", "both"))
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
