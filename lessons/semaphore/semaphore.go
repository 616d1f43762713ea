// Package semaphore is a lesson: not too many at once.
package semaphore

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func download(
	page string, permits *asyncio.Semaphore, d time.Duration,
) func(context.Context) error {
	return func(ctx context.Context) error {
		//tour:focus
		if err := permits.Acquire(ctx); err != nil { // waits for a permit
			return err
		}
		defer permits.Release() // the next one may begin
		//tour:end
		lesson.Println(ctx, page, "begins")
		err := asyncio.Sleep(ctx, d)
		lesson.Println(ctx, page, "is here")
		return err
	}
}

func main(ctx context.Context) error {
	permits := asyncio.NewSemaphore(lesson.Int(ctx, "limit", 2))
	takes := lesson.Duration(ctx, "takes", 500*time.Millisecond)
	pages := lesson.Int(ctx, "pages", 5)
	start := asyncio.RunningLoop(ctx).Now()
	all := func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for n := range pages {
			page := fmt.Sprint("page ", n+1)
			tg.Go(download(page, permits, takes), asyncio.Name(page))
		}
		return nil
	}
	if err := asyncio.WithTaskGroup(ctx, all); err != nil {
		return err
	}
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Printf(ctx, "%d pages in %.1f s\n", pages, took.Seconds())
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
