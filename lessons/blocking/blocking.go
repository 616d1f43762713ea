// Package blocking is a lesson: what stops the loop, and how to see it.
package blocking

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func hog(ctx context.Context) error {
	d := lesson.Duration(ctx, "hog", 900*time.Millisecond)
	thread := lesson.Bool(ctx, "thread", false)
	lesson.Println(ctx, "hog: only a moment")
	//tour:focus
	if !thread {
		lesson.Block(ctx, d) // time.Sleep: the loop stands still
		return nil
	}
	return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		lesson.Block(ctx, d) // the loop goes on
		return nil
	})
	//tour:end
}

func beats(ctx context.Context) error {
	loop, pause := asyncio.RunningLoop(ctx), 400*time.Millisecond
	for beat := range 4 {
		due := loop.Now().Add(pause)
		if err := asyncio.Sleep(ctx, pause); err != nil {
			return err
		}
		late := loop.Now().Sub(due)
		lesson.Printf(ctx, "beat %d, %.1f s late\n", beat+1, late.Seconds())
	}
	return nil
}

func main(ctx context.Context) error {
	heart := asyncio.Go(ctx, beats, asyncio.Name("heart"))
	if err := asyncio.Sleep(ctx, 600*time.Millisecond); err != nil {
		return err
	}
	guilty := asyncio.Go(ctx, hog, asyncio.Name("hog"))
	_, err := asyncio.Gather(ctx, heart, guilty)
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
