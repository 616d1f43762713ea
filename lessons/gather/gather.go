// Package gather is a lesson: several at once, the results in order.
package gather

import (
	"context"
	"fmt"
	"io"
	"strings"
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

// Run gathers three coroutines.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		results, err := asyncio.Gather(ctx,
			worker(w, "A", 3*second),
			worker(w, "B", 1*second),
			worker(w, "C", 2*second),
		)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, strings.Join(results, ", "))
		return nil
	}, env.Options...)
}
