// Package virtual is a world in which time passes only when nothing else
// happens: as soon as all tasks wait, the clock jumps to the next deadline.
// An hour's sleep takes no time, and every run is like the other.
package virtual

import (
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/door"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// Time returns an option that makes a loop run on a clock of its own that
// jumps. Work outside the loop (ToThread, executors) takes real time, which
// the clock knows nothing of: while such work is all there is to wait for,
// the loop waits for it; a deadline that is set meanwhile comes first.
func Time() asyncio.Option { return new(World).Option() }

// A World is what a loop on virtual time runs in. The zero World waits for
// ever when there is nothing to wait for. A World is for one loop at a time.
type World struct {
	// Picker decides which task goes next; nil: first in, first out.
	Picker engine.Picker
	// Patience is how long, in real time, the clock stands still for work
	// outside the loop, before it jumps to the next deadline all the same.
	// It begins anew whenever something comes from outside.
	Patience time.Duration
	// Idle is called before the loop would wait, when no work outside is
	// worth waiting for; true means that something is ready now.
	Idle func() bool
	// Stuck is called when there is nothing that could ever wake the loop.
	// Its error ends the loop's run; without one, the loop waits for ever.
	Stuck func() error

	now      atomic.Int64
	outside  atomic.Int64
	wake     chan struct{}
	contexts contexts
	tired    bool // the patience is used up
}

// Option makes a loop run in the world.
func (w *World) Option() asyncio.Option {
	return door.InWorld(func() door.World {
		w.wake = make(chan struct{}, 1)
		w.contexts.wake = w.Wake
		return door.World{Clock: w, Poller: w, Picker: w.Picker, Contexts: &w.contexts, Outside: &w.outside}
	}).(asyncio.Option)
}

// Outside counts what is on its way outside the loop and will wake it. Any
// goroutine may call it.
func (w *World) Outside(n int) { w.outside.Add(int64(n)) }

// Now returns the virtual time.
func (w *World) Now() time.Duration { return time.Duration(w.now.Load()) }

// Wait waits for what comes from outside, if that is worth it, and jumps over
// the timeout otherwise.
func (w *World) Wait(timeout time.Duration) error {
	switch {
	case w.awaitOutside(), w.Idle != nil && w.Idle():
		return nil
	case timeout >= 0:
		w.now.Add(int64(timeout))
		return nil
	case w.Stuck != nil && w.outside.Load() == 0 && !w.contexts.haveDeadline():
		if w.woken() { // at the last moment
			return nil
		}
		return w.Stuck()
	}
	<-w.wake
	w.tired = false
	return nil
}

// awaitOutside reports whether something has come from outside. What is on
// its way is in the inbox before it is no longer counted, so the order of the
// two looks matters.
func (w *World) awaitOutside() bool {
	pending := w.outside.Load() > 0
	if w.woken() {
		w.tired = false
		return true
	}
	if !pending || w.tired || w.Patience == 0 {
		return false
	}
	limit := time.NewTimer(w.Patience)
	defer limit.Stop()
	select {
	case <-w.wake:
		return true
	case <-limit.C:
		w.tired = true
		return false
	}
}

func (w *World) woken() bool {
	select {
	case <-w.wake:
		return true
	default:
		return false
	}
}

// Wake ends the current or the next Wait. Any goroutine may call it.
func (w *World) Wake() error {
	select {
	case w.wake <- struct{}{}:
	default: // there is one already
	}
	return nil
}

// Close does nothing: there is nothing to close.
func (w *World) Close() error { return nil }
