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
	events  uint64 // of all passes begun
	current *Task  // nil: the loop itself, or a callback
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
	Observer Observer  // see Watch
	Pulse    *Pulse    // for a watchdog; nil: none; see Watch
	Epoch    time.Time // what the clock's origin is in time
	watched  bool      // there is an Observer or a Pulse
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
	if coro.CheapID || l.Debug {
		if id := l.mark.Get(); id != coro.GoroutineID() && id != 0 {
			foreignGoroutine(op)
		}
	}
}

func foreignGoroutine(op string) {
	panic("asyncio: " + op + " from a goroutine that does not run the loop: use Loop.CallSoonThreadsafe or RunCoroutineThreadsafe there (or the context is of another loop)")
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
		for w := l.advance(nil); w != nil; w = l.advance(nil) {
			w.coro.Resume()
			l.mark.Set(l.home)
		}
		if l.stopping {
			l.endPass()
			return true, nil
		}
	}
}

// turn begins the next pass. It never blocks; false means that there is
// nothing to run.
func (l *Loop) turn() bool {
	l.endPass()
	if l.inbox.pending.Load() {
		l.inbox.drain(&l.ready)
	}
	if l.timers.count > 0 {
		l.expire(l.clock.Now())
	}
	if l.ready.len == 0 {
		return false
	}
	l.left = l.ready.len
	l.events += uint64(l.left)
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

// advance runs the pass up to the next task's turn, and returns the worker to
// resume for it; nil at the end of the pass.
//
// A driver is the worker of a task that has just suspended and runs the pass
// on its own stack, and the next ones. For it, advance also returns nil when
// the pass has to go on on the loop's own stack: to sleep, to call callbacks,
// which could end with Goexit, and to make a worker, which would make the
// driver's stack grow for good.
func (l *Loop) advance(driver *worker) *worker {
	for l.left > 0 || driver != nil && !l.stopping && l.turn() {
		if l.picker != nil {
			l.pick()
		}
		e := l.ready.peek()
		switch e := e.(type) {
		case *Task:
			w := e.worker
			if w == nil {
				if driver != nil && len(l.idle) == 0 {
					return nil
				}
				if w = l.hire(e); w == nil {
					continue
				}
			}
			l.take()
			w.drives, w.chains = driver == nil && l.picker == nil, true
			l.begin(e, w)
			return w
		case *Callback:
			if driver != nil {
				return nil
			}
			l.take()
			l.call(e)
		default:
			l.take()
			if driver != nil {
				l.mark.Set(driver.coro.ID()) // it may be that of a task resumed before
			}
			l.fire(e)
		}
	}
	return nil
}

// take takes the next event of the pass out of the queue.
func (l *Loop) take() {
	l.left--
	l.ready.pop()
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

// hire gives a task that has not begun a worker; nil, and the task is over, if
// it was canceled before.
func (l *Loop) hire(t *Task) *worker {
	if t.scope.Canceled() {
		l.take()
		t.end(ErrCanceled)
		return nil
	}
	return l.newWorker(t)
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

// begin notes that t runs from here, on w.
func (l *Loop) begin(t *Task, w *worker) {
	l.current = t
	if id := w.coro.ID(); id != 0 { // see known; the mark of a loop that runs is never zero
		l.mark.Set(id)
	}
	if l.watched {
		l.tellBegin(t)
	}
}

// known is called by a worker that runs for the first time: only now does
// anyone know on which goroutine.
func (l *Loop) known(w *worker) {
	l.mark.Set(w.coro.ID())
	if l.Pulse != nil {
		l.Pulse.beat(w.wait.task, w.coro.ID())
	}
}

// suspended notes that the current task suspends.
func (l *Loop) suspended(t *Task) {
	if l.watched {
		l.tellSuspended(t)
	}
	l.current = nil
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
		l.begin(outer, outer.worker)
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
	Passes, Events, Created             uint64
	Live, Ready, Timers, Workers, Spare int
}

// Stats returns the loop's counts.
func (l *Loop) Stats() Stats {
	return Stats{
		Passes: l.passes, Events: l.events, Created: l.ids,
		Live: l.live, Ready: l.ready.len, Timers: l.timers.count - l.timers.stale,
		Workers: l.workers, Spare: len(l.idle),
	}
}
