package engine

import "github.com/asyncio-go/asyncio/internal/tick"

// An origin is the event that has made a task ready, for those who watch.
type origin = Event

// byCancel is the origin of a task whose wait was cut.
var byCancel origin = cancellation{}

type cancellation struct{}

func (cancellation) Fire() {}

func (cancellation) Origin() Ref { return Ref{Label: LabelCancel} }
func (c *Callback) Origin() Ref  { return Ref{LabelCallback, pcOf(c.fn)} }
func (t *Task) Origin() Ref      { return Ref{LabelTask, t.id} }

// refOf says what made a task ready.
func (l *Loop) refOf(by origin) Ref {
	switch t := l.current; {
	case by == byCancel && t != nil:
		return Ref{LabelCancel, t.id}
	case by == byCancel:
		return Ref{Label: LabelCancel}
	case t != nil:
		return Ref{LabelTask, t.id}
	default:
		return refOfEvent(by)
	}
}

func refOfEvent(e Event) Ref {
	if o, ok := e.(interface{ Origin() Ref }); ok {
		return o.Origin()
	}
	return Ref{Label: LabelLoop}
}

// WokenBy says in words what has woken the task that a Listener is being told of.
func (l *Loop) WokenBy() string {
	by := l.trace.by
	switch e, ok := by.(interface{ Describe() string }); {
	case by == byCancel:
		return LabelCancel.String()
	case l.current != nil:
		return l.current.Describe()
	case ok:
		return e.Describe()
	default:
		return refOfEvent(by).Label.String()
	}
}

// known is called by a worker that runs for the first time. Until then, the goroutine
// that it runs on has no identity.
func (l *Loop) known(w *worker) { l.goroutine.Set(w.coro.ID) }

// ended notes that a task has ended, whether it has run or not. w was its worker.
func (l *Loop) ended(t *Task, w *worker) {
	if l.current != t {
		return
	}
	if l.watched {
		l.tellEnd(t, w)
	}
	l.current = nil
}

//go:noinline
func (l *Loop) tellEnd(t *Task, w *worker) {
	if l.Debug {
		l.uncut(t)
	}
	if l.trace != nil {
		l.trace.lastStep(t, w)
	}
}

// created tells those who watch of a new task.
func (l *Loop) created(t *Task) {
	if l.trace != nil {
		l.trace.spawned(t)
	}
}

// pause and unpause bracket the eager start of a task inside a step of
// another, or inside a callback.
func (l *Loop) pause(outer *Task) {
	if outer != nil && l.trace != nil {
		outer.worker.seen.steps-- // it is not over
		l.trace.step(outer, outer.worker, l.trace.clock(), Pauses, Ref{})
	}
}

func (l *Loop) unpause(outer *Task) {
	if outer != nil {
		l.goroutine.Set(outer.worker.coro.ID)
		l.begin(outer)
		return
	}
	l.goroutine.Set(l.caller)
}

// tellBegin is not inlined, so that begin can be: most loops are not watched.
//
//go:noinline
func (l *Loop) tellBegin() {
	l.trace.moment(record{kind: Begins, task: l.current.id, n: uint32(l.passes)}, l.current, "")
}

// tellSuspended keeps few values alive while it reads the clock: see Trace.step.
//
//go:noinline
func (l *Loop) tellSuspended(t *Task) {
	tr := l.trace
	if l.Debug {
		l.suspect(t)
	}
	if tr == nil {
		return
	}
	if tr.runner == t.id && !t.hasReason() {
		tr.yieldsAgain(t)
		return
	}
	now := int64(0)
	if tr.clocked { // as in clock, which would be a call
		now = tr.clock()
	} else {
		now = tick.Now()
	}
	if t.hasReason() {
		tr.step(t, t.worker, now, Waits, t.worker.wait.why.Ref(tr.loop))
		return
	}
	tr.step(t, t.worker, now, Yields, Ref{})
}

// hasReason reports whether the task waits, and it is known for what.
func (t *Task) hasReason() bool { return t.state == TaskWaiting && t.worker.wait.why != nil }
