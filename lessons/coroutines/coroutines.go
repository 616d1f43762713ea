// Package coroutines is a lesson: called, nothing happens; awaited, it runs.
package coroutines

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

// brew describes how coffee is made. Calling it makes none.
func brew(w io.Writer, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		fmt.Fprintln(w, "brew: the water boils")
		if err := asyncio.Sleep(ctx, d); err != nil {
			return "", err
		}
		fmt.Fprintln(w, "brew: done")
		return "a cup of coffee", nil
	}
}

// Run describes a coffee, and only later makes it.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		coffee := brew(w, 1*second)
		fmt.Fprintln(w, "main: brew was called, nothing happens")
		if err := asyncio.Sleep(ctx, 1*second); err != nil {
			return err
		}
		fmt.Fprintln(w, "main: a second later, still nothing")

		cup, err := coffee.Await(ctx) // now it runs, as a part of main
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "main: here is", cup)
		return nil
	}, env.Options...)
}
