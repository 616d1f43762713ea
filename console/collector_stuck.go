package console

import (
	"time"
)

// recapture is how old the stack of a stuck step may be. To take one stops all
// goroutines of the process for a moment, so that a loop which does answer, but late, is
// not looked at each time either.
const recapture = time.Second

// watchStep looks which step runs. The caller holds mu.
func (w *watched) watchStep(now time.Time) {
	if step := w.src.look(); step != w.running || step.Idle() {
		w.running, w.since, w.stuck = step, now, nil
	}
}

// waitedFor reports for how long the loop owes an answer. The caller holds mu.
func (w *watched) waitedFor(now time.Time) time.Duration {
	if w.request == nil {
		return 0
	}
	return now.Sub(w.request.at)
}

// lookWhereItStands notes that the loop does not answer, and where it stands. It takes
// long, so that the caller must not hold mu.
func (w *watched) lookWhereItStands() {
	w.mu.Lock()
	now := time.Now()
	if w.answered(); w.request == nil {
		w.mu.Unlock()
		return // it has answered meanwhile
	}
	w.watchStep(now)
	w.stale = true
	step, age := w.running, now.Sub(w.captured)
	known := age < recapture && (w.stuck != nil || age < patience) || step.Idle()
	if !known {
		w.captured = now
	}
	w.mu.Unlock()
	if known {
		return
	}
	stuck := w.src.stuck(step)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stale && w.running == step {
		w.stuck = stuck
	}
}
