// Package await is a lesson: one after another.
package await

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

// Run awaits two coroutines, one after another.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		start := loop.Now()

		a, err := worker(w, "A", 2*second).Await(ctx)
		if err != nil {
			return err
		}
		b, err := worker(w, "B", 1*second).Await(ctx) // not before A ends
		if err != nil {
			return err
		}

		fmt.Fprintf(w, "%s, %s\n", a, b)
		took := loop.Now().Sub(start) / second
		fmt.Fprintln(w, "took", int(took), "seconds")
		return nil
	}, env.Options...)
}
