package engine

import "github.com/asyncio-go/asyncio/internal/coro"

// A worker is a coroutine that runs tasks, one after another. Making one
// costs more than everything else in the life of a short task, so a worker
// that has ended a task takes the next new one from the ready queue itself,
// without returning to the loop, and waits in a pool when there is none.
type worker struct {
	// What a switch touches comes first, so that it lies together.
	loop   *Loop
	coro   coro.Coro
	drives bool   // resumed by the loop itself, so it may run a pass where it stands
	chains bool   // may take the next new task
	killed bool   // its task must end now ...
	deaths uint8  // ... and has recovered from that so many times
	inner  *Scope // the last that its task has opened and not closed; nil: none
	wait   Wait   // of its task; wait.task is nil when there is nothing to do
}

// So many idle workers are kept; a burst of tasks beyond that gives its
// stacks back.
const workersKept = 1 << 10

// killSignal is what a task panics with that is ended by force.
type killSignal struct{}

// A task that recovers so many times from its end is left suspended for ever.
const livesOfATask = 100

// After so many turns of others, a driver steps down: another may drive with
// more profit.
const driverPatience = 8

// drive runs the pass on the stack of the worker's task, which has just
// suspended, up to where it is that task's turn again; then no stack has been
// switched for it, and drive returns true. Only a worker that the loop itself
// has resumed can drive: those that it resumes come back to it.
func (w *worker) drive() bool {
	for range driverPatience {
		next := w.loop.advance(w)
		if next == nil {
			return false
		}
		if next == w {
			w.drives = true // as before
			return true
		}
		next.coro.Resume()
		w.loop.mark.Set(w.coro.ID())
	}
	return false
}

// dieIfKilled unwinds the stack of a task that is ended by force. It comes
// before a suspension leaves traces, and after it.
func (w *worker) dieIfKilled() {
	if w.killed {
		w.die()
	}
}

func (w *worker) die() {
	for w.deaths++; w.deaths > livesOfATask; {
		w.loop.suspended(w.wait.task)
		w.coro.Suspend()
	}
	panic(killSignal{})
}

// newWorker gives t a worker, from the pool if there is one.
func (l *Loop) newWorker(t *Task) *worker {
	var w *worker
	if n := len(l.idle); n > 0 {
		w = l.idle[n-1]
		l.idle[n-1] = nil
		l.idle = l.idle[:n-1]
	} else {
		w = &worker{loop: l}
		w.wait.waiter.who = &w.wait
		w.coro.Init(w)
		l.workers++
	}
	w.take(t)
	return w
}

func (w *worker) take(t *Task) {
	t.worker, w.wait.task, w.inner = w, t, nil
}

// Main is the life of a worker.
func (w *worker) Main(yield func(struct{}) bool) {
	w.coro.Begin(yield)
	w.loop.known(w)
	defer w.exited()
	for w.wait.task != nil {
		w.wait.task.run()
		w.wait.task = w.next()
	}
	w.loop.workers--
}

// next returns the next task to run, or nil to end.
func (w *worker) next() *Task {
	l := w.loop
	if w.chains {
		if t := l.takeNew(); t != nil {
			w.take(t)
			l.begin(t, w)
			return t
		}
	}
	if len(l.idle) >= workersKept || w.killed {
		return nil
	}
	w.wait.task, w.wait.scope, w.wait.far, w.inner = nil, nil, nil, nil // an idle worker keeps no task alive
	l.idle = append(l.idle, w)
	w.coro.Suspend()
	return w.wait.task
}

// exited is left by a Goexit in a task, which nothing can stop: it would go
// on in whoever resumed the worker and tear the loop down in the middle of
// its work. So the worker suspends here, on its way out, and is resumed when
// the loop has come to its end; then the Goexit goes on in the goroutine of
// Run, which is what it is meant to end.
func (w *worker) exited() {
	t := w.wait.task
	if t == nil {
		return
	}
	l := w.loop
	w.wait.task = nil
	l.workers--
	l.exits = append(l.exits, w)
	t.end(ErrGoexit)
	l.Stop()
	w.coro.Suspend()
}

// dismiss ends the idle workers.
func (l *Loop) dismiss() {
	for _, w := range l.idle {
		w.coro.Resume()
	}
	l.idle = nil
}
