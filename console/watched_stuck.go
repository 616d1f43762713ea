package console

import (
	"runtime"
	"time"
)

const (
	// recapture is how old the stack of a stuck step may be. To take one stops all
	// goroutines of the process, for a moment or, if there are many, for longer: then
	// it is taken less often, so that it costs them a twentieth of their time at most.
	recapture      = time.Second
	recaptureShare = 20
	// dumpCost is what a goroutine costs when the stacks of all are printed. A step that
	// has not lasted that long for all of them would become twice as long.
	dumpCost = 25 * time.Microsecond
)

// watchStep looks which step runs. The time between two looks counts only up to
// patience: if it was longer, the process has stood still itself. The caller holds mu.
func (w *watched) watchStep(now time.Time) {
	if step := w.src.look(); step != w.running || step.Idle() {
		w.running, w.since, w.lasted, w.stuck = step, now, 0, nil
	} else {
		w.lasted += min(now.Sub(w.looked), patience)
	}
	w.looked = now
}

// stands reports whether the loop has been in one step since it was asked, about, and
// not just been slow to answer; and for long enough to have all stacks printed.
func (w *watched) stands() bool {
	return !w.running.Idle() && w.lasted >= max(patience*4/5, dumpCost*time.Duration(runtime.NumGoroutine()))
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
	step, wanted := w.running, w.stands() && !now.Before(w.recapture)
	if wanted {
		w.recapture = now.Add(recapture) // no one else does so meanwhile
	}
	w.mu.Unlock()
	if !wanted {
		return
	}
	stuck := w.src.stuck(step)
	w.mu.Lock()
	defer w.mu.Unlock()
	if took := time.Since(now); took > recapture/recaptureShare {
		w.recapture = now.Add(took * recaptureShare)
	}
	if w.stale && w.running == step {
		w.stuck = stuck
	}
}
