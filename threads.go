package asyncio

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"sync"
)

// threads are the goroutines on which functions of ToThread run. Any
// goroutine may use it.
type threads struct {
	mu      sync.Mutex
	made    int
	running map[string]bool // by name
	none    func()          // called when none runs; nil: no one waits for that
}

// add names a new thread.
func (ts *threads) add() (name string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.running == nil {
		ts.running = map[string]bool{}
	}
	ts.made++
	name = "thread-" + strconv.Itoa(ts.made)
	ts.running[name] = true
	return name
}

func (ts *threads) remove(name string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.running, name)
	if len(ts.running) == 0 && ts.none != nil {
		ts.none()
		ts.none = nil
	}
}

func (ts *threads) count() int {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return len(ts.running)
}

// onceNone calls fn when the last thread has ended, on that goroutine; never
// if none runs.
func (ts *threads) onceNone(fn func()) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if len(ts.running) > 0 {
		ts.none = fn
	}
}

// names returns the names of the threads that run, oldest first.
func (ts *threads) names() []string {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return slices.SortedFunc(maps.Keys(ts.running), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
}
