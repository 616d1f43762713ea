package lesson

import (
	"bytes"
	"context"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/explore"
)

// Explore runs a program in many orders of its tasks, as asynciotest.Explore does in a test:
// on loops of their own, until it fails in one of them. It prints the output of the
// program in that order, its error, and the word that stands for the order. The calling
// task waits, as in asyncio.ToThread. An error says that the task was canceled.
func Explore(ctx context.Context, orders int, program func(ctx context.Context) error) error {
	var out bytes.Buffer // of the order that is explored
	env := *of(ctx)
	env.Out = &out
	once := func(ctx context.Context) error {
		out.Reset()
		return program(With(ctx, &env))
	}
	found, err := asyncio.ToThread(ctx, func(ctx context.Context) (explore.Result, error) {
		return explore.Find(ctx, once, explore.Config{Runs: orders})
	})
	switch f := found.Failure; {
	case err != nil:
		return err
	case f == nil:
		Printf(ctx, "orders: %d, all right\n", found.Runs)
	default:
		Printf(ctx, "in order %d:\n%s", f.Run, out.Bytes())
		Printf(ctx, "wrong: %v\nreplay: %s\n", f.Err, f.Schedule)
	}
	return nil
}
