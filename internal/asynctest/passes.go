package asynctest

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// CountPasses counts the passes of the loop that fn takes.
func CountPasses(ctx context.Context, fn func()) uint64 {
	l := asyncio.RunningLoop(ctx)
	before := l.Stats().Passes
	fn()
	return l.Stats().Passes - before
}

// Settle lets the loop run until all other tasks wait, and for some passes at
// least, in which the end of a context may come from another goroutine.
func Settle(ctx context.Context) {
	loop := asyncio.RunningLoop(ctx)
	for n := 0; n < 8 || loop.Stats().Ready > 0; n++ {
		_ = asyncio.Yield(context.WithoutCancel(ctx))
	}
}

// Elapsed is the virtual time that fn takes.
func Elapsed(ctx context.Context, fn func()) time.Duration {
	l := asyncio.RunningLoop(ctx)
	before := l.Now()
	fn()
	if IsReal(ctx) {
		return 0 // it was 0 on the virtual clock, or the test would not run here
	}
	return l.Now().Sub(before)
}
