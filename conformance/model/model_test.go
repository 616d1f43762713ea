// Random programs, part two: the reference model. It says what the loop does,
// slowly and without coroutines, contexts or the library: what comes next is a
// function that is called when its turn has come. Its rules are those of the
// table "passes to resume" and of doc.go; its order is that of its slices.

package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A refLoop is the model of a loop.
type refLoop struct {
	now     int // milliseconds
	pass    int
	ready   []func() // runs in the next pass, first in, first out
	timers  []*refTimer
	stopped bool
	tasks   []*refTask // all, in the order of their creation
	trace   []traceLine
}

// A refTimer makes something ready at a time.
type refTimer struct {
	when int
	fire func()
}

func (l *refLoop) soon(f func()) { l.ready = append(l.ready, f) }

// at sets a timer. Equal deadlines fire in the order of setting.
func (l *refLoop) at(when int, fire func()) *refTimer {
	t := &refTimer{when, fire}
	l.timers = append(l.timers, t)
	slices.SortStableFunc(l.timers, func(a, b *refTimer) int { return cmp.Compare(a.when, b.when) })
	return t
}

func (l *refLoop) stop(t *refTimer) {
	l.timers = slices.DeleteFunc(l.timers, func(other *refTimer) bool { return other == t })
}

// run runs passes until something has stopped the loop.
func (l *refLoop) run() {
	for l.stopped = false; !l.stopped; {
		for len(l.timers) > 0 && l.timers[0].when <= l.now {
			l.soon(l.timers[0].fire)
			l.timers = l.timers[1:]
		}
		if len(l.ready) == 0 {
			l.now = l.timers[0].when // panics if nothing will ever happen
			continue
		}
		l.pass++
		batch := l.ready
		l.ready = nil
		for _, f := range batch {
			f()
		}
	}
}

func (l *refLoop) note(format string, args ...any) {
	l.trace = append(l.trace, traceLine{l.now, l.pass, fmt.Sprintf(format, args...)})
}

// A refError is an error; nil is none.
type refError struct {
	text  string
	parts []*refError // of a group
}

var (
	refCanceled = &refError{text: "canceled"}
	refTimedOut = &refError{text: "timeout"}
)

func (e *refError) String() string {
	switch {
	case e == nil:
		return "ok"
	case e.parts == nil:
		return e.text
	}
	return "group[" + strings.Join(each(e.parts, (*refError).String), " ") + "]"
}

// A result is what a coroutine returns.
type refResult struct {
	value int
	err   *refError
}

func (r refResult) String() string {
	if r.err != nil {
		return r.err.String()
	}
	return fmt.Sprint(r.value)
}

// A refScope is a context: it is canceled with what is above it.
type refScope struct {
	up       *refScope
	kids     []*refScope // in the order of their opening
	wait     *refWait    // that ends with this scope
	canceled bool
	task     *refTask  // whose outermost scope it is
	group    *refGroup // whose scope it is
}

// openScope opens a scope below another one; nil is what nothing cancels.
func openScope(up *refScope) *refScope {
	s := &refScope{up: up}
	if up != nil {
		up.kids = append(up.kids, s)
		if up.canceled {
			s.cancel()
		}
	}
	return s
}

func (s *refScope) isCanceled() bool { return s != nil && s.canceled }

func (s *refScope) close() {
	if s.up != nil {
		s.up.kids = slices.DeleteFunc(s.up.kids, func(k *refScope) bool { return k == s })
	}
}

// cancel reaches the wait on the scope first, then the scopes below that the same
// task has opened, and then the tasks below, in the order of their opening.
func (s *refScope) cancel() {
	if !s.canceled {
		s.canceled = true
		s.deliver()
	}
}

func (s *refScope) deliver() {
	if w := s.wait; w != nil {
		s.wait = nil
		w.interrupt()
	}
	if g := s.group; g != nil && g.wait != nil && g.children == g.unheard {
		g.wait.wake() // when its turn comes, the group has heard of all
	}
	if s.task != nil {
		s.task.release()
	}
	for _, kid := range slices.Clone(s.kids) {
		if kid.task == nil { // the task has it open itself
			kid.cancel()
		}
	}
	for _, kid := range slices.Clone(s.kids) {
		kid.cancel()
	}
}

// meansCanceled says whether a coroutine that returns the error has ended
// canceled: all leaves have to be cancellations.
func (e *refError) meansCanceled() bool {
	return e == refCanceled || e != nil && len(e.parts) > 0 &&
		!slices.ContainsFunc(e.parts, func(e *refError) bool { return !e.meansCanceled() })
}

// hasCanceled says whether a cancellation is among the leaves.
func (e *refError) hasCanceled() bool {
	return e == refCanceled || e != nil && slices.ContainsFunc(e.parts, (*refError).hasCanceled)
}

// A refFuture is done once. Tasks and callbacks wait for it in one line.
type refFuture struct {
	l        *refLoop
	done     bool
	canceled bool
	result   refResult
	seen     bool // someone has looked at its error
	line     []*refWaiter
}

// A refWaiter is a place in a line.
type refWaiter struct{ wake func() }

