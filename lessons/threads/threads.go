// Package threads is a lesson: work that blocks, beside the loop.
package threads

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

// read blocks its thread, as files, databases and C libraries may.
func read(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		return asyncio.ToThread(ctx, func(context.Context) (string, error) {
			time.Sleep(d) // blocks this thread, not the loop
			return "text of " + name, nil
		})
	}
}

// heartbeat shows that the loop is alive.
func heartbeat(w io.Writer, d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		for beat := range 4 {
			fmt.Fprintln(w, "heartbeat", beat+1)
			if err := asyncio.Sleep(ctx, d); err != nil {
				return err
			}
		}
		return nil
	}
}

// Run reads two files in threads while the heart beats on.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		heart := asyncio.Go(ctx, heartbeat(w, second/2), asyncio.Name("heart"))
		texts, err := asyncio.Gather(ctx,
			read("a.txt", 2*second),
			read("b.txt", 1*second),
		)
		if err != nil {
			return err
		}
		if _, err := heart.Await(ctx); err != nil {
			return err
		}
		fmt.Fprintln(w, strings.Join(texts, ", "))
		return nil
	}, env.Options...)
}
