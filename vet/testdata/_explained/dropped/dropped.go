package dropped

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func save(name string) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		return len(name), asyncio.Sleep(ctx, time.Second)
	}
}

func leave(ctx context.Context) error {
	save("game") /* nothing is saved */ // want `\(asyncio-dropped\)$`
	return asyncio.Sleep(ctx, time.Second)
}

// ANCHOR_END: before

// ANCHOR: after

func leaveSaved(ctx context.Context) error {
	if _, err := save("game").Await(ctx); err != nil {
		return err
	}
	return asyncio.Sleep(ctx, time.Second)
}

// ANCHOR_END: after
