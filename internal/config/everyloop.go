package config

import (
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A LoopWatcher is told of the loops of the process.
type LoopWatcher struct {
	// Made is called with each new loop before it runs, on the goroutine that makes it,
	// after the options have set what they set.
	Made func(*engine.Loop)
	// Ended is called when a loop that Made was called with is closed. It may be nil.
	Ended func(*engine.Loop)
}

var watchers struct {
	sync.Mutex
	all []*LoopWatcher
}

// WatchLoops lets w see all loops that are made from now on, until stop is called.
// Loops in a bubble of testing/synctest are not among them: who watches lives outside
// of the bubble, and must not be met from inside. Any goroutine may call both.
func WatchLoops(w *LoopWatcher) (stop func()) {
	watchers.Lock()
	defer watchers.Unlock()
	watchers.all = append(slices.Clip(watchers.all), w)
	return func() {
		watchers.Lock()
		defer watchers.Unlock()
		watchers.all = slices.DeleteFunc(slices.Clone(watchers.all), func(one *LoopWatcher) bool { return one == w })
	}
}

// TellMade tells those who watch that a loop was made. The function it returns tells
// the same ones that the loop has ended; it is nil if there are none.
func TellMade(l *engine.Loop) (ended func()) {
	watchers.Lock()
	told := watchers.all // never changed in place
	watchers.Unlock()
	if len(told) == 0 {
		return nil
	}
	for _, w := range told {
		w.Made(l)
	}
	return func() {
		for _, w := range told {
			if w.Ended != nil {
				w.Ended(l)
			}
		}
	}
}
