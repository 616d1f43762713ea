// Package cancellation is a lesson: a request to stop, and time to clean up.
package cancellation

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

// download takes its time, and some more to clean up if it is canceled.
func download(w io.Writer, d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		fmt.Fprintln(w, "download: starts")
		err := asyncio.Sleep(ctx, d)
		if errors.Is(err, asyncio.ErrCanceled) {
			fmt.Fprintln(w, "download: canceled, removes its file")
			cleanup := context.WithoutCancel(ctx) // ctx would not wait any more
			return errors.Join(err, asyncio.Sleep(cleanup, d/6))
		}
		return err
	}
}

// Run cancels a download and waits until it has ended.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second

	return asyncio.Run(ctx, func(ctx context.Context) error {
		task := asyncio.Go(ctx, download(w, 3*second), asyncio.Name("download"))
		if err := asyncio.Sleep(ctx, 1*second); err != nil {
			return err
		}

		task.Cancel() // a request: the task decides how it ends
		fmt.Fprintln(w, "main: asked the download to stop")
		_, err := task.Await(ctx)
		if !task.Canceled() {
			return err
		}
		fmt.Fprintln(w, "main: the download was canceled")
		return nil
	}, env.Options...)
}
