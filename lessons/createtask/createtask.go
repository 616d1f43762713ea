// Package createtask is a lesson: a coroutine that runs beside its creator.
package createtask

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func worker(w io.Writer, name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		fmt.Fprintln(w, name, "starts")
		if err := asyncio.Sleep(ctx, d); err != nil {
			return "", err
		}
		fmt.Fprintln(w, name, "ends")
		return "result of " + name, nil
	}
}

// Run starts two tasks, then waits for both.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		start := loop.Now()

		taskA := asyncio.CreateTask(ctx,
			worker(w, "A", 2*second), asyncio.Name("A"))
		taskB := asyncio.CreateTask(ctx,
			worker(w, "B", 1*second), asyncio.Name("B"))
		fmt.Fprintln(w, "main: created both, neither has started")

		a, err := taskA.Await(ctx) // both run while main waits
		if err != nil {
			return err
		}
		b, err := taskB.Await(ctx) // ended long ago: no wait
		if err != nil {
			return err
		}

		fmt.Fprintf(w, "%s, %s\n", a, b)
		took := loop.Now().Sub(start) / second
		fmt.Fprintln(w, "took", int(took), "seconds")
		return nil
	}, env.Options...)
}
