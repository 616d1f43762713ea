// Package concurrency is a lesson: one cook, several dishes at a time.
package concurrency

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

const ms = time.Millisecond

func dish(name string, cut, boil time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		//tour:focus
		lesson.Work(ctx, cut) // the cook's hands are full
		//tour:end
		lesson.Println(ctx, name+": on the stove")
		//tour:focus
		err := asyncio.Sleep(ctx, boil) // his hands are free
		//tour:end
		if err != nil {
			return err
		}
		lesson.Work(ctx, 200*ms)
		lesson.Println(ctx, name+": served")
		return nil
	}
}

func main(ctx context.Context) error {
	rice := lesson.Duration(ctx, "rice", 3*time.Second)
	vegetables := lesson.Duration(ctx, "vegetables", 1*time.Second)
	curry := lesson.Duration(ctx, "curry", 2*time.Second)
	table := lesson.Duration(ctx, "table", 600*ms)
	start := asyncio.RunningLoop(ctx).Now()
	setTable := func(ctx context.Context) error {
		lesson.Work(ctx, table)
		lesson.Println(ctx, "table: set")
		return nil
	}
	dinner := func(_ context.Context, tg *asyncio.TaskGroup) error {
		//tour:focus
		tg.Go(dish("rice", 300*ms, rice), asyncio.Name("rice"))
		tg.Go(dish("vegetables", 500*ms, vegetables), asyncio.Name("vegetables"))
		tg.Go(dish("curry", 600*ms, curry), asyncio.Name("curry"))
		tg.Go(setTable, asyncio.Name("table"))
		//tour:end
		return nil // the group ends when all four tasks have ended
	}
	err := asyncio.WithTaskGroup(ctx, dinner)
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Printf(ctx, "dinner took %.1f s\n", took.Seconds())
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
