package engine

import (
	"context"
	"runtime/debug"
	"strconv"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Task is a coroutine that the loop runs. Its [TaskState] says where it is; each change
// of the state is one function: Start and end are here, begin, suspend and makeReady in
// pass.go.
//
// Rules:
//
//  1. A task is in the ready queue at most once.
//  2. A task has a worker, and so a stack, from its first step to its last.
//  3. Only the current task suspends, and only in Park and Yield.
//  4. A task that is canceled before its first step has no step.
//  5. What a task waits for wakes it, or its scope cuts the wait (ends it because of a
//     cancellation). What comes first makes the task ready; what comes second does nothing.
//
// Loop only, except where it says otherwise.
type Task struct {
	Future
	worker *worker
	scope  Scope
	body   Body
	id     uint64
	parent uint64 // the id of the task that created it; 0: none did
}

// A TaskState says where in its life a task is.
type TaskState uint8

const (
	// TaskHeld is created and not started: the limit of its group keeps it
	// back. It has no worker and is not queued.
	TaskHeld TaskState = iota
	// TaskReady is in the ready queue, to start or to go on.
	TaskReady
	// TaskRunning is the loop's current task, or one in whose step another
	// starts eagerly. It has a worker.
	TaskRunning
	// TaskWaiting is suspended in Park: its Wait makes it ready. It has a
	// worker.
	TaskWaiting
	// TaskDone has ended; its Future says with what. It has no worker.
	TaskDone
)

// A Body is what a task runs.
type Body interface {
	Run(ctx context.Context) error
}

// Create makes a detached task: it takes the values of ctx and nothing else.
// It does not run before Start or StartNow. If name is empty, the name is "Task-" and its
// number.
func (t *Task) Create(l *Loop, ctx context.Context, body Body, name string) {
	t.prepare(l, body, name)
	s := &t.scope
	s.values, s.task = valuesOf(ctx), t
	s.kind |= detached
	s.hangBelow(&l.root)
	l.created(t)
}

// CreateMain makes a task that ends with ctx, which belongs to no loop.
func (t *Task) CreateMain(l *Loop, ctx context.Context, body Body) {
	t.prepare(l, body, "")
	NoteLabels(ctx)
	if t.scope.extra == nil {
		t.scope.extra = &extra{}
	}
	if tr := l.trace; tr != nil && tr.own() { // the loop does not run
		defer tr.letGo()
	}
	t.scope.open(ctx, nil, t, t.scope.extra, &foreignParent{ctx: ctx})
	l.created(t)
}

func (t *Task) prepare(l *Loop, body Body, name string) {
	l.ids++
	l.live++
	t.loop, t.body, t.id, t.ofTask = l, body, l.ids, true
	t.scope.kind = scopeOfTask
	if l.current != nil {
		t.parent = l.current.id
	}
	if name != "" || l.Debug {
		t.scope.extra = &extra{name: name}
		if l.Debug {
			t.scope.extra.created = debug.Stack()
		}
	}
}

// NoteLabels is called with a context that belongs to no task. If it has labels, it makes
// workers take on the labels of their tasks. A context of a task notices itself when it
// is asked for labels.
func NoteLabels(ctx context.Context) {
	if LoopOf(ctx) == nil && ctx.Value(coro.LabelKey) != nil {
		coro.UseLabels()
	}
}

// Start puts the task's first step into the ready queue.
func (t *Task) Start() { t.loop.makeReady(t) }

// StartNow runs the task up to its first suspension, inside the caller.
func (t *Task) StartNow() {
	l, outer := t.loop, t.loop.current
	if t.scope.Canceled() {
		t.Start()
		return
	}
	l.pause(outer)
	l.newWorker(t)
	w := t.worker
	w.drives, w.chains = 0, false
	l.begin(t)
	l.goroutine.Set(w.coro.ID)
	w.coro.Resume()
	l.unpause(outer)
}

// Cancel asks the task to end: its scope is canceled, and with it every wait
// in it. It returns false if the task was done.
func (t *Task) Cancel(cause error) bool {
	if t.Done() {
		return false
	}
	t.scope.cancel(cause)
	return true
}

// Canceling reports whether something has canceled the task. Only before its end does that
// mean anything.
func (t *Task) Canceling() bool { return t.scope.Canceled() }

// waiting returns the wait in which the task is, or nil.
func (t *Task) waiting() *Wait {
	if t.state == TaskWaiting {
		return &t.worker.wait
	}
	return nil
}

// canceled is called when the task's own scope is canceled.
func (t *Task) canceled() {
	if t.loop.trace != nil {
		t.loop.trace.asked(t)
	}
	if t.scope.kind&scopeOfHeld != 0 {
		t.scope.groupAbove().release(t)
	}
	if w := t.waiting(); w != nil && w.scope != nil && w.scope.task != t && !w.passedOn {
		w.interrupt()
	}
}

// State returns where in its life the task is.
func (t *Task) State() TaskState { return t.state }

// ID returns the task's number in its loop, from 1. Any goroutine may call it.
func (t *Task) ID() uint64 { return t.id }

// Parent returns the number of the task that created it, or 0. Any goroutine
// may call it.
func (t *Task) Parent() uint64 { return t.parent }

// Name returns the task's name. Any goroutine may call it.
func (t *Task) Name() string {
	if x := t.scope.extra; x != nil && x.name != "" {
		return x.name
	}
	return "Task-" + strconv.FormatUint(t.id, 10)
}

// givenName returns the name that it was given, or "".
func (t *Task) givenName() string {
	if x := t.scope.extra; x != nil {
		return x.name
	}
	return ""
}

// Created returns the stack on which the task was created, in debug mode.
func (t *Task) Created() []byte {
	if x := t.scope.extra; x != nil {
		return x.created
	}
	return nil
}

// Describe makes a task the reason of a wait.
func (t *Task) Describe() string { return "task " + strconv.Quote(t.Name()) }

// Ref makes a task the reason of a wait.
func (t *Task) Ref(*Loop) Ref { return Ref{LabelTask, t.id} }

// WaitsFor returns what the task waits for, or nil when it does not wait.
func (t *Task) WaitsFor() Reason {
	if w := t.waiting(); w != nil {
		return w.why
	}
	return nil
}

// Awaits calls yield for the futures that the task waits for, as far as they are
// known.
func (t *Task) Awaits(yield func(*Future) bool) {
	if why, ok := t.WaitsFor().(Awaited); ok {
		why.Awaited(yield)
	}
}

// Fire makes a task an event. The loop knows what to do with one.
func (t *Task) Fire() { panic("asyncio: internal error: a task was fired") }

// end makes the task done.
func (t *Task) end(err error) {
	l, w := t.loop, t.worker
	t.worker, t.state = nil, TaskDone
	t.scope.extra.endForeign()
	t.scope.leave()
	l.live--
	t.outcome = done
	if err != nil {
		t.settle(err)
	}
	t.scope.end()
	if l.trace != nil {
		l.trace.done(t)
	}
	if g := t.scope.groupAbove(); g != nil {
		g.unheard++
		l.ready.Push((*childEnd)(t)) // the group hears of it before anyone else
	}
	t.waiters.WakeAll()
	l.ended(t, w)
}

// settle notes the error with which the task has ended.
func (t *Task) settle(err error) {
	switch {
	case err == ErrCanceled:
		t.outcome = canceled
	case t.scope.MeansCanceled(err):
		t.outcome = canceled
		t.failure = &failure{err: AsCanceled(err)}
	default:
		t.failure = newFailure(&t.Future, err, t.Name())
		t.failure.task = t.id
	}
}
