package outercontext

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func fetch(ctx context.Context, get func(ctx context.Context) error) error {
	return asyncio.WithTimeout(ctx, time.Second, func(inner context.Context) error {
		return get(ctx) /* no timeout ends this */ // want `\(asyncio-outer-context\)$`
	})
}

// ANCHOR_END: before

// ANCHOR: after

func fetchInTime(ctx context.Context, get func(ctx context.Context) error) error {
	return asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
		return get(ctx)
	})
}

// ANCHOR_END: after
