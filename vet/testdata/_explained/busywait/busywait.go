package busywait

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func ready(ctx context.Context, connected *bool) error {
	for !*connected {
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil { // want `\(asyncio-busy-wait\)$`
			return err
		}
	}
	return nil
}

// ANCHOR_END: before

// ANCHOR: after

func readyAtOnce(ctx context.Context, connected *asyncio.Event) error {
	return connected.Wait(ctx)
}

// ANCHOR_END: after
