// Package blocking is a lesson: what stops the loop, and how to see it.
package blocking

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

// hog keeps the loop: time.Sleep blocks, asyncio.Sleep would not.
func hog(w io.Writer, d time.Duration) func(context.Context) error {
	return func(context.Context) error {
		fmt.Fprintln(w, "hog: only a moment")
		time.Sleep(d)
		return nil
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

// Run lets a heart beat, and a task stop it for a second.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second
	report := func(e asyncio.ExceptionContext) { // e.Stack says where
		fmt.Fprintln(w, "watchdog:", e.Task.Name, "keeps the loop")
	}
	options := append(env.Options,
		asyncio.SlowStep(second/4), asyncio.OnException(report))

	return asyncio.Run(ctx, func(ctx context.Context) error {
		heart := asyncio.Go(ctx, heartbeat(w, second/2), asyncio.Name("heart"))
		if err := asyncio.Sleep(ctx, second*3/4); err != nil {
			return err
		}
		asyncio.Go(ctx, hog(w, 1*second), asyncio.Name("hog"))
		_, err := heart.Await(ctx)
		return err
	}, options...)
}
