// Package wait is a lesson: the first to arrive, then the others as they come.
package wait

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func runner(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		return name, asyncio.Sleep(ctx, d)
	}
}

func main(ctx context.Context) error {
	start := func(name string, d time.Duration) *asyncio.Task[string] {
		d = lesson.Duration(ctx, name, d)
		return asyncio.CreateTask(ctx, runner(name, d), asyncio.Name(name))
	}
	race := []*asyncio.Task[string]{
		start("turtle", 3*time.Second),
		start("hare", 1*time.Second),
		start("dog", 2*time.Second),
	}
	//tour:focus
	done, pending, err := asyncio.Wait(ctx, race, asyncio.FirstCompleted, 0)
	//tour:end
	if err != nil {
		return err
	}
	for _, task := range done {
		lesson.Println(ctx, "first:", task.Name())
	}
	lesson.Println(ctx, len(pending), "still run")
	rest := asyncio.Awaitables(pending)
	//tour:focus
	for name, err := range asyncio.AsCompleted(ctx, rest...) {
		if err != nil {
			return err
		}
		lesson.Println(ctx, "next:", name)
	}
	//tour:end
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
