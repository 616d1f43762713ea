// Package timeouts is a lesson: waiting, but not for ever.
package timeouts

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func fetch(page string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		lesson.Println(ctx, "fetching", page)
		return page, asyncio.Sleep(ctx, d)
	}
}

func main(ctx context.Context) error {
	takes := lesson.Duration(ctx, "page", 1*time.Second)
	limit := lesson.Duration(ctx, "limit", 1500*time.Millisecond)
	got := 0
	//tour:focus
	pages := func(ctx context.Context) error {
		for _, page := range []string{"page 1", "page 2", "page 3"} {
			if _, err := fetch(page, takes).Await(ctx); err != nil {
				return err // the time is up
			}
			got++
		}
		return nil
	}
	err := asyncio.WithTimeout(ctx, limit, pages) // for all
	//tour:end
	if err != nil && !errors.Is(err, asyncio.ErrTimeout) {
		return err
	}
	lesson.Printf(ctx, "got %d of 3 pages within %.1f s\n",
		got, limit.Seconds())
	page, err := asyncio.WaitFor(ctx, fetch("page 4", takes), limit)
	if errors.Is(err, asyncio.ErrTimeout) {
		page = "nothing"
	} else if err != nil {
		return err
	}
	lesson.Printf(ctx, "got %s within %.1f s\n", page, limit.Seconds())
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
