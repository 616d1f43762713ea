// Package virtual is a world in which time passes only when nothing else
// happens: as soon as all tasks wait, the clock jumps to the next deadline.
// An hour's sleep takes no time, and every run is like the other.
package virtual

import (
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/door"
)

// Time returns an option that makes a loop run on a clock of its own that
// jumps. Work outside the loop (ToThread, executors) takes real time, which
// the clock knows nothing of: while such work is all there is to wait for,
// the loop waits for it; a deadline that is set meanwhile comes first.
func Time() asyncio.Option {
	return door.InWorld(func() door.World {
		w := &world{wake: make(chan struct{}, 1)}
		return door.World{Clock: w, Poller: w}
	}).(asyncio.Option)
}

type world struct {
	now  atomic.Int64
	wake chan struct{}
}

// Now returns the virtual time.
func (w *world) Now() time.Duration { return time.Duration(w.now.Load()) }

// Wait jumps over the timeout. Without one, it waits for a Wake.
func (w *world) Wait(timeout time.Duration) error {
	if timeout < 0 {
		<-w.wake
		return nil
	}
	select {
	case <-w.wake:
	default:
		w.now.Add(int64(timeout))
	}
	return nil
}

// Wake ends the current or the next Wait.
func (w *world) Wake() error {
	select {
	case w.wake <- struct{}{}:
	default: // there is one already
	}
	return nil
}

// Close does nothing: there is nothing to close.
func (w *world) Close() error { return nil }
