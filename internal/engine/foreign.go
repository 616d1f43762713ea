package engine

import "context"

// A foreignWait says what else, besides a scope of its own task, can cut a wait (end it
// by a cancellation). Nearly all waits have none.
type foreignWait struct {
	wait   *Wait
	ctx    context.Context // a context of package context that may cut the wait before its scope does; nil: none
	end    contextWatch    // waits for the end of ctx
	waiter Waiter          // the place among the waiters of another task's scope
}

// uncut is the foreignWait of a wait on a context that is never canceled. shielded is the
// foreignWait of a wait that nothing must cut, not even a crash.
var uncut, shielded foreignWait

func (f *foreignWait) isStatic() bool { return f == &uncut || f == &shielded }

// isCut is Wait.IsCut for a wait that has a foreignWait. A task that waits on the
// context of another task is cut by its own cancellation as well: a closure that
// captured the wrong context must not make a task unstoppable.
func (f *foreignWait) isCut() bool {
	if f.ctx != nil && f.wait.task.loop.errOf(f.ctx) != nil {
		return true
	}
	if f.isStatic() || f.wait.scope == nil {
		return false
	}
	w := f.wait
	return f.ctx == nil && w.scope.Canceled() || w.scope.task != w.task && w.task.scope.Canceled()
}

// watch makes the foreign contexts cut the wait. The scopes of the task itself need no
// watch: they know the task, and a task has only one wait.
func (f *foreignWait) watch() {
	if f.isStatic() {
		return
	}
	w := f.wait
	if s := w.scope; s != nil && s.task != w.task {
		f.waiter.node.Value = f
		s.standard().waiters.Add(&f.waiter)
	}
	if f.ctx != nil {
		f.end.start(w.task.loop, f.ctx, (*foreignWaitEnd)(f))
	}
}

// unwatch undoes watch.
func (w *Wait) unwatch() {
	if w.foreign != nil {
		w.foreign.unwatch()
	}
}

func (f *foreignWait) unwatch() {
	f.waiter.Remove()
	f.end.end()
}

// wake is called when the other task's scope is canceled.
func (f *foreignWait) wake() { f.wait.scopeCanceled() }

// foreignWaitEnd is the event that the context of package context has ended.
type foreignWaitEnd foreignWait

func (e *foreignWaitEnd) Fire() { e.wait.interrupt() }

func (e *foreignWaitEnd) Origin() Ref { return Ref{Label: LabelContext} }

// foreignContext returns the context of package context that may cut the wait.
func (w *Wait) foreignContext() context.Context {
	if w.foreign == nil {
		return nil
	}
	return w.foreign.ctx
}

// A foreignParent is the context that a scope was opened on, if it is not a scope of the
// same task.
type foreignParent struct {
	ctx          context.Context // derived from the scope's up by package context, or another task's
	end          contextWatch    // waits for the end of ctx
	borrowedFrom *Scope          // the scope of another task that ctx hangs on; nil: none
	cutOff       bool            // up was canceled and ctx was not: a context.WithoutCancel is between them
}

// watch cancels s when its foreign parent ends.
func (p *foreignParent) watch(s *Scope) {
	p.end.start(s.task.loop, p.ctx, (*foreignParentEnd)(s))
}

// foreignParentEnd is the event that the foreign parent of a scope has ended.
type foreignParentEnd Scope

func (e *foreignParentEnd) Fire() {
	(*Scope)(e).cancel((*Scope)(e).Loop().causeOf(e.extra.foreign.ctx))
}
