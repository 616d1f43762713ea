package virtual

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Work takes d of the world's time: see Take.
func (w *World) Work(_ context.Context, d time.Duration) { w.Take(d) }

// Block takes d of the world's time: see Take.
func (w *World) Block(_ context.Context, d time.Duration) { w.Take(d) }

// Take lets something take d of the world's time, if its threads do; see Threads. In a step of
// the loop, the clock goes on by d, and whatever is due meanwhile is due afterwards. On
// another goroutine, that sleeps, and others may take the same time at once. Any goroutine
// may call it.
func (w *World) Take(d time.Duration) {
	switch {
	case d <= 0:
	case !w.open.Load():
		w.now.Add(int64(d))
	case engine.RunningHere() != nil && !w.threads.here(): // else a thread runs a loop of its own
		w.threads.advance(w.Now() + d)
	default:
		w.threads.sleepFor(d)
	}
}
