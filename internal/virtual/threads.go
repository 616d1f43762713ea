package virtual

import (
	"slices"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// threads are the functions that run beside the loop, in a world in which they take virtual
// time; see World.Threads. They have their turns one at a time, in the order in which the
// loop has handed them out, and each keeps its turn until it sleeps or ends: so what they
// do happens in the same order in every run. They have their turns when a pass begins,
// when the loop sleeps, and while a step takes time.
type threads struct {
	world *World

	mu      sync.Mutex
	all     []*thread     // those that are not over, in the order in which they were handed out
	sleeps  uint64        // how many sleeps have begun
	changed chan struct{} // has a value when one of them has changed
	closed  bool
}

// A thread is one of them.
type thread struct {
	work      *engine.Offload // nil: a goroutine that the loop knows nothing of
	goroutine int64           // 0: it has not begun
	state     threadState
	due       time.Duration // when its sleep is over
	sleep     uint64        // the number of its sleep
	turn      chan struct{} // closed when it has its turn
}

type threadState uint8

const (
	threadExpected threadState = iota // on its way, or its pool has no worker for it yet
	threadWaits                       // for its turn
	threadRuns                        // has its turn
	threadSleeps                      // until it is due
	threadFree                        // has waited for something else than its turn for so long that no one waits for it
)

// patience is how long a thread may keep its turn while it does nothing that the world
// knows of. It is long, because the machine may be busy. A thread that reaches it is
// taken to wait for something that comes only if the loop goes on.
const patience = 2 * time.Second

// Expect makes threads an engine.ThreadWatcher.
func (ts *threads) Expect(o *engine.Offload) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.all = append(ts.all, &thread{work: o})
}

// Enter makes threads an engine.ThreadWatcher.
func (ts *threads) Enter(o *engine.Offload) {
	ts.mu.Lock()
	i := slices.IndexFunc(ts.all, func(t *thread) bool { return t.work == o })
	if i < 0 || ts.closed || ts.all[i].state != threadExpected {
		ts.mu.Unlock()
		return
	}
	t := ts.all[i]
	t.goroutine = coro.GoroutineID()
	ts.awaitTurn(t, threadWaits)
}

// awaitTurn waits until the calling goroutine has its turn. The goroutine is that of t,
// and holds the lock.
func (ts *threads) awaitTurn(t *thread, as threadState) {
	t.state, t.turn = as, make(chan struct{})
	turn := t.turn
	ts.tell()
	ts.mu.Unlock()
	<-turn
}

// Leave makes threads an engine.ThreadWatcher.
func (ts *threads) Leave(o *engine.Offload) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.all = slices.DeleteFunc(ts.all, func(t *thread) bool { return t.work == o })
	ts.tell()
}

func (ts *threads) tell() {
	select {
	case ts.changed <- struct{}{}:
	default:
	}
	if w := ts.world; w != nil {
		_ = w.descriptors.wake() // for waitWithThreads
	}
}

// sleepFor makes the calling goroutine sleep. A goroutine that the loop knows nothing of
// may sleep as well, but the world does not wait for it afterwards.
func (ts *threads) sleepFor(d time.Duration) {
	id := coro.GoroutineID()
	ts.mu.Lock()
	if ts.closed {
		ts.mu.Unlock()
		return
	}
	i := slices.IndexFunc(ts.all, func(t *thread) bool { return t.goroutine == id })
	if i < 0 {
		i = len(ts.all)
		ts.all = append(ts.all, &thread{goroutine: id})
	}
	t := ts.all[i]
	ts.sleeps++
	t.due, t.sleep = ts.world.Now()+d, ts.sleeps
	ts.awaitTurn(t, threadSleeps)
}

// here reports whether the calling goroutine is that of a thread.
func (ts *threads) here() bool {
	id := coro.GoroutineID()
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return slices.ContainsFunc(ts.all, func(t *thread) bool { return t.goroutine == id })
}

// run gives a turn to each thread that does not sleep, until all do. It is called on the
// loop.
func (ts *threads) run() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for t := ts.next(); t != nil; t = ts.next() {
		ts.goOn(t)
	}
}

