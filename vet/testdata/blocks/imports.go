package blocks

import (
	"context"
	"time"
)

// This file does not import package asyncio.
func nap(ctx context.Context) error {
	time.Sleep(1) // want `time.Sleep blocks the event loop in nap`
	return declared(ctx)
}
