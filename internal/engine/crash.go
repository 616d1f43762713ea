package engine

import "context"

// Crash ends a task of a simulated host that has crashed. Its waits end at once with the
// error, and so does every wait from now on, also on a context that no one cancels, so
// that its deferred functions run and come to an end. Only what it owns is still waited
// for: its children. One that goes on regardless is unwound after a while.
//
// A task that was woken before has its next step first: what has woken it is not lost.
func (t *Task) Crash(err error) {
	k := t.worker
	if t.Done() || k != nil && k.crash != nil {
		return
	}
	if k != nil {
		k.crash, k.called = err, true
	}
	t.scope.cancel(err)
	if w := t.waiting(); w != nil && w.foreign != &shielded {
		w.interrupt()
	}
}

// crashed reports whether the wait is one that a crash of its host cuts.
func (w *Wait) crashed() bool {
	k := w.task.worker
	return k != nil && k.crash != nil && w.foreign != &shielded
}

// maxCrashCuts bounds how many waits of a task a crash cuts before it unwinds the task.
const maxCrashCuts = 32

// crashes notes that a wait is cut by a crash.
func (w *worker) crashes() {
	if w.crashCuts++; w.crashCuts > maxCrashCuts {
		w.killed = true
	}
}

// expectCrash lets Park look whether a crash cuts the wait, also in a scope that no one has
// canceled: one under a context.WithoutCancel, for example.
func (w *worker) expectCrash() {
	if w.crash != nil && w.wait.foreign == nil {
		w.wait.foreign = &uncut
	}
}

// mustAnswer reports whether there is something to answer at a suspension.
func (w *worker) mustAnswer() bool {
	return w.killed || w.steady || w.asked != nil || w.crash != nil
}

// Context returns the context of the task itself. Loop only.
func (t *Task) Context() context.Context { return &t.scope }
