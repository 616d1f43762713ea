package engine

import "github.com/asyncio-go/asyncio/internal/tick"

// Attach makes a stream get records of what the loop does from now on. "Loop only" means,
// in this package: call it on the goroutine that runs the loop. Loop only, or while the
// loop does not run.
func (l *Loop) Attach(s *Stream) {
	tr := l.traced()
	if tr.own() {
		defer tr.letGo()
	}
	if len(tr.streams) == 0 {
		tick.Check() // its Callers is called for what is in a page
		tr.page = new(page)
		tr.open(l.bothClocks())
	} else { // what was written before is for the others
		l.Flush()
		tr.page.last = tr.now
	}
	tr.streams = append(tr.streams, s)
	tr.selects = nil // this one has not been told
	tr.want()
	s.join(tr)
	for t := range l.Tasks {
		tr.present(t, t.WaitsFor())
	}
}

// present tells the streams of a task that was there before them. If the task waits, a
// step of no length says what it waits for, which is why; otherwise why is nil.
func (tr *Trace) present(t *Task, why Reason) {
	if tr.page.length > chunkLength-4 { // what belongs together is to be in one chunk
		tr.handOver()
	}
	c := tr.room(tr.now)
	c.add(record{kind: Present, at: tr.now, task: t.id, arg: t.parent, n: t.groupNumber(), ref: c.note(t.givenName())})
	c.notice()
	if why != nil {
		ref := why.Ref(tr.loop) // may write the name of an object
		c.add(record{kind: Waits, at: tr.now, task: t.id, arg: ref.Number, what: ref.Label})
		c.more-- // it is a part of the other
	}
	tr.hosted(t)
}

// remember tells again of a task that is woken, because some ring has dropped what was
// told of its wait, and perhaps of the task itself.
func (tr *Trace) remember(t *Task) {
	if tr.page == nil || tr.lost.Load() == 0 {
		return
	}
	tr.present(t, t.worker.wait.why)
	tr.page.more-- // it is told already
}

// forgets notes that a ring has dropped a chunk of the loop. Any goroutine may call it.
func (l *Loop) forgets(c *Chunk) {
	if tr := l.tracing.Load(); tr != nil && tr.lost.Load() < c.end.tick {
		tr.lost.Store(c.end.tick)
	}
}

// Detach undoes Attach. The stream keeps the records that it has got. Loop only, or while
// the loop does not run.
func (l *Loop) Detach(s *Stream) {
	tr := l.trace
	if tr == nil {
		return
	}
	if tr.own() {
		defer tr.letGo()
	}
	for i, one := range tr.streams {
		if one != s {
			continue
		}
		tr.settleRun()
		tr.handOver()
		tr.streams = append(tr.streams[:i:i], tr.streams[i+1:]...)
		s.leave(tr)
		if len(tr.streams) == 0 {
			tr.page, tr.streams, tr.due = nil, nil, neverDue
		}
		break
	}
	tr.want()
	l.untrace()
}

// Listen makes a listener hear what the loop does from now on. Loop only, or while the
// loop does not run.
func (l *Loop) Listen(x Listener) {
	tr := l.traced()
	tr.listeners = append(tr.listeners, x)
	tr.want()
}

// Unlisten undoes Listen. Loop only, or while the loop does not run.
func (l *Loop) Unlisten(x Listener) {
	tr := l.trace
	if tr == nil {
		return
	}
	for i, one := range tr.listeners {
		if one == x {
			tr.listeners = append(tr.listeners[:i:i], tr.listeners[i+1:]...)
			break
		}
	}
	tr.want()
	l.untrace()
}

// Traced reports whether someone watches the loop. Loop only.
func (l *Loop) Traced() bool { return l.trace != nil }

func (l *Loop) traced() *Trace {
	if l.trace == nil {
		tr := &Trace{loop: l, clocked: l.OwnClock, began: l.bothClocks(), due: neverDue}
		tr.now = tr.began.tick
		tr.pushed = l.ready.next() - 1
		l.forgetSeen()
		if l.running {
			tr.hold()
		}
		l.trace, l.watched = tr, true
		l.tracing.Store(tr)
	}
	return l.trace
}

// untrace ends the trace if no one looks any more.
func (l *Loop) untrace() {
	tr := l.trace
	if len(tr.streams)+len(tr.listeners) > 0 {
		return
	}
	l.trace, l.watched = nil, l.Debug
	l.tracing.Store(nil)
	tr.letGo()
}

// hold takes the lock of the page; letGo releases it.
func (tr *Trace) hold() {
	if !tr.held {
		tr.awake.Lock()
		tr.held = true
	}
}

// own takes that lock if the loop does not run, as when it is made or closed, and reports
// whether it has taken it: then the caller must call letGo.
func (tr *Trace) own() bool {
	if tr.held {
		return false
	}
	tr.hold()
	return true
}

func (tr *Trace) letGo() {
	if tr.held {
		tr.held = false
		tr.awake.Unlock()
	}
}

// endTrace is called when the loop is closed: the streams have all that they will get.
func (l *Loop) endTrace() {
	if l.trace == nil {
		return
	}
	for _, s := range l.trace.streams {
		l.Detach(s)
	}
}

func (tr *Trace) want() {
	tr.streamed, tr.heard, tr.exact = 0, 0, tr.clocked
	for _, s := range tr.streams {
		tr.streamed |= s.kinds
		tr.exact = tr.exact || s.exact
	}
	for _, x := range tr.listeners {
		tr.heard |= x.Kinds()
	}
	tr.skip, tr.merges = 0, len(tr.listeners) == 0 && !tr.clocked
	tr.loop.begins = tr.heard.Has(Begins)
	tr.loop.paced = (tr.heard|tr.streamed)&Of(PassBegun, PassOver, Pushed) != 0
	tr.particular = tr.heard|tr.streamed != Usual
	tr.side.set(tr.loop, tr.streams, tr.listeners)
}

func (tr *Trace) wants(k Kind) bool { return (tr.streamed | tr.heard).Has(k) }
