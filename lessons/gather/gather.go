// Package gather is a lesson: several at once, the results in order.
package gather

import (
	"context"
	"strings"
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
	results, err := asyncio.Gather(ctx,
		asyncio.CreateTask(ctx, worker("A", a), asyncio.Name("A")),
		asyncio.CreateTask(ctx, worker("B", b), asyncio.Name("B")),
	)
	//tour:end
	if err != nil {
		return err
	}
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Println(ctx, strings.Join(results, ", "))
	lesson.Printf(ctx, "took %.1f s, one by one %.1f s\n",
		took.Seconds(), (a + b).Seconds())
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
