// Package await is a lesson: one after another.
package await

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func worker(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		lesson.Println(ctx, name, "starts")
		if err := asyncio.Sleep(ctx, d); err != nil {
			return "", err
		}
		lesson.Println(ctx, name, "ends")
		return "result of " + name, nil
	}
}

func main(ctx context.Context) error {
	a := lesson.Duration(ctx, "A", 2*time.Second)
	b := lesson.Duration(ctx, "B", 1*time.Second)
	start := asyncio.RunningLoop(ctx).Now()
	//tour:focus
	resultA, err := worker("A", a).Await(ctx)
	if err != nil {
		return err
	}
	resultB, err := worker("B", b).Await(ctx) // not before A ends
	if err != nil {
		return err
	}
	//tour:end
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Printf(ctx, "%s, %s\n", resultA, resultB)
	lesson.Printf(ctx, "took %.1f s, one by one %.1f s\n",
		took.Seconds(), (a + b).Seconds())
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
