package main

import (
	"context"
	"errors"

	"github.com/asyncio-go/asyncio"
)

// fetchAll fetches the targets, and returns a row for each, in their order.
// When it is cut short, by Ctrl-C or by ctx, the rows of what was not fetched
// say so.
func fetchAll(ctx context.Context, targets []target, o options, bar *progress) ([]result, error) {
	rows := newRows(targets)
	f := newFetcher(o)
	defer f.close()

	err := asyncio.Run(ctx, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			// The bar is drawn by a task that would go on for ever: it ends
			// here, with the work, and the group waits for its end.
			ticker := tg.Go(bar.keepDrawing, asyncio.Name("progress"))
			defer ticker.Cancel()
			return fetchRows(ctx, rows, f, o.limit, bar)
		})
	}, asyncio.HandleInterrupt())

	if errors.Is(err, asyncio.ErrCanceled) {
		err = nil // the rows tell
	}
	return rows, err
}

// fetchRows fetches the rows, as many at once as the limit says, and returns
// when all of it has ended.
func fetchRows(ctx context.Context, rows []result, f *fetcher, limit int, bar *progress) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		for i := range rows {
			row := &rows[i]
			if !row.fetchable() { // a bad line
				bar.skip()
				continue
			}
			tg.Go(func(ctx context.Context) error {
				bar.begin()
				defer bar.end()
				// A URL that cannot be fetched is no failure of the group:
				// its error goes into the row. What fetch returns is only
				// ever that it was canceled.
				return f.fetch(ctx, row)
			}, asyncio.Name(row.URL))
		}
		return nil
	}, asyncio.Limit(limit))
}
