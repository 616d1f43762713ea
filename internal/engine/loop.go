package engine

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Loop runs events one at a time, in passes: a pass takes in what has come
// from outside and what is due, and then runs exactly what is in the ready
// queue at that moment. What becomes ready meanwhile is for the next pass.
//
// One goroutine at a time runs a loop. Its coroutines are goroutines too, and
// take turns with it; that is what "on the loop" means. Loop only, except
// where it says otherwise.
type Loop struct {
	ready   queue
	left    int    // events of the current pass that have not run
	passes  uint64 // begun
	steps   uint64
	calls   uint64
	current *Task // nil: the loop itself, or a callback
	timers  timers
	inbox   inbox

	idle    []*worker // newest last
	workers int       // all that have not ended
	exits   []*worker // held on their way out by Goexit
	root    Scope     // above all
	live    int       // tasks not done
	ids     uint64    // of the last task
	unseen  failures

	mark     coro.Mark // who runs; 0: no one
	home     int64     // the goroutine of Run
	running  bool
	stopping bool
	inPass   bool
	calling  bool   // a callback of the user's runs
	origin   origin // what the events fired now come from, for the observer

	clock  Clock
	poller Poller
	picker Picker
	host   Host
	picks  []*Task // for the picker

	// To be set before the loop runs, or on it.
	Debug    bool
	Observer Observer
	Pulse    *Pulse    // for a watchdog; nil: none
	Epoch    time.Time // what the clock's origin is in time
}

// New makes a loop. A nil picker is first in, first out.
func New(c Clock, p Poller, pick Picker, h Host) *Loop {
	return &Loop{clock: c, poller: p, picker: pick, host: h}
}

// Host returns what New was given. Any goroutine may call it.
func (l *Loop) Host() Host { return l.host }

// Now returns the loop's time. Any goroutine may call it.
func (l *Loop) Now() time.Duration { return l.clock.Now() }

// Time converts the loop's time. Any goroutine may call it.
func (l *Loop) Time(d time.Duration) time.Time { return l.Epoch.Add(d) }

// Since converts into the loop's time. Any goroutine may call it.
func (l *Loop) Since(t time.Time) time.Duration { return t.Sub(l.Epoch) }

// Current returns the running task; nil in a callback.
func (l *Loop) Current() *Task { return l.current }

// Running reports whether the loop runs. Loop only, or when it is not
// running.
func (l *Loop) Running() bool { return l.running }

// Post makes an event ready. Any goroutine may call it.
func (l *Loop) Post(e Event) error {
	if l.OnLoop() {
		l.ready.push(e)
		return nil
	}
	return l.inbox.post(e, l.poller)
}

// OnLoop reports whether the calling goroutine is the one that runs the
// loop, where that can be known cheaply; elsewhere false.
func (l *Loop) OnLoop() bool {
	return coro.CheapID && l.mark.Get() == coro.GoroutineID()
}

// Check panics if it is called from elsewhere while the loop runs.
func (l *Loop) Check(op string) {
	if !coro.CheapID && !l.Debug {
		return
	}
	if id := l.mark.Get(); id != coro.GoroutineID() && id != 0 {
		panic("asyncio: " + op + " from a goroutine that does not run the loop: use Loop.CallSoonThreadsafe or RunCoroutineThreadsafe there (or the context is of another loop)")
	}
}

// Push makes an event ready.
func (l *Loop) Push(e Event) { l.ready.push(e) }

// Stop lets Run return after the current pass.
func (l *Loop) Stop() { l.stopping = true }

// Run runs passes until Stop, which a Goexit in a task calls as well.
func (l *Loop) Run() (err error) {
	l.home, l.running = coro.GoroutineID(), true
	l.mark.Set(l.home)
	defer func() {
		l.running, l.stopping = false, false
		l.mark.Set(0)
	}()
	for over := false; !over && err == nil; {
		over, err = l.runPasses()
	}
	return err
}

// runPasses runs passes until Stop. A panic in a callback is reported and
// ends the call early, with over false: so callbacks cost no defer each.
func (l *Loop) runPasses() (over bool, err error) {
	defer l.recoverCallback()
	for {
		if l.left == 0 && !l.turn() && !l.stopping {
			if err := l.sleep(); err != nil {
				return true, err
			}
			continue
		}
		for l.left > 0 {
			l.next()
		}
		if l.stopping {
			l.endPass()
			return true, nil
		}
	}
}

// next runs the next event of the pass on the loop's own stack.
func (l *Loop) next() {
	switch e := l.take().(type) {
	case *Task:
		l.step(e, l.picker == nil)
		l.mark.Set(l.home)
	case *Callback:
		l.call(e)
	default:
		l.fire(e)
	}
}

// turn begins the next pass. It never blocks; false means that there is
// nothing to run.
func (l *Loop) turn() bool {
	l.endPass()
	if l.inbox.pending.Load() {
		l.inbox.drain(&l.ready)
	}
	if len(l.timers.heap) > 0 {
		l.expire(l.clock.Now())
	}
	if l.ready.len == 0 {
		return false
	}
	l.left = l.ready.len
	l.passes++
	l.inPass = true
	if l.Observer != nil {
		l.Observer.PassBegin(l.passes, l.left)
	}
	return true
}

// expire puts what is due into the queue.
func (l *Loop) expire(now time.Duration) {
	for {
		e, when := l.timers.due(now)
		if e == nil {
			return
		}
		l.ready.push(e)
		if l.Observer != nil {
			l.Observer.Timer(when)
		}
	}
}

