package asyncio

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// threads are the goroutines on which functions of ToThread run. Any
// goroutine may use it.
type threads struct {
	mu      sync.Mutex
	made    int
	running map[string]bool // by name
	none    chan struct{}   // closed when none runs; nil: no one waits for that
}

// add names a new thread.
func (ts *threads) add() (name string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.running == nil {
		ts.running = map[string]bool{}
	}
	ts.made++
	name = fmt.Sprintf("thread-%d", ts.made)
	ts.running[name] = true
	return name
}

func (ts *threads) remove(name string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.running, name)
	if len(ts.running) == 0 && ts.none != nil {
		close(ts.none)
		ts.none = nil
	}
}

func (ts *threads) count() int {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return len(ts.running)
}

// wait waits until no thread runs, at most for d, and names those that do.
func (ts *threads) wait(d time.Duration) []string {
	ts.mu.Lock()
	none := make(chan struct{})
	if ts.none = none; len(ts.running) == 0 {
		close(none)
		ts.none = nil
	}
	ts.mu.Unlock()
	select {
	case <-none:
	case <-time.After(d):
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	var names []string
	for name := range ts.running {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return names
}
