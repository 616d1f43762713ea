// Package wait is a lesson: the first to finish, then the others as they come.
package wait

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func runner(d time.Duration) asyncio.Coro[time.Duration] {
	return func(ctx context.Context) (time.Duration, error) {
		return d, asyncio.Sleep(ctx, d)
	}
}

// Run waits for the winner of a race, and then for the others in turn.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		race := []*asyncio.Task[time.Duration]{
			asyncio.CreateTask(ctx, runner(3*second), asyncio.Name("turtle")),
			asyncio.CreateTask(ctx, runner(1*second), asyncio.Name("hare")),
			asyncio.CreateTask(ctx, runner(2*second), asyncio.Name("dog")),
		}

		done, pending, err := asyncio.Wait(ctx, race, asyncio.FirstCompleted, 0)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s wins, %d still run\n", done[0].Name(), len(pending))

		rest := asyncio.Awaitables(pending)
		for d, err := range asyncio.AsCompleted(ctx, rest...) {
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "another after %d seconds\n", d/second)
		}
		return nil
	}, env.Options...)
}
