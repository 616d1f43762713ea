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

// Take makes the caller take d of the world's time, if the field Threads is true. In a
// step of the loop, the clock goes on by d; timers that become due meanwhile fire after
// the step. Another goroutine sleeps for d of the world's time; several may do so at the
// same time. Any goroutine may call it.
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
