package engine

// Why a task must not suspend. Each suspension looks at that first, so that one look
// serves for all reasons.
const (
	barredKilled    = 1 << iota // it is ended by force
	barredNoSuspend             // it is in a function that must not suspend
)

// mustNotBeBarred panics if the task must not suspend. It is called before a
// suspension, while that has left no traces; and after it, because the task may have
// been killed meanwhile.
func (w *worker) mustNotBeBarred() {
	if w.barred != 0 {
		w.refuse()
	}
}

func (w *worker) refuse() {
	w.wait.timer.Stop(w.loop) // Until has set it for a suspension that does not come
	if w.killed() {
		w.die()
	}
	panic("asyncio: a suspension in a function that NoSuspend has called: do before or after it what may wait")
}

// NoSuspend calls a function in which the running task must not suspend: an attempt
// panics. There has to be a running task.
func (l *Loop) NoSuspend(fn func()) {
	w := l.current.worker
	if w.barred&barredNoSuspend != 0 {
		fn()
		return
	}
	w.barred |= barredNoSuspend
	defer func() { w.barred &^= barredNoSuspend }()
	fn()
}

// MustMaySuspend panics in a function that NoSuspend has called. I/O says so that it
// may suspend, even where it happens not to.
func (l *Loop) MustMaySuspend(op string) {
	if t := l.current; t != nil && t.worker.barred&barredNoSuspend != 0 {
		panic("asyncio: " + op + ", which may suspend, in a function that NoSuspend has called: do it before or after that")
	}
}

// killSignal is the value with which a task panics that is ended by force.
type killSignal struct{}

// IsKill reports whether a recovered value is that of a task that is ended by
// force, which has to go on.
func IsKill(v any) bool {
	_, ok := v.(killSignal)
	return ok
}

// maxDeaths bounds how often a task is unwound. A task that recovers and suspends
// again that often is left suspended for ever.
const maxDeaths = 100

func (w *worker) killed() bool { return w.barred&barredKilled != 0 }

// die unwinds the stack of a task that is ended by force.
func (w *worker) die() {
	for w.deaths++; w.deaths > maxDeaths; {
		w.wait.task.suspend(TaskRunning) // nothing makes it ready any more
		w.coro.Suspend()
	}
	panic(killSignal{})
}
