package asyncio

import (
	"sync"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// running are the loops that run at present, on all goroutines.
var running struct {
	mu    sync.Mutex
	loops map[*engine.Loop]struct{}
}

// enlist makes a loop one of those that run.
func enlist(l *engine.Loop) (leave func()) {
	running.mu.Lock()
	defer running.mu.Unlock()
	if running.loops == nil {
		running.loops = map[*engine.Loop]struct{}{}
	}
	running.loops[l] = struct{}{}
	return func() {
		running.mu.Lock()
		defer running.mu.Unlock()
		delete(running.loops, l)
	}
}

// loopHere returns the loop that the calling goroutine runs, or nil. It is for
// who was given no context that would tell.
func loopHere() *engine.Loop {
	running.mu.Lock()
	defer running.mu.Unlock()
	for l := range running.loops {
		if l.OnLoop() {
			return l
		}
	}
	return nil
}
