package engine

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// runPasses runs passes until Stop. A panic in a callback is reported and ends the
// call early; over is then false, and the caller calls again. So a callback needs
// no defer of its own.
func (l *Loop) runPasses() (over bool, err error) {
	defer l.recoverCallback()
	if l.left == 0 {
		l.turn(true) // one pass runs even if Stop came before
	}
	for {
		l.advance(nil)
		if l.stopping {
			l.endPass()
			return true, nil
		}
		if err := l.sleep(); err != nil {
			return true, err
		}
	}
}

// turn begins the next pass. It never blocks. It returns false if there is nothing to
// run, or if it has to poll and is not on the loop's own stack, where alone that may be
// done.
func (l *Loop) turn(ownStack bool) bool {
	l.endPass()
	if l.inbox.filled() {
		l.inbox.drain(l)
	}
	if l.Contexts != nil {
		l.Contexts.Look()
	}
	switch timed := l.timers.Len() > 0; {
	case timed && l.pacer.next == never:
		l.expire(l.clock.Now())
	case timed || l.ready.taken >= l.pacer.next:
		if !l.lookAround(ownStack, timed) {
			return false
		}
	}
	if l.ready.Len() == 0 {
		return false
	}
	l.left = l.ready.Len()
	l.passes++
	if uint8(l.passes) == 0 { // every 256 passes
		l.publish()
	}
	l.inPass = true
	if l.paced {
		l.trace.passBegins()
	}
	return true
}

// lookAround makes ready the events of descriptors and timers that are due. It returns
// false if it has to poll, and must not.
//
//go:noinline
func (l *Loop) lookAround(mayPoll, timed bool) bool {
	now := l.clock.Now()
	if !l.pacer.mayWait(l.ready.taken, now) && l.pacer.isDue(l.ready.taken, now, timed) {
		if !mayPoll {
			return false
		}
		l.pacer.polls(l.ready.taken, now)
		if l.poll(); timed {
			now = l.clock.Now()
		}
	}
	if timed {
		l.expire(now)
	}
	return true
}

// poll asks the poller what descriptors are ready for, and does not wait.
func (l *Loop) poll() {
	if coro.OneThread {
		l.others.LetRun()
	}
	if l.pacer.watched == 0 {
		return
	}
	if err := l.poller.Wait(0); err != nil {
		l.broken = err
		l.Stop()
	}
}

func (l *Loop) endPass() {
	if !l.inPass {
		return
	}
	l.inPass = false
	if l.paced {
		l.trace.passEnds()
	}
	l.verify()
}

// sleep waits for the world. It is called when there is nothing to run. The counts are
// atomic because the watchdog stops looking while the loop sleeps, and the loop calls it
// when it wakes: one of them always sees what the other has done.
func (l *Loop) sleep() error {
	l.restTrace()
	l.rests.Add(1)
	err := l.rest()
	l.rests.Add(1)
	l.wakeTrace(true)
	if l.Woken != nil {
		l.Woken()
	}
	return err
}

func (l *Loop) rest() error {
	if l.inbox.yield(l.clock) { // before the clock is asked how long to wait, for it takes time
		return nil
	}
	timeout := time.Duration(-1)
	if when, ok := l.timers.Next(); ok {
		now := l.clock.Now()
		if when <= now {
			return nil
		}
		timeout = when - now
	}
	l.publish()
	if l.OwnClock {
		l.NoteMoment() // no one looks from outside, and time passes only in sleeps
	}
	asked, err := l.inbox.sleep(l.poller, timeout)
	if asked {
		l.pacer.slept(l.ready.taken)
		if coro.OneThread {
			l.others.Waited()
		}
	}
	return err
}