func (f *refFuture) finish(r refResult, canceled bool) bool {
	if f.done {
		return false
	}
	f.done, f.result, f.canceled = true, r, canceled
	line := f.line
	f.line = nil // who is woken leaves the lines that it is in
	for _, w := range line {
		w.wake()
	}
	return true
}

func (f *refFuture) failed() bool { return f.done && !f.canceled && f.result.err != nil }

// look returns the result; its error is not lost then.
func (f *refFuture) look() refResult {
	f.seen = true
	return f.result
}

// subscribe lets a callback run in the pass after the future's end.
func (f *refFuture) subscribe(callback func()) *refWaiter {
	w := &refWaiter{func() { f.l.soon(callback) }}
	if f.done {
		w.wake()
	} else {
		f.line = append(f.line, w)
	}
	return w
}

func (f *refFuture) forget(w *refWaiter) { leaveLine(&f.line, w) }

func leaveLine(line *[]*refWaiter, w *refWaiter) {
	*line = slices.DeleteFunc(*line, func(other *refWaiter) bool { return other == w })
}

// A refWait is a suspension. It ends by a wake-up or by a cancellation,
// whichever is first.
type refWait struct {
	l        *refLoop
	scope    *refScope
	canceler func() // is canceled in place of the wait; nil: the wait is
	passedOn bool   // to the canceler
	cleanup  func() // takes the wait away from what it waits for
	then     func(canceled bool)
	over     bool
}

// begin suspends: then is called in a pass to come.
func (w *refWait) begin() *refWait {
	switch {
	case w.scope.isCanceled():
		w.interrupt()
	case w.scope != nil:
		w.scope.wait = w
	}
	return w
}

func (w *refWait) wake() { w.end(false) }

func (w *refWait) interrupt() {
	if w.canceler != nil && !w.over {
		w.passedOn = true
		w.canceler()
		return
	}
	w.end(true)
}

func (w *refWait) end(canceled bool) {
	if w.over {
		return
	}
	w.over = true
	if w.scope != nil && w.scope.wait == w {
		w.scope.wait = nil
	}
	if w.cleanup != nil {
		w.cleanup()
	}
	w.l.soon(func() { w.then(canceled) })
}

// checkpoint is the entry of an operation that does nothing on a canceled
// context: it ends canceled a pass later.
func (l *refLoop) checkpoint(s *refScope, canceled func(), begin func()) {
	if s.isCanceled() {
		l.soon(canceled)
	} else {
		begin()
	}
}

// A refTask is a coroutine on its way.
type refTask struct {
	refFuture
	id    int
	scope *refScope
	body  refBody
	group *refGroup // whose child it is
	held  bool      // by the group's limit

	starting bool // its failure is not the group's yet
}

// A refBody is what a task runs; it calls then with its result.
type refBody func(t *refTask, s *refScope, then func(refResult))

// newTask makes a task whose scope is below up, or detached.
func (l *refLoop) newTask(up *refScope, body refBody) *refTask {
	t := &refTask{id: len(l.tasks) + 1, body: body}
	t.l, t.scope = l, openScope(up)
	t.scope.task = t
	l.tasks = append(l.tasks, t)
	return t
}

// start gives the task its first step, in a pass to come or now.
func (t *refTask) start(eager bool) {
	if eager && !t.scope.canceled {
		t.step()
	} else {
		t.l.soon(t.step)
	}
}

func (t *refTask) step() {
	if t.scope.canceled {
		t.end(refResult{err: refCanceled})
		return
	}
	t.body(t, t.scope, t.end)
}

func (t *refTask) end(r refResult) {
	t.l.note("task %d ends: %v", t.id, r.err)
	t.scope.close()
	if t.group != nil {
		t.group.unheard++
		t.l.soon(func() { t.group.childEnded(t) }) // a group hears of it first
	}
	t.finish(r, r.err.meansCanceled())
}

func (t *refTask) cancel() bool {
	if t.done {
		return false
	}
	t.scope.cancel()
	return true
}

// release lets a canceled task go that the limit of its group holds back.
func (t *refTask) release() {
	if t.held {
		t.group.release(t)
	}
}

// A refGroup is tasks that end together.
type refGroup struct {
	l          *refLoop
	scope      *refScope
	limit      int
	supervised bool
	aborting   bool
	canceled   bool // by itself
	bodyOver   bool
	left       bool
	deadline   *refTimer
	expired    bool
	children   int
	unheard    int // children that have ended, which the group does not know yet
	running    int
	line       []*refTask // held back
	errs       []*refError
	wait       *refWait // of the body, for the children
}

func (g *refGroup) spawn(body refBody, eager bool) *refTask { return g.spawnAs(body, eager, false) }

// spawnAs is spawn for a task whose failure may not be the group's yet.
func (g *refGroup) spawnAs(body refBody, eager, starting bool) *refTask {
	t := g.l.newTask(g.scope, body)
	t.group, t.starting = g, starting
	g.children++
	if g.limit > 0 && g.running >= g.limit && !t.scope.canceled {
		t.held = true
		g.line = append(g.line, t)
		return t
	}
	g.running++
	t.start(eager)
	return t
}

