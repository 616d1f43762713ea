package blocks

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// heads are places where a fix has no room.
func heads(ctx context.Context, d time.Duration, n int) error {
	for i := 0; i < n; time.Sleep(d) { // want `time.Sleep blocks`
		i++
	}
	if time.Sleep(d); n > 0 { // want `time.Sleep blocks`
		return nil
	}
	return asyncio.Sleep(ctx, d)
}
