package trace_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/timeline"
	"github.com/asyncio-go/asyncio/trace"
)

// A task that has ended in the last step before a sleep does not wake the loop, not even on
// the drawing.
func TestLoopSleepsWhenATaskHasEnded(t *testing.T) {
	r := trace.New()
	asynciotest.Run(t, func(ctx context.Context) {
		soon := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
		_ = asyncio.Sleep(ctx, 3*time.Second)
		_, _ = soon.Await(ctx)
	}, asynciotest.LoopOptions(r.Observe()))
	for _, row := range timeline.OfRecording(r.Recording()).Rows {
		if row.Kind == timeline.LoopRow {
			asynctest.ExpectEqual(t, "time that the loop works", row.Busy(), 0)
		}
	}
}