func (g *refGroup) release(t *refTask) {
	t.held = false
	g.line = slices.DeleteFunc(g.line, func(other *refTask) bool { return other == t })
	g.running++
	t.start(false)
}

func (g *refGroup) childEnded(t *refTask) {
	g.children--
	g.unheard--
	g.running--
	for len(g.line) > 0 && g.running < g.limit {
		g.release(g.line[0])
	}
	if t.failed() && !t.starting {
		g.errs = append(g.errs, t.look().err)
		if !g.supervised {
			g.abort()
		}
	}
	if g.children == 0 && g.wait != nil {
		g.wait.wake()
	}
}

// abort cancels the children in the order in which they were spawned, and
// then the body.
func (g *refGroup) abort() {
	if g.aborting {
		return
	}
	g.aborting = true
	g.l.stop(g.deadline)
	if g.scope.canceled {
		return
	}
	g.scope.canceled = true
	for _, kid := range slices.Clone(g.scope.kids) {
		if kid.task != nil {
			kid.cancel()
		}
	}
	g.scope.deliver()
}

// leave waits for the children and tells what the group ends with; err is
// what the body returned.
func (g *refGroup) leave(err *refError, then func(*refError)) {
	bodyCanceled := err.meansCanceled()
	if err != nil {
		g.abort()
	}
	g.bodyOver = true
	g.join(func() {
		g.left = true
		g.l.stop(g.deadline)
		g.scope.close()
		if err != nil && !bodyCanceled {
			g.errs = append(g.errs, err)
		}
		switch {
		case len(g.errs) > 0:
			then(&refError{parts: g.errs})
		case g.scope.up.isCanceled() && (err == nil || !err.hasCanceled()):
			then(refCanceled)
		case g.scope.up.isCanceled():
			then(err)
		case g.canceled:
			then(nil)
		default:
			then(err)
		}
	})
}

func (g *refGroup) join(then func()) {
	if g.children == 0 {
		then()
		return
	}
	g.wait = (&refWait{l: g.l, then: func(bool) {
		g.wait = nil
		g.join(then)
	}}).begin()
}

// A refTimeout is a scope with a deadline.
type refTimeout struct {
	scope   *refScope
	expired bool
	over    bool
	timer   *refTimer
}

func (l *refLoop) openTimeout(up *refScope, d int) *refTimeout {
	t := &refTimeout{scope: openScope(up)}
	expire := func() {
		if !t.over {
			t.expired = true
			t.scope.cancel()
		}
	}
	if d <= 0 {
		l.soon(expire)
	} else {
		t.timer = l.at(l.now+d, expire)
	}
	return t
}

// leave says what the timeout makes of its body's error.
func (t *refTimeout) leave(l *refLoop, err *refError) *refError {
	t.over = true
	if t.timer != nil {
		l.stop(t.timer)
	}
	t.scope.close()
	if t.expired && !t.scope.up.isCanceled() && err.meansCanceled() {
		return refTimedOut
	}
	return err
}

// A refCombination is Gather and its relatives.
type refCombination struct {
	l        *refLoop
	parts    []*refTask // each once
	decides  func(*refFuture) bool
	cancels  bool // a decision cancels the others and waits for them
	forgets  bool // a decision makes up for the errors before it
	left     int
	first    *refFuture
	canceled bool
	over     bool
	wait     *refWait
}

// run waits for the decision; err is that of the wait itself.
func (c *refCombination) run(s *refScope, then func(err *refError)) {
	if s.isCanceled() { // that wins over what is there already
		c.decides = func(*refFuture) bool { return false }
	}
	c.left = len(c.parts)
	var done []*refTask
	for _, t := range c.parts {
		if t.done {
			done = append(done, t)
			continue
		}
		t.subscribe(func() {
			c.ended(&t.refFuture)
			if c.over && c.wait != nil {
				c.wait.wake()
			}
		})
	}
	for _, t := range done {
		c.ended(&t.refFuture)
	}
	if c.over = c.over || c.left == 0; c.over {
		c.l.checkpoint(s, func() { then(refCanceled) }, func() { then(nil) })
		return
	}
	c.wait = (&refWait{l: c.l, scope: s, canceler: func() { c.canceled = c.cancelAll() }, then: func(bool) {
		if c.canceled && (c.first == nil || c.first.canceled) {
			then(refCanceled)
		} else {
			then(nil)
		}
	}}).begin()
}

func (c *refCombination) ended(f *refFuture) {
	c.left--
	switch {
	case c.first != nil:
	case !c.decides(f):
	default:
		c.first = f
		for _, t := range c.parts {
			if c.forgets && t.failed() {
				t.look() // the decision makes up for what has failed before
			}
		}
		if c.cancels {
			c.cancelAll()
		} else if !c.canceled {
			c.over = true
		}
	}
	c.over = c.over || c.left == 0
}

func (c *refCombination) cancelAll() (any bool) {
	for _, t := range c.parts {
		if t.cancel() {
			any = true
		}
	}
	return any
}
