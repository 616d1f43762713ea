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
	drives uint8  // how many turns of others it may still run where it stands; see Loop.advance
	chains bool   // it may take the next new task
	killed bool   // its task is ended by force
	deaths uint8  // how often its task has recovered from that
	inner  *Scope // the last that its task has opened and not closed; nil: none
	wait   Wait   // of its task; wait.task is nil when there is nothing to do
}

// maxIdleWorkers bounds the pool: a burst of tasks gives the stacks beyond that
// back.
const maxIdleWorkers = 1 << 10

// driverPatience is how many turns of others a driver lets pass before it steps
// down: another may drive with more profit.
const driverPatience = 8

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
		w.coro.Init(w.main, l.goroutine.Get())
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
			l.goroutine.Set(w.coro.ID)
			return t
		}
	}
	w.wait.task, w.wait.scope, w.wait.foreign, w.inner = nil, nil, nil, nil // an idle worker keeps no task alive
	if len(l.idle) >= maxIdleWorkers || w.killed {
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
	w.loop.Report(Report{Message: "panic in task " + t.Name(), Err: err, Task: t, Name: t.Name(), Stack: stack})
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
