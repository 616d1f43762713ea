// Package cancellation is a lesson: a request to stop, and time to clean up.
package cancellation

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func download(takes, cleanup time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		lesson.Println(ctx, "download: starts")
		//tour:focus
		err := asyncio.Sleep(ctx, takes)
		if errors.Is(err, asyncio.ErrCanceled) {
			lesson.Println(ctx, "download: canceled, removes its file")
			goesOn := context.WithoutCancel(ctx) // ctx waits no more
			err = errors.Join(err, asyncio.Sleep(goesOn, cleanup))
		}
		//tour:end
		lesson.Println(ctx, "download: ends")
		return err
	}
}

func main(ctx context.Context) error {
	takes := lesson.Duration(ctx, "download", 3*time.Second)
	patience := lesson.Duration(ctx, "patience", 1*time.Second)
	cleanup := lesson.Duration(ctx, "cleanup", 500*time.Millisecond)
	start := asyncio.RunningLoop(ctx).Now()
	work := download(takes, cleanup)
	//tour:focus
	task := asyncio.Go(ctx, work, asyncio.Name("download"))
	//tour:end
	if err := asyncio.Sleep(ctx, patience); err != nil {
		return err
	}
	//tour:focus
	task.Cancel() // a request: the task decides how it ends
	//tour:end
	lesson.Println(ctx, "main: asked the download to stop")
	_, err := task.Await(ctx)
	if err != nil && !task.Canceled() {
		return err
	}
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Printf(ctx, "main: it ended after %.1f s\n", took.Seconds())
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
