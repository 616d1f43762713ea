// Package concurrency is a lesson: one cook, several dishes at a time.
package concurrency

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

// cook puts a dish on the stove and comes back when it is ready.
func cook(
	w io.Writer, dish string, d time.Duration,
) func(context.Context) error {
	return func(ctx context.Context) error {
		fmt.Fprintln(w, dish+": on the stove")
		if err := asyncio.Sleep(ctx, d); err != nil { // the cook is free
			return err
		}
		fmt.Fprintln(w, dish+": ready")
		return nil
	}
}

// Run has one cook prepare three dishes, and set the table meanwhile.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second
	setTable := func(context.Context) error {
		fmt.Fprintln(w, "table: set")
		return nil
	}
	dinner := func(_ context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(cook(w, "rice", 3*second), asyncio.Name("rice"))
		tg.Go(cook(w, "vegetables", 1*second), asyncio.Name("vegetables"))
		tg.Go(cook(w, "curry", 2*second), asyncio.Name("curry"))
		tg.Go(setTable, asyncio.Name("table"))
		return nil
	}

	return asyncio.Run(ctx, func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		start := loop.Now()
		if err := asyncio.WithTaskGroup(ctx, dinner); err != nil {
			return err
		}
		took := loop.Now().Sub(start) / second
		fmt.Fprintf(w, "dinner after %d seconds, not 6\n", took)
		return nil
	}, env.Options...)
}
