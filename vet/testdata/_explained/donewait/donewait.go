package donewait

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func untilCanceled(ctx context.Context, tg *asyncio.TaskGroup, clean func()) {
	tg.Go(func(ctx context.Context) error {
		<-ctx.Done() // want `\(asyncio-done-wait\)$`
		clean()
		return ctx.Err()
	})
}

// ANCHOR_END: before

// ANCHOR: after

func untilCanceledOnTheLoop(ctx context.Context, tg *asyncio.TaskGroup, clean func()) {
	tg.Go(func(ctx context.Context) error {
		defer clean()
		_, err := asyncio.Select(ctx)
		return err
	})
}

// ANCHOR_END: after
