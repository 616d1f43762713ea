// Package coroutines is a lesson: called, nothing happens; awaited, it runs.
package coroutines

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func brew(d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		lesson.Println(ctx, "brew: the water boils")
		if err := asyncio.Sleep(ctx, d); err != nil { // pauses here
			return "", err
		}
		lesson.Println(ctx, "brew: done") // goes on here
		return "a cup of coffee", nil
	}
}

func main(ctx context.Context) error {
	takes := lesson.Duration(ctx, "brew", 1*time.Second)
	pause := lesson.Duration(ctx, "pause", 500*time.Millisecond)
	//tour:focus
	coffee := brew(takes) // called: a coroutine, and no coffee
	lesson.Println(ctx, "main: called brew")
	if err := asyncio.Sleep(ctx, pause); err != nil {
		return err
	}
	lesson.Printf(ctx, "main: %.1f s later, still nothing\n", pause.Seconds())
	cup, err := coffee.Await(ctx) // awaited: now it runs, inside main
	//tour:end
	if err != nil {
		return err
	}
	lesson.Println(ctx, "main: got", cup)
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
