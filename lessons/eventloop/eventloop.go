// Package eventloop is a lesson: what runs when, and nothing at the same time.
package eventloop

import (
	"context"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func main(ctx context.Context) error {
	work := lesson.Duration(ctx, "work", 250*time.Millisecond)
	turns := lesson.Int(ctx, "turns", 3)
	yield := lesson.Bool(ctx, "yield", true)
	var order []string // needs no lock: only who has the loop touches it
	turn := func(ctx context.Context, name string) {
		order = append(order, name)
		lesson.Println(ctx, name, "has the loop")
		lesson.Work(ctx, work) // and keeps it
	}
	worker := func(name string) func(context.Context) error {
		return func(ctx context.Context) (err error) {
			for n := 0; n < turns && err == nil; n++ {
				turn(ctx, name)
				if yield {
					//tour:focus
					err = asyncio.Yield(ctx) // others first
					//tour:end
				}
			}
			return err
		}
	}
	//tour:focus
	a := asyncio.Go(ctx, worker("A"), asyncio.Name("A"))
	b := asyncio.Go(ctx, worker("B"), asyncio.Name("B"))
	asyncio.RunningLoop(ctx).CallSoon(func() { turn(ctx, "callback") })
	turn(ctx, "main")                   // the others are ready, main goes on
	_, err := asyncio.Gather(ctx, a, b) // main waits: it lets go
	//tour:end
	lesson.Println(ctx, "order:", strings.Join(order, " "))
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
