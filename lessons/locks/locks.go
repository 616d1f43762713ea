// Package locks is a lesson: what must stay together across a wait.
package locks

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

// talk says three sentences, and has to breathe after each.
func talk(ctx context.Context, name string) error {
	breath := lesson.Duration(ctx, "breath", 300*time.Millisecond)
	for n := range lesson.Int(ctx, "sentences", 3) {
		lesson.Println(ctx, name, "says sentence", n+1)
		if err := asyncio.Sleep(ctx, breath); err != nil {
			return err
		}
	}
	return nil
}

func speaker(name string, floor *asyncio.Lock) func(context.Context) error {
	return func(ctx context.Context) error {
		if !lesson.Bool(ctx, "lock", true) {
			return talk(ctx, name)
		}
		//tour:focus
		if err := floor.Acquire(ctx); err != nil { // waits if it is held
			return err
		}
		defer floor.Release() // now it is held by who waits longest
		return talk(ctx, name)
		//tour:end
	}
}

func main(ctx context.Context) error {
	var floor asyncio.Lock // who has it may speak
	floor.SetName("floor")
	ada := asyncio.Go(ctx, speaker("Ada", &floor), asyncio.Name("Ada"))
	bob := asyncio.Go(ctx, speaker("Bob", &floor), asyncio.Name("Bob"))
	_, err := asyncio.Gather(ctx, ada, bob)
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
