// Package queue is a lesson: who makes and who uses, at one pace.
package queue

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func cook(name string, q *asyncio.Queue[int]) func(context.Context) error {
	return func(ctx context.Context) error {
		takes := lesson.Duration(ctx, "takes", 500*time.Millisecond)
		//tour:focus
		for order, err := range q.All(ctx) { // waits while it is empty
			//tour:end
			if err != nil {
				return err
			}
			lesson.Println(ctx, name, "cooks order", order)
			if err := asyncio.Sleep(ctx, takes); err != nil {
				return err
			}
		}
		return nil
	}
}

func main(ctx context.Context) error {
	q := asyncio.NewQueue[int](lesson.Int(ctx, "size", 2))
	cooks := []string{"Ann", "Bob", "Cid"}[:lesson.Int(ctx, "cooks", 2)]
	kitchen := func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for _, name := range cooks {
			tg.Go(cook(name, q), asyncio.Name(name))
		}
		start := asyncio.RunningLoop(ctx).Now()
		for order := 1; order <= 8; order++ {
			//tour:focus
			if err := q.Put(ctx, order); err != nil { // waits while it is full
				return err
			}
			//tour:end
			at := asyncio.RunningLoop(ctx).Now().Sub(start)
			lesson.Printf(ctx, "order %d in, %.1f s\n", order, at.Seconds())
		}
		q.Shutdown(false) // there are no more: the cooks may leave
		return nil
	}
	return asyncio.WithTaskGroup(ctx, kitchen)
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
