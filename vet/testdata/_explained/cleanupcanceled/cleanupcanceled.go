package cleanupcanceled

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func work(ctx context.Context, jobs *asyncio.Queue[string]) error {
	err := asyncio.Sleep(ctx, time.Hour)
	if errors.Is(err, asyncio.ErrCanceled) {
		_ = jobs.Join(ctx) /* it does not wait */ // want `\(asyncio-cleanup-canceled\)$`
	}
	return err
}

// ANCHOR_END: before

// ANCHOR: after

func workToTheEnd(ctx context.Context, jobs *asyncio.Queue[string]) error {
	err := asyncio.Sleep(ctx, time.Hour)
	if errors.Is(err, asyncio.ErrCanceled) {
		_ = asyncio.WithTimeout(context.WithoutCancel(ctx), time.Second, jobs.Join)
	}
	return err
}

// ANCHOR_END: after
