// Package taskgroup is a lesson: tasks that do not outlive their block.
package taskgroup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

// guest eats for a while. Being canceled is a chance to clean up.
func guest(
	w io.Writer, name string, d time.Duration,
) func(context.Context) error {
	return func(ctx context.Context) error {
		fmt.Fprintln(w, name, "eats")
		err := asyncio.Sleep(ctx, d)
		if errors.Is(err, asyncio.ErrCanceled) {
			fmt.Fprintln(w, name, "is asked to leave")
			return err
		}
		fmt.Fprintln(w, name, "is full")
		return err
	}
}

// thief steals a spoon after a while.
func thief(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return err
		}
		return errors.New("a spoon is missing")
	}
}

// Run has three guests at a table, and one of them fails.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second
	dinner := func(_ context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(guest(w, "Ada", 1*second), asyncio.Name("Ada"))
		tg.Go(thief(2*second), asyncio.Name("thief"))
		tg.Go(guest(w, "Bob", 3*second), asyncio.Name("Bob"))
		return nil
	}

	return asyncio.Run(ctx, func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, dinner)
		group, ok := errors.AsType[*asyncio.ExceptionGroup](err)
		if !ok {
			return err
		}
		for _, failure := range group.Errors {
			fmt.Fprintln(w, "the dinner failed:", failure)
		}
		return nil
	}, env.Options...)
}
