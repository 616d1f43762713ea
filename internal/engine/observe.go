package engine

// An origin is the event that made a task ready, for the observer.
type origin = Event

// byCancel is the origin of a task whose wait was cut.
var byCancel origin = cancellation{}

type cancellation struct{}

func (cancellation) Fire() {}

func (c *Callback) Origin() string { return "callback" }
func (t *Task) Origin() string     { return t.Describe() }

// describe says who made a task ready.
func (l *Loop) describe(by origin) string {
	switch o, ok := by.(interface{ Origin() string }); {
	case by == byCancel:
		return "cancel"
	case l.current != nil:
		return l.current.Describe()
	case ok:
		return o.Origin()
	default:
		return "loop"
	}
}

// known is called by a worker that runs for the first time. Until then, the goroutine
// that it runs on has no identity.
func (l *Loop) known(w *worker) { l.goroutine.Set(w.coro.ID) }

// ended notes that a task has ended, whether it has run or not.
func (l *Loop) ended(t *Task) {
	if l.current != t {
		return
	}
	if l.watched {
		l.tellEnd(t)
	}
	l.current = nil
}

func (l *Loop) tellWoken(t *Task, by origin) { l.Observer.Woken(t, l.describe(by)) }

// created tells the observer of a new task.
func (l *Loop) created(t *Task) {
	if l.Observer != nil {
		l.Observer.Spawned(t)
	}
}

// pause and unpause bracket the eager start of a task inside a step of
// another, or inside a callback.
func (l *Loop) pause(outer *Task) {
	if outer != nil && l.Observer != nil {
		l.Observer.StepEnd(outer)
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

// Watch sets what observes the loop; nil stands for nothing.
func (l *Loop) Watch(o Observer) {
	l.Observer = o
	l.watched = l.Debug || o != nil
}

// tellBegin is not inlined, because begin is: most loops are not watched.
//
//go:noinline
func (l *Loop) tellBegin() {
	if l.Observer != nil {
		l.Observer.StepBegin(l.current)
	}
}

//go:noinline
func (l *Loop) tellSuspended(t *Task) {
	if l.Debug {
		l.suspect(t)
	}
	if l.Observer != nil {
		if why := t.WaitsFor(); why != nil {
			l.Observer.Blocked(t, why)
		}
	}
	l.tellEnd(t)
}

func (l *Loop) tellEnd(t *Task) {
	if l.Debug && t.Done() {
		l.uncut(t)
	}
	if l.Observer != nil {
		l.Observer.StepEnd(t)
	}
}
