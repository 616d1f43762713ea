package asyncio

import (
	"cmp"
	"slices"
	"strconv"
	"sync/atomic"
)

// threads are the functions of ToThread that have not ended, as far as the loop knows.
// For the loop only, except for count.
type threads struct {
	made    int
	running []*thread // in no order
	length  atomic.Int64
	none    func() // called when the last one has ended; nil: nothing waits for that
}

// A thread is one function of ToThread.
type thread struct {
	number int
	place  int // its index in running
}

func (t *thread) name() string { return "thread-" + strconv.Itoa(t.number) }

func (ts *threads) add(t *thread) {
	ts.made++
	t.number, t.place = ts.made, len(ts.running)
	ts.running = append(ts.running, t)
	ts.length.Add(1)
}

// remove moves the last of them to the place of t.
func (ts *threads) remove(t *thread) {
	end := len(ts.running) - 1
	last := ts.running[end]
	ts.running[t.place], last.place = last, t.place
	ts.running[end] = nil
	ts.running = ts.running[:end]
	ts.length.Add(-1)
	if end == 0 && ts.none != nil {
		ts.none()
		ts.none = nil
	}
}

// count returns how many there are. Any goroutine may call it.
func (ts *threads) count() int { return int(ts.length.Load()) }

// onceNone calls fn when the last one has ended, unless forget is called before. If there
// is none at the call, it never calls fn.
func (ts *threads) onceNone(fn func()) (forget func()) {
	if ts.count() > 0 {
		ts.none = fn
	}
	return func() { ts.none = nil }
}

// names returns the names of all, oldest first.
func (ts *threads) names() (names []string) {
	byAge := slices.SortedFunc(slices.Values(ts.running), func(a, b *thread) int { return cmp.Compare(a.number, b.number) })
	for _, t := range byAge {
		names = append(names, t.name())
	}
	return names
}
