package conn

import "github.com/asyncio-go/asyncio/internal/engine"

// A turn is what tasks take one after another, first come, first served.
type turn struct {
	waiters engine.Waiters
	taken   bool
}

// take waits until it is the turn of the task.
func (t *turn) take(w *engine.Wait, why engine.Reason) error {
	if !t.taken {
		t.taken = true
		return nil
	}
	return w.Park(&t.waiters, why) // whoever wakes us leaves it taken, for us
}

// end hands it on.
func (t *turn) end() {
	if !t.waiters.Wake() {
		t.taken = false
	}
}
