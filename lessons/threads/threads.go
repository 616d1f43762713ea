// Package threads is a lesson: for what blocks.
package threads

import (
	"context"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func read(file string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		//tour:focus
		return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
			lesson.Block(ctx, d) // time.Sleep, and it blocks this thread only
			return "text of " + file, nil
		})
		//tour:end
	}
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
	a := read("a.txt", lesson.Duration(ctx, "a.txt", 1500*time.Millisecond))
	b := read("b.txt", lesson.Duration(ctx, "b.txt", 900*time.Millisecond))
	heart := asyncio.Go(ctx, beats, asyncio.Name("heart"))
	//tour:focus
	texts, err := asyncio.Gather(ctx,
		asyncio.CreateTask(ctx, a, asyncio.Name("a.txt")),
		asyncio.CreateTask(ctx, b, asyncio.Name("b.txt")),
	)
	//tour:end
	if err != nil {
		return err
	}
	lesson.Println(ctx, "main:", strings.Join(texts, ", "))
	_, err = heart.Await(ctx)
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
