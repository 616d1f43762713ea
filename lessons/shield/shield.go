// Package shield is a lesson: giving up the wait without giving up the work.
package shield

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

func send(w io.Writer, what string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, d); err != nil {
			fmt.Fprintln(w, what+": canceled")
			return "", err
		}
		fmt.Fprintln(w, what+": sent")
		return "receipt of the " + what, nil
	}
}

// Run loses patience twice; only the shielded task lives on.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		letter := asyncio.CreateTask(ctx,
			send(w, "letter", 3*second), asyncio.Name("letter"))
		payment := asyncio.CreateTask(ctx,
			send(w, "payment", 3*second), asyncio.Name("payment"))

		_, err := asyncio.WaitFor(ctx, letter, 1*second)
		if errors.Is(err, asyncio.ErrTimeout) {
			fmt.Fprintln(w, "main: too slow, there will be no letter")
		}

		shielded := func(ctx context.Context) (string, error) {
			return asyncio.Shield(ctx, payment)
		}
		_, err = asyncio.WaitFor(ctx, asyncio.Coro[string](shielded), 1*second)
		if errors.Is(err, asyncio.ErrTimeout) {
			fmt.Fprintln(w, "main: too slow, but the payment goes on")
		}

		receipt, err := payment.Await(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "main:", receipt)
		return nil
	}, env.Options...)
}
