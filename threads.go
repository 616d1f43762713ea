package asyncio

import (
	"slices"
	"strconv"
	"sync"

	"github.com/asyncio-go/asyncio/internal/roster"
)

// threads are the goroutines on which functions of ToThread run. Any
// goroutine may use it.
type threads struct {
	mu      sync.Mutex
	made    int
	running roster.Roster[string] // their names
	none    func()                // called when none runs; nil: no one waits for that
}

// add names a new thread.
func (ts *threads) add() (name string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.made++
	name = "thread-" + strconv.Itoa(ts.made)
	ts.running.Add(name)
	return name
}

func (ts *threads) remove(name string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.running.Remove(name)
	if ts.running.Len() == 0 && ts.none != nil {
		ts.none()
		ts.none = nil
	}
}

func (ts *threads) count() int {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.running.Len()
}

// onceNone calls fn when the last thread has ended, on that goroutine; never
// if none runs.
func (ts *threads) onceNone(fn func()) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.running.Len() > 0 {
		ts.none = fn
	}
}

// names returns the names of the threads that run, oldest first.
func (ts *threads) names() []string {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return slices.Collect(ts.running.All())
}
