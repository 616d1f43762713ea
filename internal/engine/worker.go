package engine

import (
	"runtime/debug"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A worker is a coroutine that runs tasks, one after another. Making one
// costs more than everything else in the life of a short task, so a worker
// that has ended a task takes the next new one from the ready queue itself,
// without returning to the loop, and waits in a pool when there is none.
type worker struct {
	// What a switch touches comes first, so that it lies together.
	loop   *Loop
	coro   coro.Coro
	drives uint8  // resumed by the loop itself, it may run passes where it stands, for so many turns of others
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

// IsKill reports whether a recovered value is that of a task that is ended by
// force, which has to go on.
func IsKill(v any) bool {
	_, ok := v.(killSignal)
	return ok
}

// A task that recovers so many times from its end is left suspended for ever.
const livesOfATask = 100

// After so many turns of others, a driver steps down: another may drive with
// more profit.
const driverPatience = 8

// dieIfKilled unwinds the stack of a task that is ended by force. It comes
// before a suspension leaves traces, and after it.
func (w *worker) dieIfKilled() {
	if w.killed {
		w.die()
	}
}

func (w *worker) die() {
	for w.deaths++; w.deaths > livesOfATask; {
		w.wait.task.suspend(TaskRunning) // nothing makes it ready any more
		w.coro.Suspend()
	}
	panic(killSignal{})
}

// newWorker gives t a worker, from the pool if there is one.
func (l *Loop) newWorker(t *Task) {
	var w *worker
	if n := len(l.idle); n > 0 {
		w = l.idle[n-1]
		l.idle[n-1] = nil
		l.idle = l.idle[:n-1]
	} else {
		w = &worker{loop: l}
		w.wait.waiter.node.Value = &w.wait
		w.coro.Init(w.main, l.owner.Get())
		l.workers++
	}
	w.take(t)
}

func (w *worker) take(t *Task) {
	t.worker, w.wait.task, w.inner = w, t, nil
}

// main is the life of a worker.
func (w *worker) main(yield func(struct{}) bool) {
	w.coro.Begin(yield)
	w.loop.known(w)
	defer w.unwound()
	for t := w.wait.task; t != nil; t = w.next() {
		t.end(t.body.Run(&t.scope))
	}
	w.loop.workers--
}

// next takes the next task to run and returns it, or nil to end.
func (w *worker) next() *Task {
	l := w.loop
	if w.chains {
		if t := l.takeNew(); t != nil {
			w.take(t)
			l.begin(t)
			l.owner.Set(w.coro.ID)
			return t
		}
	}
	w.wait.task, w.wait.scope, w.wait.foreign, w.inner = nil, nil, nil, nil // an idle worker keeps no task alive
	if len(l.idle) >= workersKept || w.killed {
		return nil
	}
	l.idle = append(l.idle, w)
	w.coro.Suspend()
	return w.wait.task
}

// unwound is where a worker ends whose task has not returned: it has panicked
// or called Goexit. It is not in a function around each task: that would be a
// frame more on every stack.
func (w *worker) unwound() {
	t := w.wait.task
	if t == nil {
		return
	}
	w.wait.task = nil
	w.loop.workers--
	switch value := recover(); {
	case value == nil:
		t.end(ErrGoexit)
		w.exits()
	case w.killed:
		t.end(ErrKilled)
	default:
		w.panics(t, value, debug.Stack())
	}
}

// panics ends a task that has panicked. The report is code of the user's, and
// may call Goexit; that is then one of the task.
func (w *worker) panics(t *Task, value any, stack []byte) {
	err := w.loop.PanicError(value, stack)
	reported := false
	defer func() {
		t.end(err)
		t.Look() // it has been reported
		if !reported {
			w.exits()
		}
	}()
	t.reportPanic(err, stack)
	reported = true
}

// exits deals with the Goexit that has ended the worker's task. Nothing can
// stop it: it would go on in whoever resumed the worker and tear the loop down
// in the middle of its work. So the worker suspends here, on its way out, and is
// resumed when the loop has come to its end; then the Goexit goes on in the
// goroutine of Run, which is what it is meant to end.
func (w *worker) exits() {
	w.loop.exits = append(w.loop.exits, w)
	w.loop.Stop()
	w.coro.Suspend()
}

// dismiss ends the idle workers.
func (l *Loop) dismiss() {
	for _, w := range l.idle {
		w.coro.Resume()
	}
	l.idle = nil
}
