package engine

// NoSuspend calls a function in which the running task must not suspend: an attempt
// panics. There has to be a running task.
func (l *Loop) NoSuspend(fn func()) {
	w := l.current.worker
	if w.steady {
		fn()
		return
	}
	w.steady, w.called = true, true
	defer func() { w.steady, w.called = false, w.killed || w.asked != nil }()
	fn()
}

// MustMaySuspend panics in a function that NoSuspend has called. I/O says so that it
// may suspend, even where it happens not to.
func (l *Loop) MustMaySuspend(op string) {
	if t := l.current; t != nil && t.worker.steady {
		panic("asyncio: " + op + ", which may suspend, in a function that NoSuspend has called: do it before or after that")
	}
}
