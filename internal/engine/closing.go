package engine

// Settle runs up to n passes without waiting for anything.
func (l *Loop) Settle(n int) error {
	s := &settle{l: l, left: n}
	s.Fire()
	defer l.takeBack(&s.slot) // something else may have stopped the loop before
	return l.Run()
}

// A settle is an event that makes itself ready again for some passes, and then stops the
// loop.
type settle struct {
	l    *Loop
	slot Slot
	left int // passes
}

func (s *settle) Fire() {
	if s.left--; s.left < 0 {
		s.l.Stop()
		return
	}
	s.l.pushInto(&s.slot, s)
}

// Kill ends a task that refuses to: at its next resumption its stack is
// unwound by a panic of the engine's own, which runs its deferred functions.
func (l *Loop) Kill(t *Task) {
	if t.worker == nil {
		return
	}
	t.worker.killed, t.worker.called = true, true
	if w := t.waiting(); w != nil {
		w.unwatch()
		w.cutShort()
	}
}

// Close ends the idle workers and the poller; the loop cannot run again. It drops events
// that have not fired, and calls their method Drop if they have one.
func (l *Loop) Close() error {
	l.inbox.close()
	l.inbox.drain(l)
	for l.ready.Len() > 0 {
		if e, ok := l.ready.take().(interface{ Drop() }); ok { // Drop may take back what comes after
			e.Drop()
		}
	}
	l.left = 0
	l.dismiss()
	l.publish()
	l.tellEndings()
	l.endTrace()
	return l.poller.Close()
}

// Exiting reports whether a Goexit of a task waits for the loop's end.
func (l *Loop) Exiting() bool { return len(l.exits) > 0 }

// Exit makes the Goexits of tasks go on in the calling goroutine. It does not return if
// there were any.
func (l *Loop) Exit() {
	for len(l.exits) > 0 {
		w := l.exits[0]
		l.exits = l.exits[1:]
		defer l.Exit() // for the others, on the way out
		w.coro.Resume()
	}
}

// An Ending is told when the loop ends.
type Ending interface{ LoopClosed() }

// AtEnd asks the loop to tell e when it ends. It tells those that asked first first.
func (l *Loop) AtEnd(e Ending) { l.endings.Add(e) }

// NotAtEnd undoes AtEnd.
func (l *Loop) NotAtEnd(e Ending) { l.endings.Remove(e) }

// tellEndings tells all that have asked. One that is told may call NotAtEnd for
// another.
func (l *Loop) tellEndings() {
	for e := range l.endings.All() {
		l.endings.Remove(e)
		e.LoopClosed()
	}
}
