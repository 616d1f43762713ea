// Package events is a lesson: a flag that tasks can wait for.
package events

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func guest(
	name string, comes time.Duration, open *asyncio.Event,
) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, comes); err != nil {
			return err
		}
		lesson.Println(ctx, name, "is at the door")
		//tour:focus
		if err := open.Wait(ctx); err != nil {
			return err
		}
		//tour:end
		lesson.Println(ctx, name, "is in")
		return nil
	}
}

func main(ctx context.Context) error {
	opens := lesson.Duration(ctx, "opens", 1*time.Second)
	late := lesson.Duration(ctx, "Cid", 1500*time.Millisecond)
	var open asyncio.Event
	open.SetName("open")
	ada := guest("Ada", 200*time.Millisecond, &open)
	bob := guest("Bob", 600*time.Millisecond, &open)
	cid := guest("Cid", late, &open)
	party := func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(ada, asyncio.Name("Ada"))
		tg.Go(bob, asyncio.Name("Bob"))
		tg.Go(cid, asyncio.Name("Cid"))
		if err := asyncio.Sleep(ctx, opens); err != nil {
			return err
		}
		lesson.Println(ctx, "the door opens")
		//tour:focus
		open.Set() // all who wait go on, and nobody has to wait again
		//tour:end
		return nil
	}
	return asyncio.WithTaskGroup(ctx, party)
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
