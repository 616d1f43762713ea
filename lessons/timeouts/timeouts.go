// Package timeouts is a lesson: waiting, but not for ever.
package timeouts

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

// fetch takes its time.
func fetch(w io.Writer, page string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		fmt.Fprintln(w, "fetching", page)
		return "the text of " + page, asyncio.Sleep(ctx, d)
	}
}

// Run gives a block of code, and then one call, so many seconds.
func Run(ctx context.Context, env *lesson.Env) error {
	w, second := env.Out, env.Second
	pages := func(ctx context.Context) error {
		for _, page := range []string{"page 1", "page 2", "page 3"} {
			text, err := fetch(w, page, 1*second).Await(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintln(w, "got", text)
		}
		return nil
	}

	return asyncio.Run(ctx, func(ctx context.Context) error {
		err := asyncio.WithTimeout(ctx, 3*second/2, pages)
		if errors.Is(err, asyncio.ErrTimeout) {
			fmt.Fprintln(w, "time is up")
		}

		page4 := fetch(w, "page 4", 1*second)
		text, err := asyncio.WaitFor(ctx, page4, 2*second)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, "got", text)
		return nil
	}, env.Options...)
}
