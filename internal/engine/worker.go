package engine

import (
	"runtime/debug"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A worker is a coroutine that runs tasks, one after another, because making a coroutine
// costs more than everything else in the life of a short task. When a task has ended, its
// worker takes the next new task from the ready queue itself, without a switch to the
// loop; when there is none, it waits in a pool. See docs/design/coroutines.md.
type worker struct {
	// What a switch touches comes first, up to the first fields of wait: it lies in
	// one line of the processor's cache.
	loop      *Loop
	coro      coro.Coro
	drives    uint8      // how many turns of other tasks it may still run as a driver; see Loop.advance
	chains    bool       // it may take the next new task
	called    bool       // there is something to answer at a suspension; see mustAnswer
	killed    bool       // its task is ended by force
	steady    bool       // its task is in a function that must not suspend; see NoSuspend
	deaths    uint8      // how often its task was unwound; see maxDeaths
	crashCuts uint8      // how often a crash has cut a wait of its task
	wait      Wait       // the wait of its task; wait.task is nil when the worker has no task
	selects   *Selection // the one of its task; nil: no task has waited in one
	asked     *[]byte    // where to print its stack; see Task.Stack
	inner     *Scope     // the scope that its task has opened last and not closed; nil: none, as at the end of every task
	seen      seen       // what a trace has counted of its task

	crash error // with which all waits of its task end; nil: its host has not crashed, see Task.Crash

	undress func() // is called when its task has ended; nil: nothing; see Dress
}

// maxIdleWorkers bounds the pool. Workers beyond it end, so that a burst of tasks
// gives its stacks back.
const maxIdleWorkers = 1 << 10

// driverPatience is how many turns of other tasks a driver (see Loop.advance) runs before
// it stops driving. Its own turn is then so far away that it saves more if another worker
// drives.
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
	t.worker, w.wait.task = w, t
}

// main is the life of a worker.
func (w *worker) main(yield func(struct{}) bool) {
	w.coro.Begin(yield)
	w.loop.known(w)
	defer w.unwound()
	for t := w.wait.task; t != nil; t = w.next() {
		if w.loop.dress != nil {
			w.dress(t)
		}
		if coro.LabelsUsed() {
			coro.TakeLabels(t.scope.values)
		}
		err := t.body.Run(&t.scope)
		if w.undress != nil {
			w.undressed()
		}
		t.end(err)
	}
	w.loop.workers--
}

// next takes the next task to run and returns it, or nil to end.
func (w *worker) next() *Task {
	l := w.loop
	if w.chains && w.crash == nil {
		if t := l.takeNew(); t != nil {
			w.take(t)
			l.begin(t)
			l.goroutine.Set(w.coro.ID)
			return t
		}
	}
	w.wait.task, w.wait.scope, w.wait.foreign = nil, nil, nil // an idle worker keeps no task alive
	if len(l.idle) >= maxIdleWorkers || w.killed || w.crash != nil {
		return nil
	}
	if coro.LabelsUsed() {
		coro.DropLabels()
	}
	l.idle = append(l.idle, w)
	w.coro.Suspend()
	return w.wait.task
}

// unwound ends a worker whose task has not returned, but has panicked or called
// Goexit. It is deferred once for each worker, and not in a function around each
// task, which would be one more frame on every stack.
func (w *worker) unwound() {
	t := w.wait.task
	if t == nil {
		return
	}
	w.wait.task = nil
	w.loop.workers--
	if w.undress != nil {
		defer w.undressed()
	}
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

// panics ends a task that has panicked. The exception handler is code of the user's
// and may call Goexit, which then counts as a Goexit of the task.
func (w *worker) panics(t *Task, value any, stack []byte) {
	err := w.loop.PanicError(value, stack)
	reported := false
	defer func() {
		if tr := w.loop.trace; tr != nil {
			tr.panicked = true
		}
		t.end(err)
		t.Look() // it has been reported
		if !reported {
			w.exits()
		}
	}()
	w.loop.Report(Report{Message: "panic in task " + t.Name(), Err: err, Task: t, Name: t.Name(), Stack: stack})
	reported = true
}

// exits deals with the Goexit that has ended the worker's task. Nothing can stop a
// Goexit: it would go on in the goroutine that has resumed the worker, and end the loop
// in the middle of its work. So the worker suspends here, in a deferred function. When
// the loop has ended, the worker is resumed, and the Goexit goes on in the goroutine of
// Run, which it is meant to end.
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
