// Package deadlock is a lesson: two tasks that wait for each other.
package deadlock

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

type tools map[string]*asyncio.Lock

func (t tools) cook(name, first, then string) func(context.Context) error {
	return func(ctx context.Context) error {
		return t[first].With(ctx, func() error {
			lesson.Println(ctx, name, "has the", first)
			reach := lesson.Duration(ctx, "reach", 300*time.Millisecond)
			if err := asyncio.Sleep(ctx, reach); err != nil {
				return err
			}
			return t[then].With(ctx, func() error {
				lesson.Println(ctx, name, "has the", then, "and chops")
				return nil
			})
		})
	}
}

func main(ctx context.Context) error {
	t := tools{"knife": new(asyncio.Lock), "board": new(asyncio.Lock)}
	t["knife"].SetName("knife")
	t["board"].SetName("board")
	first, then := "knife", "board"
	ann := asyncio.Go(ctx, t.cook("Ann", first, then), asyncio.Name("Ann"))
	if lesson.Choice(ctx, "first", "board") == "board" {
		first, then = then, first
	}
	bob := asyncio.Go(ctx, t.cook("Bob", first, then), asyncio.Name("Bob"))
	both := []*asyncio.Task[struct{}]{ann, bob}
	//tour:focus
	_, stuck, err := asyncio.Wait(ctx, both, asyncio.AllCompleted, time.Second)
	for _, task := range stuck {
		lesson.Println(ctx, task.Name(), "waits for", task.Info().WaitingOn)
	}
	//tour:end
	if len(stuck) > 0 && err == nil {
		bob.Cancel() // gives back what he has
		_, err = ann.Await(ctx)
	}
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
