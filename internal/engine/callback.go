package engine

import "runtime/debug"

// A Callback is a function of the user's that the loop calls once. It always runs on the
// loop's own stack, so that a Goexit in it does not harm a task.
type Callback struct {
	fn   func()
	l    *Loop
	slot Slot // or canceledCallback
}

// canceledCallback is the slot of a callback that was canceled.
const canceledCallback = ^Slot(0)

// Init sets what the callback calls.
func (c *Callback) Init(l *Loop, fn func()) { c.l, c.fn = l, fn }

// Schedule makes the callback ready.
func (c *Callback) Schedule() { c.l.pushInto(&c.slot, c) }

// Loop returns the loop that calls it.
func (c *Callback) Loop() *Loop { return c.l }

// Cancel takes the callback back, if it was scheduled and not yet called.
func (c *Callback) Cancel() {
	if !c.Canceled() {
		c.l.takeBack(&c.slot)
		c.fn, c.slot = nil, canceledCallback
	}
}

// Canceled reports whether Cancel was called.
func (c *Callback) Canceled() bool { return c.slot == canceledCallback }

// Fire calls the function.
func (c *Callback) Fire() { c.l.call(c) }

// CallUser makes the call of a function of the user's an event of its own. Events of the
// engine use it, because they may fire on the stack of any task, where code of the user's
// must not run.
func (l *Loop) CallUser(fn func()) {
	if len(l.calls) == 0 {
		l.calls = make([]Callback, callbacksAtOnce)
	}
	c := &l.calls[0]
	l.calls = l.calls[1:]
	c.Init(l, fn)
	l.ready.Push(c)
}

// callbacksAtOnce is how many callbacks are allocated at a time: they are small, and
// live for a pass or two.
const callbacksAtOnce = 32

// A postedCall is what PostCall puts into the inbox. A function fits into an Event
// as it is; the loop makes a Callback of it.
type postedCall func()

// Fire is not called: see inbox.drain.
func (c postedCall) Fire() { c() }

func (l *Loop) call(c *Callback) {
	fn := c.fn
	c.fn = nil // it may be all that keeps something alive
	l.calling = true
	if l.watched {
		l.announce(c)
	}
	fn()
	l.calling = false
	if l.watched {
		l.announced(fn)
	}
}

func (l *Loop) announce(c *Callback) {
	l.origin = c
	if tr := l.trace; tr != nil && tr.heard.Has(Calls) {
		tr.moment(record{kind: Calls}, nil, "")
	}
}

func (l *Loop) announced(fn func()) {
	l.origin = nil
	if l.trace != nil {
		l.trace.called(fn)
	}
}

// recoverCallback is deferred around the passes: a panic in a callback is
// reported and the passes go on.
func (l *Loop) recoverCallback() {
	if !l.calling {
		return
	}
	l.calling = false
	l.announced(nil)
	value := recover()
	if value == nil {
		return // Goexit
	}
	stack := debug.Stack()
	l.Report(Report{Message: "panic in a callback", Err: l.PanicError(value, stack), Stack: stack})
}