// next returns the first thread that can do something; nil: all sleep, or wait for others.
func (ts *threads) next() *thread {
	for _, t := range ts.all {
		switch {
		case t.state == threadWaits, t.state == threadExpected && ts.hasWorker(t):
			return t
		case t.state == threadRuns && !ts.waitsForLoop(t):
			return t
		}
	}
	return nil
}

// hasWorker reports whether nothing keeps a thread from beginning.
func (ts *threads) hasWorker(t *thread) bool {
	pool := t.work.Pool()
	if pool == nil {
		return true
	}
	busy := 0
	for _, other := range ts.all {
		if other.work != nil && other.work.Pool() == pool && other.state != threadExpected {
			busy++
		}
	}
	return busy < pool.State().Size
}

// waitsForLoop reports whether the thread waits for something that the loop has to do.
func (ts *threads) waitsForLoop(t *thread) bool {
	return slices.ContainsFunc(t.work.Loop().Dependents(), func(d *engine.Dependent) bool {
		return d.Goroutine() == t.goroutine
	})
}

// goOn gives a thread its turn, and waits until it sleeps, is over, or waits for the
// loop. The caller holds the lock.
func (ts *threads) goOn(t *thread) {
	if t.state == threadWaits {
		ts.give(t)
	}
	for limit := time.Now().Add(patience); ts.isBusy(t); {
		if !time.Now().Before(limit) {
			t.state = threadFree
			return
		}
		ts.mu.Unlock()
		ts.awaitChange()
		ts.mu.Lock()
	}
}

// isBusy reports whether a thread has its turn, or is about to ask for it, and uses it.
func (ts *threads) isBusy(t *thread) bool {
	switch {
	case !slices.Contains(ts.all, t):
		return false
	case t.state == threadWaits: // it has arrived
		ts.give(t)
		return true
	case t.state == threadRuns:
		return !ts.waitsForLoop(t)
	default:
		return t.state == threadExpected
	}
}

func (ts *threads) give(t *thread) {
	t.state = threadRuns
	if t.work == nil {
		t.state = threadFree
		ts.all = slices.DeleteFunc(ts.all, func(other *thread) bool { return other == t })
	}
	close(t.turn)
}

// awaitChange waits until a thread has changed, or it is time to look whether it waits for
// the loop.
func (ts *threads) awaitChange() {
	look := time.NewTimer(time.Millisecond)
	defer look.Stop()
	select {
	case <-ts.changed:
	case <-look.C:
	}
}

// firstDue returns the thread whose sleep is over first; nil: none sleeps.
func (ts *threads) firstDue() (first *thread) {
	for _, t := range ts.all {
		if t.state == threadSleeps && (first == nil || t.due < first.due || t.due == first.due && t.sleep < first.sleep) {
			first = t
		}
	}
	return first
}

// step makes the clock jump to the end of the first sleep of a thread, unless that is
// after the deadline, and gives that thread its turn. It reports whether there was one.
// It is called on the loop.
func (ts *threads) step(deadline time.Duration) bool {
	ts.mu.Lock()
	t := ts.firstDue()
	if t == nil || t.due > deadline {
		ts.mu.Unlock()
		return false
	}
	ts.world.now.Store(int64(max(t.due, ts.world.Now())))
	t.state = threadWaits
	ts.goOn(t)
	ts.mu.Unlock()
	ts.run()
	return true
}

// advance moves the clock on to a time, and gives the threads their turns until then. It
// is called on the loop, whose step takes that time.
func (ts *threads) advance(to time.Duration) {
	for ts.run(); ts.step(to); {
	}
	ts.world.now.Store(int64(max(to, ts.world.Now())))
}

// counted returns how many threads the loop knows of and the world waits for.
func (ts *threads) counted() (n int64) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for _, t := range ts.all {
		if t.work != nil && t.state != threadFree {
			n++
		}
	}
	return n
}

func (ts *threads) open(w *World) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.world, ts.closed = w, false
	ts.changed = make(chan struct{}, 1)
}

// close wakes all threads that sleep.
func (ts *threads) close() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.closed = true
	for _, t := range ts.all {
		if t.state == threadWaits || t.state == threadSleeps {
			t.state = threadFree
			close(t.turn)
		}
	}
	ts.all = nil
}
