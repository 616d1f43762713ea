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
	defer func() {
		w.steady = false
		w.called = w.mustAnswer()
	}()
	fn()
}

// MustMaySuspend panics in a function that NoSuspend has called. I/O calls it because it
// may suspend, even if it happens not to this time.
func (l *Loop) MustMaySuspend(op string) {
	if t := l.current; t != nil && t.worker.steady {
		panic("asyncio: " + op + ", which may suspend, in a function that NoSuspend has called: do it before or after that")
	}
}
