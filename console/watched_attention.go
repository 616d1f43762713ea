package console

import (
	"slices"
	"time"
)

// attention says whether a client looks at a loop. While none does, the events stay in
// the stream of the engine, which keeps the newest: in a busy program, taking them out
// costs more than recording them.
type attention struct {
	lazy      bool      // no one looks
	asked     time.Time // when someone has asked for something last
	backlog   bool      // there are events that were not taken in yet
	ahead     bool      // some of them are older than the newest snapshot
	lost      uint64    // events that the stream has dropped, in all
	forgotten uint64    // those of them that it has dropped while no one looked
}

const (
	// attentive is how long after its last question a client counts as looking.
	attentive = 10 * time.Second
	// lazyEvery is how often a loop is asked for its state if no one looks: deadlocks
	// are found in it.
	lazyEvery = 5 * time.Second
	// foldAtOnce is how long events are taken in at a time, so that a client that asks
	// for the state gets it in time, even if there are many events.
	foldAtOnce = 25 * time.Millisecond
	// foldAtMost is how long a recording waits for all that has happened.
	foldAtMost = 2 * time.Second
)

// attend notes that a client looks, and takes in the events that were kept in the stream.
func (w *watched) attend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = time.Now()
	w.rouse()
}

// rouse is attend for a caller that holds mu.
func (w *watched) rouse() {
	if !w.lazy {
		return
	}
	w.lazy = false
	w.src.keep(false)
	w.nextView = time.Time{} // what is known may be old
	if w.view != nil {
		w.tallies.adopt(w.view.Tasks)
	}
	if !w.isQuiet() && w.ask() != nil { // it has time to answer meanwhile
		w.owed, w.news = true, false
	}
	w.takeKept()
	w.poke()
}

// takeKept takes in the first of the kept events. Events that the stream has dropped
// before count as forgotten, like events that the history drops, and not as lost, because
// no client looked.
func (w *watched) takeKept() {
	gap := w.src.lost() - w.lost
	w.lost += gap
	w.forgotten += gap
	w.history.evicted += gap
	if gap > 0 {
		w.history.miss(gap, w.history.added)
		w.tallies.interrupt()
	}
	w.takeIn()
}

// count notes how many events the stream has dropped in all; the last of them before the
// record of the number that is given.
func (w *watched) count(lost, before uint64) {
	if lost > w.lost {
		w.history.miss(lost-w.lost, before)
	}
	w.lost = lost
	w.dropped = lost - w.forgotten
}

// pause lets events stay where they are if no one looks.
func (w *watched) pause(now time.Time, logged bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if logged {
		w.rouse()
		return
	}
	if w.lazy || w.backlog || len(w.clients) > 0 || now.Sub(w.asked) < attentive {
		return
	}
	w.lazy = true
	w.src.keep(true)
}

// takeAll takes in all that has happened, if it can until then.
func (w *watched) takeAll(end time.Time) {
	for {
		w.take()
		if !w.isBehind() || time.Now().After(end) {
			return
		}
	}
}

// catchUp takes in what was not taken in before the newest snapshot was, if it can until
// then, and adds it to that.
func (w *watched) catchUp(end time.Time) {
	if !w.isBehind() {
		return
	}
	w.takeAll(end)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ahead {
		w.refine()
	}
}

// refine adds to the newest snapshot what events tell that were taken in after it.
func (w *watched) refine() {
	v := *w.view // others may read what was told already
	v.Tasks = slices.Clone(v.Tasks)
	w.tallies.addOrigins(v.Tasks)
	w.view = &v
	w.compose()
}

// isBehind reports whether there are events that were not taken in yet.
func (w *watched) isBehind() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.backlog
}

// isLazy reports whether no one looks.
func (w *watched) isLazy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lazy
}
