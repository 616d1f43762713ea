package asyncio

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Now returns the time by the wall clock, for logs and records. It is time.Now outside a
// loop, and on a loop that goes by the machine's clock. On a loop with another clock, as
// in asynciotest.Run, it is the time of that clock; and on a host of asynciotest.Net it
// is the time that the host's clock shows, which may be wrong.
//
// To measure a duration, use Loop.Now: no one sets that clock, and it is the same for all
// tasks. Any goroutine may call Now; it does not suspend. In Python: time.time, and
// datetime.now.
func Now(ctx context.Context) time.Time {
	if now := engine.WallClock(ctx); now != nil {
		return now()
	}
	if l := engine.LoopOf(ctx); l != nil && l.OwnClock {
		return l.Time(l.Now())
	}
	return time.Now()
}
