// Package createtask is a lesson: a coroutine that runs beside its creator.
package createtask

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
	taskA := asyncio.CreateTask(ctx, worker("A", a), asyncio.Name("A"))
	taskB := asyncio.CreateTask(ctx, worker("B", b), asyncio.Name("B"))
	lesson.Println(ctx, "main: created both, neither has started")
	resultA, err := taskA.Await(ctx) // both run while main waits
	if err != nil {
		return err
	}
	resultB, err := taskB.Await(ctx) // has ended before: no wait
	//tour:end
	if err != nil {
		return err
	}
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
