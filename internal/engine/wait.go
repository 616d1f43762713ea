package engine

import (
	"context"
	"time"
)

// A Wait is one suspension of a task: there is one way to suspend, and it is
// [Wait.Park]. It ends in one of two ways, and only the first counts: it is
// woken, or it is cut because its context is canceled. Once woken, nothing
// can cut it, so that what the waker gave is never lost.
//
// The Wait of a task is part of its worker, for only who has a stack can
// wait. It is taken with [Enter] and used for one suspension.
type Wait struct {
	task       *Task
	state      waitState
	timedOut   bool   // woken by its own timer
	passedOn   bool   // the cancellation went to the heir
	epoch      uint64 // counts the suspensions of the worker
	scope      *Scope // whose cancellation cuts the wait; nil: none's
	next, prev *Wait  // in the ring of scope's waits
	waiter     Waiter // in the list of what is waited for
	timer      Timer
	heir       Heir
	why        Reason
	foreign    context.Context // may cut the wait before scope does
	stop       func() bool     // ends watching foreign
}

type waitState uint8

const (
	idle waitState = iota
	waiting
	woken
	cut
)

// An Heir is canceled in place of the task that waits for it; the task's
// wait goes on until the heir has come to an end.
type Heir interface{ Cancel(cause error) bool }

// Enter begins an operation of the running task that may suspend under ctx.
// It panics when it is called from where no task can suspend.
func Enter(ctx context.Context, op string) (*Wait, error) {
	at := linkOf(ctx)
	l := at.loop
	if l == nil || l.mark.Get() == 0 {
		return nil, ErrNoRunningLoop
	}
	l.Check(op)
	t := l.current
	if t == nil {
		panic("asyncio: " + op + " in a callback, which cannot suspend: create a task there and wait in it")
	}
	w := &t.worker.wait
	w.scope, w.foreign = at.scope, at.foreign
	return w, nil
}

// Begin is Enter for an operation that takes nothing when its context is
// canceled: it then returns the error of that after one pass, so that a
// coroutine which goes on regardless does not stop the loop.
func Begin(ctx context.Context, op string) (*Wait, error) {
	w, err := Enter(ctx, op)
	if err != nil {
		return nil, err
	}
	return w, w.Checkpoint()
}

// Checkpoint returns an error after one pass if the wait's context is
// canceled.
func (w *Wait) Checkpoint() error {
	if !w.isCut() {
		return nil
	}
	w.task.yield()
	return w.Interruption()
}

// Yield lets the others have their turn, and returns in the next pass.
func (w *Wait) Yield() error {
	w.task.yield()
	if w.isCut() {
		return w.Interruption()
	}
	return nil
}

// Loop returns the loop of the task that waits.
func (w *Wait) Loop() *Loop { return w.task.loop }

// Task returns the task that waits.
func (w *Wait) Task() *Task { return w.task }

// link says on what the context hangs that was entered with.
func (w *Wait) link() link { return link{w.task.loop, w.scope, w.foreign} }

// Shield makes the wait one that nothing cuts.
func (w *Wait) Shield() { w.scope, w.foreign = nil, nil }

// Until makes the wait end at a deadline; [Wait.TimedOut] tells.
func (w *Wait) Until(deadline time.Duration) {
	w.timer.Set(w.task.loop, deadline, (*expiry)(w))
}

// TimedOut reports whether the last Park ended at its deadline.
func (w *Wait) TimedOut() bool { return w.timedOut }

// PassedOn reports whether the last Park was cut and its heir canceled.
func (w *Wait) PassedOn() bool { return w.passedOn }

// Park suspends the task until on wakes it, or its deadline does, or its
// context is canceled. In the last case it returns the error for it, unless
// there is an heir.
func (w *Wait) Park(on *Waiters, heir Heir, why Reason) error {
	w.state, w.timedOut, w.passedOn = waiting, false, false
	w.heir, w.why = heir, why
	w.epoch++
	if on != nil {
		on.Add(&w.waiter)
	}
	if w.isCut() {
		w.interrupt()
	} else {
		w.watch()
	}
	w.task.park()
	ended := w.state
	w.state, w.heir, w.why = idle, nil, nil
	if ended == cut {
		return w.Interruption()
	}
	return nil
}

// isCut reports whether the wait's context is canceled. A task that waits on
// the context of another one ends its wait with its own cancellation as well:
// a closure that captured the wrong context must not make it unstoppable.
func (w *Wait) isCut() bool {
	switch {
	case w.foreign != nil && w.foreign.Err() != nil:
		return true
	case w.scope == nil:
		return false
	case w.foreign == nil && w.scope.Canceled():
		return true
	default:
		return w.scope.task != w.task && w.task.scope.Canceled()
	}
}

// Interruption returns the error of a wait that was cut.
func (w *Wait) Interruption() error {
	if w.foreign == nil || w.scope != nil && (w.scope.Canceled() || w.task.scope.Canceled()) {
		return ErrCanceled
	}
	return foreignError(w.foreign)
}

// watch lets the wait's context cut it.
func (w *Wait) watch() {
	if w.scope != nil {
		w.scope.addWait(w)
	}
	if w.foreign != nil {
		l, end := w.task.loop, waitEnd{w, w.epoch}
		w.stop = context.AfterFunc(w.foreign, func() { _ = l.Post(end) })
	}
}

func (w *Wait) unwatch() {
	if w.scope != nil {
		w.scope.removeWait(w)
	}
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

// wake ends the wait: what was waited for has come.
func (w *Wait) wake() {
	w.unwatch()
	w.timer.Stop()
	w.state = woken
	w.task.ready(w.task.loop.origin)
}

// interrupt brings a cancellation to the wait.
func (w *Wait) interrupt() {
	w.unwatch()
	if w.heir != nil {
		w.passedOn = true
		w.heir.Cancel(w.reasonToCancel())
		return
	}
	w.waiter.Remove()
	w.timer.Stop()
	w.state = cut
	w.task.ready(byCancel)
}

// reasonToCancel returns what is worth telling an heir, or nil.
func (w *Wait) reasonToCancel() error {
	switch {
	case w.foreign != nil && w.foreign.Err() != nil:
		return context.Cause(w.foreign)
	case w.scope != nil && w.scope.std.Load() != nil:
		return w.scope.cause()
	default:
		return nil
	}
}

// expiry is the event that a wait's deadline is reached.
type expiry Wait

func (e *expiry) Fire() {
	w := (*Wait)(e)
	if w.state == waiting {
		w.waiter.Remove()
		w.timedOut = true
		w.wake()
	}
}

// waitEnd is the event that the foreign context of a suspension has ended.
type waitEnd struct {
	wait  *Wait
	epoch uint64
}

func (e waitEnd) Fire() {
	if w := e.wait; w.epoch == e.epoch && w.state == waiting && !w.passedOn {
		w.interrupt()
	}
}
