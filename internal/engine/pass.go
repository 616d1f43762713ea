package engine

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

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
	if l.inbox.filled() {
		l.inbox.drain(l)
	}
	if l.Contexts != nil {
		l.Contexts.Look()
	}
	if l.looks.wanted() && l.looks.due(l.clock) {
		l.look()
	}
	if l.timers.count > 0 {
		l.expire(l.clock.Now())
	}
	if l.ready.Len() == 0 {
		return false
	}
	l.left = l.ready.Len()
	l.events += uint64(l.left)
	l.passes++
	l.inPass = true
	if l.Observer != nil {
		l.Observer.PassBegin(l.passes, l.left)
	}
	return true
}

// look hears what descriptors are ready for, without waiting for it.
func (l *Loop) look() {
	if coro.OneThread {
		l.others.LetRun()
	}
	if l.looks.watched == 0 {
		return
	}
	if err := l.poller.Wait(0); err != nil {
		l.broken = err
		l.Stop()
	}
}

// expire puts what is due into the queue.
func (l *Loop) expire(now time.Duration) {
	for {
		e, when := l.timers.due(now)
		if e == nil {
			return
		}
		l.ready.Push(e)
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
	asked, err := l.inbox.sleep(l.clock, l.poller, timeout)
	if asked {
		l.looks.slept()
		if coro.OneThread {
			l.others.Waited()
		}
	}
	return err
}

// advance runs the pass up to the next task's turn, and returns the worker to
// resume for it; nil at the end of the pass.
//
// A driver is the worker of a task that has just suspended and runs the pass
// on its own stack, and the next ones. For it, advance also returns nil when
// the pass has to go on on the loop's own stack: to sleep, to call callbacks,
// which could end with Goexit, and for what would make the driver's stack grow
// for good: to make a worker, and to look at descriptors.
func (l *Loop) advance(driver *worker) *worker {
	for l.left > 0 || driver != nil && !l.stopping && !l.looks.imminent() && l.turn() {
		if l.picker != nil {
			l.pick()
		}
		e := l.ready.Peek()
		if t, ok := e.(*Task); ok {
			switch {
			case t.worker != nil: // the usual case
			case t.scope.Canceled():
				l.take()
				l.endUnbegun(t)
				continue
			case driver != nil && len(l.idle) == 0:
				return nil
			default:
				l.newWorker(t)
			}
			l.take()
			w := t.worker
			w.drives, w.chains = 0, true
			if driver == nil && l.picker == nil {
				w.drives = driverPatience
			}
			l.begin(t, w)
			return w
		}
		switch c, ok := e.(*Callback); {
		case !ok:
			l.take()
			l.fire(e)
		case driver != nil:
			return nil
		default:
			l.take()
			l.call(c)
		}
	}
	return nil
}

// endUnbegun ends a task that was canceled before its first step.
func (l *Loop) endUnbegun(t *Task) {
	l.origin = t
	t.end(ErrCanceled)
	l.origin = nil
}

// take takes the next event of the pass out of the queue.
func (l *Loop) take() {
	l.left--
	l.ready.Pop()
}

// pick brings forward the task that the picker wants next, if it is a task's
// turn. It may want one that has become ready in this pass; as many events run
// in the pass as before, so that timers and the world outside are not starved.
// Callbacks and what the engine itself has in the queue keep their place.
func (l *Loop) pick() {
	l.picks = l.picks[:0]
	for i := range l.ready.Len() {
		t, ok := (*l.ready.At(i)).(*Task)
		if !ok {
			break
		}
		l.picks = append(l.picks, t)
	}
	if len(l.picks) > 1 {
		l.ready.BringForward(l.picker.Pick(l.picks))
	}
	clear(l.picks)
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
