package console

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/engine"
)

func init() {
	newCollector = func(history int64) collector { return newWatching(history) }
}

// A watching is the collector of the process: a gatherer, and the loops that it has been
// attached to.
type watching struct {
	*gatherer

	mu    sync.Mutex
	loops map[*engine.Loop]*attachment
}

// An attachment is a loop that is watched, and how often someone has asked for that.
type attachment struct {
	watched *watched
	users   int
}

// loopIDs are the numbers of all loops of the process that were ever watched. A client
// may still have the number of one that has ended, and whose collector is gone.
var loopIDs atomic.Int64

func newWatching(history int64) *watching {
	w := &watching{gatherer: newGatherer(int(history)), loops: map[*engine.Loop]*attachment{}}
	w.ids = &loopIDs
	return w
}

// Attach makes a watching a collector; see there.
func (w *watching) Attach(l *engine.Loop) (detach func(), err error) {
	if l == nil {
		return w.attachAll(), nil
	}
	return w.attach(l, false)
}

// AttachMade makes a watching a collector; see there.
func (w *watching) AttachMade(l *engine.Loop) (detach func(), err error) { return w.attach(l, true) }

func (w *watching) attach(l *engine.Loop, made bool) (detach func(), err error) {
	if err := w.add(l, made); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { w.remove(l) }), nil
}

// attachAll watches all loops that are made from now on.
func (w *watching) attachAll() (detach func()) {
	var mu sync.Mutex
	var mine []*engine.Loop
	over := false
	stop := engine.OnNewLoop(func(l *engine.Loop) {
		mu.Lock()
		defer mu.Unlock()
		mine = slices.DeleteFunc(mine, (*engine.Loop).Closed)
		if !over && w.add(l, true) == nil {
			mine = append(mine, l)
		}
	})
	return sync.OnceFunc(func() {
		stop()
		mu.Lock()
		defer mu.Unlock()
		over = true
		for _, l := range mine {
			w.remove(l)
		}
	})
}

// add watches a loop, or, if it is watched already, counts one more user. made says that
// the loop was just made, and does not run.
func (w *watching) add(l *engine.Loop, made bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if a := w.loops[l]; a != nil {
		a.users++
		return nil
	}
	src, err := newLoopSource(l, made, w.historyBytes, func() { w.ended(l) })
	if err != nil {
		return err
	}
	w.loops[l] = &attachment{watched: w.watch(src), users: 1}
	return nil
}

// remove counts one user of the loop less.
func (w *watching) remove(l *engine.Loop) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.loops[l]
	if a == nil {
		return // it has ended
	}
	if a.users--; a.users == 0 {
		delete(w.loops, l)
		w.unwatch(a.watched)
	}
}

// ended forgets a loop that has ended.
func (w *watching) ended(l *engine.Loop) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.loops, l)
	w.poke()
}
