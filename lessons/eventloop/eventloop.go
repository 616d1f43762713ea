// Package eventloop is a lesson: what runs when, and nothing at the same time.
package eventloop

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

// work does not await: nobody else can run meanwhile.
func work(d time.Duration) { time.Sleep(d) }

// turns has the loop three times, and lets the others have it in between.
func turns(
	w io.Writer, name string, d time.Duration,
) func(context.Context) error {
	return func(ctx context.Context) error {
		for turn := range 3 {
			fmt.Fprintf(w, "%s: turn %d\n", name, turn+1)
			work(d)
			if err := asyncio.Yield(ctx); err != nil { // others first
				return err
			}
		}
		return nil
	}
}

// Run shows the queue of the loop: first come, first served.
func Run(ctx context.Context, env *lesson.Env) error {
	w, step := env.Out, env.Second/4

	return asyncio.Run(ctx, func(ctx context.Context) error {
		a := asyncio.Go(ctx, turns(w, "A", step), asyncio.Name("A"))
		b := asyncio.Go(ctx, turns(w, "B", step), asyncio.Name("B"))
		asyncio.RunningLoop(ctx).CallSoon(func() {
			fmt.Fprintln(w, "callback: third in line")
		})
		fmt.Fprintln(w, "main: all are ready, but I have the loop")
		work(step)

		fmt.Fprintln(w, "main: awaits, so the loop goes on")
		_, err := asyncio.Gather(ctx, a, b)
		fmt.Fprintln(w, "main: both are done")
		return err
	}, env.Options...)
}