// advance runs the pass to its end, and the next ones, until there is nothing to
// run or the loop stops.
//
// The loop calls advance on its own stack, without a driver. A driver is a worker (the
// stack that a task runs on) that calls advance on its own stack, because its task has
// just suspended. Only a worker that the loop itself has resumed can drive. When the turn
// of its task has come again, advance returns true. It returns false when the passes have
// to go on on the loop's stack, which is so in three cases. The driver has run as many
// turns of others as driverPatience allows. Or a callback is next, which could call
// Goexit, or the loop has to sleep or to stop. Or it is time to make a worker or to poll,
// which would make the driver's stack grow for good. docs/design/coroutines.md says what
// driving is good for.
func (l *Loop) advance(driver *worker) (own bool) {
	me := l.caller
	if driver != nil {
		me = driver.coro.ID
	}
	for l.left > 0 || !l.stopping && l.turn(driver == nil) {
		if l.picker != nil {
			l.pick()
		}
		e := l.ready.Peek()
		t, ok := e.(*Task)
		if !ok {
			c, ok := e.(*Callback)
			if ok && driver != nil {
				return false
			}
			l.take()
			if ok {
				l.call(c)
			} else if e != nil { // nil: it was taken back
				l.fire(e)
			}
			continue
		}
		w := t.worker
		switch {
		case w == nil:
			if driver != nil && l.needsLoop(t) {
				return false
			}
			l.take()
			if w = l.workerFor(t); w == nil {
				continue
			}
		case w == driver:
			l.take()
			driver.drives, driver.chains = driverPatience, true
			l.begin(t)
			l.goroutine.Set(me)
			return true
		case driver == nil:
			l.take()
		case driver.drives == 0:
			return false
		default:
			driver.drives--
			l.take()
		}
		w.drives, w.chains = 0, true
		if driver == nil && l.picker == nil {
			w.drives = driverPatience
		}
		l.begin(t)
		l.goroutine.Set(w.coro.ID)
		w.coro.Resume()
		l.goroutine.Set(me)
	}
	return false
}

// begin notes that t runs from here. The observer is called on the stack of the
// caller, which is about to resume the worker of t. So the caller, and not begin,
// sets the goroutine that runs, and does so afterwards.
func (l *Loop) begin(t *Task) {
	l.current = t
	t.state = TaskRunning
	if l.begins {
		l.tellBegin()
	}
}

// suspend notes that the task, which is the current one, suspends. s says whether it
// waits or is ready for its next turn.
func (t *Task) suspend(s TaskState) {
	l := t.loop
	t.state = s
	if l.watched {
		l.tellSuspended(t)
	}
	l.current = nil
}

// makeReady puts a task that was held back, or that waited, into the ready queue.
func (l *Loop) makeReady(t *Task) {
	t.state = TaskReady
	l.ready.Push(t)
}

// needsLoop reports whether the first turn of a task has to begin on the loop's own
// stack, because a worker has to be made for it.
func (l *Loop) needsLoop(t *Task) bool { return len(l.idle) == 0 && !t.scope.Canceled() }

// workerFor gives a task a worker for its first step. It returns nil if the task was
// canceled before that; the task has ended then.
func (l *Loop) workerFor(t *Task) *worker {
	if t.scope.Canceled() {
		l.origin = t
		t.end(ErrCanceled)
		l.origin = nil
		return nil
	}
	l.newWorker(t)
	return t.worker
}

// take takes the next event of the pass out of the queue.
func (l *Loop) take() {
	l.left--
	l.ready.take()
}

// pick lets the picker choose which task has the turn, if the next event is a task. The
// picker may choose any task in the queue, even one that has become ready in this pass.
// Each task before the chosen one moves to the place of the next task. Callbacks and
// events of the engine itself keep their places, and the number of events in the pass
// stays the same, so that timers and the world outside are not starved.
func (l *Loop) pick() {
	if _, ok := l.ready.Peek().(*Task); !ok {
		return
	}
	l.picks = l.picks[:0]
	for i := range l.ready.Len() {
		if t, ok := (*l.ready.At(i)).(*Task); ok {
			l.picks = append(l.picks, t)
		}
	}
	if len(l.picks) > 1 {
		l.bringForward(l.picks[l.picker.Pick(l.picks)])
	}
	clear(l.picks)
}

// bringForward gives t the first place in the queue, which must belong to a task.
func (l *Loop) bringForward(t *Task) {
	moved := Event(t)
	for i := 0; ; i++ {
		place := l.ready.At(i)
		if _, ok := (*place).(*Task); !ok {
			continue
		}
		if *place, moved = moved, *place; moved == Event(t) {
			return
		}
	}
}

// takeNew takes the next event if it is a task that has not begun.
func (l *Loop) takeNew() *Task {
	if l.left == 0 || l.picker != nil {
		return nil
	}
	t, ok := l.ready.Peek().(*Task)
	if !ok || t.worker != nil || t.scope.Canceled() {
		return nil
	}
	l.take()
	return t
}

// fire runs an event of the engine itself.
func (l *Loop) fire(e Event) {
	if l.trace == nil {
		e.Fire()
		return
	}
	if l.trace.heard.Has(Fires) {
		l.trace.tell(Fires, nil, 0)
	}
	l.origin = e
	e.Fire()
	l.origin = nil
	if l.paced {
		l.trace.tellPushes()
	}
}
