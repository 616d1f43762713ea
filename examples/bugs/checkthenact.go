package bugs

import (
	"context"
	"errors"

	"github.com/asyncio-go/asyncio"
)

// WorkCarelessly handles jobs until there are no more. It looks whether there
// is one, tells about its progress, and takes a job that another worker may
// have taken meanwhile: then it waits for ever.
func WorkCarelessly(ctx context.Context, jobs *asyncio.Queue[int], handle func(job int)) error {
	for !jobs.Empty() {
		if err := tellProgress(ctx); err != nil {
			return err
		}
		job, err := jobs.Get(ctx)
		if err != nil {
			return err
		}
		handle(job)
	}
	return nil
}

// Work looks and takes in one: nothing can come in between.
func Work(ctx context.Context, jobs *asyncio.Queue[int], handle func(job int)) error {
	for {
		if err := tellProgress(ctx); err != nil {
			return err
		}
		job, err := jobs.TryGet()
		if errors.Is(err, asyncio.ErrQueueEmpty) {
			return nil
		}
		if err != nil {
			return err
		}
		handle(job)
	}
}

func tellProgress(ctx context.Context) error { return remote(ctx, 1) }
