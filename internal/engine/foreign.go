package engine

import "context"

// A foreignWait is the rest of a wait that is not, as nearly all are, cut by a
// scope of its own task and nothing else.
type foreignWait struct {
	wait   *Wait
	ctx    context.Context // of package context, may cut the wait before its scope does; nil: none
	end    contextWatch    // of ctx
	waiter Waiter          // in another task's scope
}

// uncut is the foreignWait of a wait that nothing cuts.
var uncut foreignWait

// isCut says so for Wait.IsCut. A task that waits on the context of another one
// ends its wait with its own cancellation as well: a closure that captured the
// wrong context must not make it unstoppable.
func (f *foreignWait) isCut() bool {
	if f.ctx != nil && f.ctx.Err() != nil {
		return true
	}
	if f == &uncut || f.wait.scope == nil {
		return false
	}
	w := f.wait
	return f.ctx == nil && w.scope.Canceled() || w.scope.task != w.task && w.task.scope.Canceled()
}

// watch lets the foreign ends cut the wait. Those of the task itself find it
// without, for a task has no other wait.
func (f *foreignWait) watch() {
	if f == &uncut {
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

// unwatch takes back what watch has done.
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

func (e *foreignWaitEnd) Origin() string { return "context" }

// foreignContext returns the context of package context that may cut the wait.
func (w *Wait) foreignContext() context.Context {
	if w.foreign == nil {
		return nil
	}
	return w.foreign.ctx
}

// A foreignParent is what a scope was opened on that is not a scope of its own
// task, and that alone.
type foreignParent struct {
	ctx    context.Context // derived from up by package context, or of another task
	end    contextWatch    // of ctx
	lender *Scope          // of another task, if ctx hangs on that
	apart  bool            // up was canceled and ctx was not: a context.WithoutCancel is between them
}

// watch cancels s when its foreign parent ends.
func (p *foreignParent) watch(s *Scope) {
	p.end.start(s.task.loop, p.ctx, (*foreignParentEnd)(s))
}

// foreignParentEnd is the event that the foreign parent of a scope has ended.
type foreignParentEnd Scope

func (e *foreignParentEnd) Fire() { (*Scope)(e).cancel(context.Cause(e.extra.foreign.ctx)) }
