package engine

import "sync/atomic"

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
func (l *Loop) known(w *worker) {
	l.goroutine.Set(w.coro.ID)
	if l.Pulse != nil {
		l.Pulse.beat(w.wait.task, w.coro.ID)
	}
}

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
	if l.Pulse != nil {
		l.Pulse.beat(nil, l.caller)
	}
}

// Watch sets what watches the loop; nil stands for nothing.
func (l *Loop) Watch(o Observer, p *Pulse) {
	l.Observer, l.Pulse, l.watched = o, p, o != nil || p != nil
}

func (l *Loop) tellBegin() {
	t := l.current
	if l.Pulse != nil {
		l.Pulse.beat(t, t.worker.coro.ID)
	}
	if l.Observer != nil {
		l.Observer.StepBegin(t)
	}
}

func (l *Loop) tellSuspended(t *Task) {
	if l.Observer != nil {
		if why := t.WaitsFor(); why != nil {
			l.Observer.Blocked(t, why)
		}
	}
	l.tellEnd(t)
}

func (l *Loop) tellEnd(t *Task) {
	if l.Observer != nil {
		l.Observer.StepEnd(t)
	}
	if l.Pulse != nil {
		l.Pulse.rest()
	}
}

// A Pulse lets a watchdog on another goroutine see whether the loop is stuck
// in one step, and in which.
type Pulse struct {
	beats  atomic.Uint64 // counts the beginnings of steps
	thread atomic.Int64  // the goroutine that runs the step; 0: none does
	task   atomic.Pointer[Task]
}

func (p *Pulse) beat(t *Task, thread int64) {
	p.task.Store(t)
	p.beats.Add(1)
	p.thread.Store(thread)
}

func (p *Pulse) rest() { p.thread.Store(0) }

// Read returns the number of the step that runs, its task (nil: a callback)
// and its goroutine (0: the loop is idle). Any goroutine may call it.
func (p *Pulse) Read() (step uint64, t *Task, thread int64) {
	thread, step, t = p.thread.Load(), p.beats.Load(), p.task.Load()
	return step, t, thread
}