func (l *Loop) endPass() {
	if !l.inPass {
		return
	}
	l.inPass = false
	if l.Observer != nil {
		l.Observer.PassEnd(l.passes)
	}
	l.verify()
}

// sleep waits for the world when there is nothing to run.
func (l *Loop) sleep() error {
	timeout := time.Duration(-1)
	if when, ok := l.timers.next(); ok {
		if timeout = when - l.clock.Now(); timeout <= 0 {
			return nil
		}
	}
	if p := l.Pulse; p != nil {
		p.rest()
	}
	return l.inbox.sleep(l.poller, timeout)
}

// take takes the next event of the pass out of the queue.
func (l *Loop) take() Event {
	if l.picker != nil {
		l.pick()
	}
	l.left--
	return l.ready.pop()
}

// pick brings forward the task that the picker wants next, if it is a task's
// turn. Callbacks keep their place.
func (l *Loop) pick() {
	l.picks = l.picks[:0]
	for i := range l.left {
		t, ok := (*l.ready.at(i)).(*Task)
		if !ok {
			break
		}
		l.picks = append(l.picks, t)
	}
	if len(l.picks) > 1 {
		l.ready.bringForward(l.picker.Pick(l.picks))
	}
	clear(l.picks)
}

// takeNew takes the next event if it is a task that has not begun.
func (l *Loop) takeNew() *Task {
	if l.left == 0 || l.picker != nil {
		return nil
	}
	t, ok := l.ready.peek().(*Task)
	if !ok || t.worker != nil || t.scope.Canceled() {
		return nil
	}
	l.take()
	return t
}

// step gives a task its turn: from here to its next suspension or its end.
func (l *Loop) step(t *Task, drives bool) {
	if t.worker == nil && t.scope.Canceled() {
		t.end(ErrCanceled)
		return
	}
	l.run(t, drives, true)
}

func (l *Loop) run(t *Task, drives, chains bool) {
	w := t.worker
	if w == nil {
		w = l.hire(t)
	}
	w.drives, w.chains = drives, chains
	l.begin(t)
	w.coro.Resume()
}

// drive runs the pass on the stack of a task that has just suspended, up to
// where it is this task's turn again: then it returns true, and no stack has
// been switched for it. It returns false when the pass has to go on on the
// loop's own stack: to sleep, to call callbacks, which could end with Goexit,
// and when this task's turn is so far away that another may drive with more
// profit. Only a task that the loop itself has resumed can drive; those that
// it resumes then come back to it.
func (l *Loop) drive(self *Task) bool {
	for steps := 0; steps < driverPatience && (l.left > 0 || !l.stopping && l.turn()); {
		switch e := l.ready.peek().(type) {
		case *Task:
			if e == self {
				l.take()
				l.begin(e)
				return true
			}
			if e.worker == nil && len(l.idle) == 0 {
				return false
			}
			l.take()
			l.step(e, false)
			steps++
		case *Callback:
			return false
		default:
			l.mark.Set(self.worker.coro.ID()) // it may be that of a task stepped before
			l.fire(l.take())
		}
	}
	return false
}

// After so many steps of other tasks, a driver steps down.
const driverPatience = 8

// fire runs an event of the engine's own.
func (l *Loop) fire(e Event) {
	if l.Observer == nil {
		e.Fire()
		return
	}
	l.origin = e
	e.Fire()
	l.origin = nil
}

// begin notes that t runs from here.
func (l *Loop) begin(t *Task) {
	l.current = t
	l.steps++
	l.mark.Set(t.worker.coro.ID())
	if l.Pulse != nil {
		l.Pulse.beat(t, t.worker.coro.ID())
	}
	if l.Observer != nil {
		l.Observer.StepBegin(t)
	}
}

// suspended notes that the current task suspends.
func (l *Loop) suspended(t *Task) {
	if l.Observer != nil {
		if why := t.WaitsFor(); why != nil {
			l.Observer.Blocked(t, why)
		}
		l.Observer.StepEnd(t)
	}
	l.current = nil
	if l.Pulse != nil {
		l.Pulse.rest()
	}
}

// ended notes that a task has ended, whether it has run or not.
func (l *Loop) ended(t *Task) {
	if l.current != t {
		return
	}
	if l.Observer != nil {
		l.Observer.StepEnd(t)
	}
	l.current = nil
	if l.Pulse != nil {
		l.Pulse.rest()
	}
}

// created tells of a new task.
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
		l.steps-- // it is still the same
		l.begin(outer)
		return
	}
	l.mark.Set(l.home)
}

// Tasks calls yield for every task that is not done, outermost first.
func (l *Loop) Tasks(yield func(*Task) bool) { l.root.tasks(yield) }

func (s *Scope) tasks(yield func(*Task) bool) bool {
	for kid := range s.each {
		if kid.kind&scopeOfTask != 0 && !yield(kid.task) {
			return false
		}
		if !kid.tasks(yield) {
			return false
		}
	}
	return true
}

// Live returns how many tasks are not done.
func (l *Loop) Live() int { return l.live }

// Stats is a count of what a loop has done and holds.
type Stats struct {
	Passes, Steps, Callbacks, Created   uint64
	Live, Ready, Timers, Workers, Spare int
}

// Stats returns the loop's counts.
func (l *Loop) Stats() Stats {
	return Stats{
		Passes: l.passes, Steps: l.steps, Callbacks: l.calls, Created: l.ids,
		Live: l.live, Ready: l.ready.len, Timers: len(l.timers.heap) - l.timers.stale,
		Workers: l.workers, Spare: len(l.idle),
	}
}
