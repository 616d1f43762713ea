package conn

import "github.com/asyncio-go/asyncio/internal/engine"

// A turn is a lock that tasks take in the order in which they ask for it.
type turn struct {
	waiters engine.Waiters
	taken   bool
}

// take waits until the task has the turn.
func (t *turn) take(w *engine.Wait, why engine.Reason) error {
	if !t.taken {
		t.taken = true
		return nil
	}
	return w.Park(&t.waiters, why) // whoever wakes us leaves it taken, for us
}

// end passes the turn to the next waiter.
func (t *turn) end() {
	if !t.waiters.Wake() {
		t.taken = false
	}
}
