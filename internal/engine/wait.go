package engine

import (
	"context"
	"math"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Wait is one suspension of a task: there is one way to suspend, and it is
// [Wait.Park]. It ends in one of two ways: it is woken, because what it waits for has
// come, or it is cut, because its context is canceled. Only the first of these to happen
// counts. Once woken, nothing can cut it, so that what the waker gave is never lost.
//
// The Wait of a task is part of its worker, because only a task that has a stack can
// wait. [Begin] takes it for one operation, which may suspend in it several times.
// Afterwards the next operation of the task uses it again.
type Wait struct {
	task     *Task
	scope    *Scope       // the scope whose cancellation cuts the wait; nil: there is none, and foreign is set
	foreign  *foreignWait // nil: only scope can cut the wait, and that is a scope of the task itself
	cut      bool         // the last suspension was cut
	passedOn bool         // the cancellation went to the canceler
	waiter   Waiter       // the task's place among the waiters of what it waits for
	timer    Timer
	why      Reason
	begun    uint64 // how many events there were before; see moments
}

// A Canceler is a Reason that is canceled in place of the task that waits for
// it; the task's wait goes on until the canceler has come to an end.
type Canceler interface {
	Reason
	Cancel(cause error) bool
}

// Begin begins an operation of the running task that may suspend under ctx. If ctx is
// canceled, it returns the error of that after one pass, so that a coroutine that ignores
// the error does not block the loop. It panics if it is called where no task can suspend.
func Begin(ctx context.Context, op string) (*Wait, error) {
	id := coro.CheapGoroutineID() // comes first, because a call preserves no register
	s, ok := ctx.(*Scope)
	if !ok || !s.task.runsHere(id) || s.Canceled() {
		return beginUnusual(ctx, op)
	}
	return s.task.waitOn(s), nil
}

// beginUnusual is Begin for a canceled context, one that is not a scope of the
// running task, and for every mistake.
func beginUnusual(ctx context.Context, op string) (*Wait, error) {
	w, err := BeginUnchecked(ctx, op)
	if err == nil {
		err = w.Checkpoint()
	}
	return w, err
}

// BeginUnchecked is Begin for an operation that has something to do first: it does not
// ask whether ctx is canceled; if it is, a wait that follows is cut at once.
func BeginUnchecked(ctx context.Context, op string) (*Wait, error) {
	id := coro.CheapGoroutineID()
	s, ok := ctx.(*Scope)
	if !ok || !s.task.runsHere(id) {
		return beginForeign(ctx, op)
	}
	return s.task.waitOn(s), nil
}

// waitOn takes the wait of a task for an operation that a scope of its own can
// cut.
func (t *Task) waitOn(s *Scope) *Wait {
	w := &t.worker.wait
	w.scope, w.foreign = s, nil
	return w
}

// runsHere reports whether t runs and the calling goroutine, which has the
// given coro.CheapGoroutineID, is the one that runs it.
func (t *Task) runsHere(id int64) bool {
	l := t.loop
	if !coro.CheapID { // to ask takes a microsecond, so only debug mode asks
		return (!l.Debug || l.OnLoop()) && l.current == t
	}
	return l.goroutine.Get() == id && l.current == t
}

// beginForeign is BeginUnchecked for a context that is not a scope of the
// running task, and for every mistake.
func beginForeign(ctx context.Context, op string) (*Wait, error) {
	at := inspect(ctx)
	l := at.loop
	if l == nil || l.goroutine.Get() == 0 {
		return nil, ErrNoRunningLoop
	}
	l.Check(op)
	t := l.current
	if t == nil {
		panic("asyncio: " + op + " in a callback, which cannot suspend: create a task there and wait in it")
	}
	w := t.waitOn(at.scope)
	switch {
	case at.foreign != nil, at.scope != nil && at.scope.task != t:
		w.foreign = &foreignWait{wait: w, ctx: at.foreign}
	case at.scope == nil: // context.WithoutCancel
		w.foreign = &uncut
	}
	return w, nil
}

// Yield lets other tasks have their turn, and returns in the next pass. The switch of
// stacks is written out here and in Park, and is not a function of its own, because after
// a switch the processor mispredicts each return to a caller.
func Yield(ctx context.Context) error {
	id := coro.CheapGoroutineID()
	s, ok := ctx.(*Scope)
	if !ok || !s.task.runsHere(id) {
		return yieldForeign(ctx)
	}
	t := s.task
	k, l := t.worker, t.loop
	k.answer()
	l.ready.Push(t)
	t.suspend(TaskReady)
	if k.drives > 0 { // its own turn comes after those of all tasks that are ready now
		k.drives = uint8(min(l.ready.Len(), math.MaxUint8))
	}
	if k.drives == 0 || !l.advance(k) {
		k.coro.Suspend()
	}
	k.answer()
	if s.Canceled() {
		return l.yieldCut(t)
	}
	return nil
}

// yieldForeign is Yield for a context that is not a scope of the running task,
// and for every mistake.
func yieldForeign(ctx context.Context) error {
	w, err := BeginUnchecked(ctx, "Yield")
	if err != nil {
		return err
	}
	_ = Yield(&w.task.scope) // whether ctx is canceled is looked at below
	if w.IsCut() {
		return w.Interruption()
	}
	w.Loop().uncut(w.task)
	return nil
}

// Checkpoint returns an error after one pass if the wait's context is
// canceled.
func (w *Wait) Checkpoint() error {
	if !w.IsCut() {
		return nil
	}
	return w.Park(nil, labelCanceled)
}

// Loop returns the loop of the task that waits.
func (w *Wait) Loop() *Loop { return w.task.loop }

// Shield makes the wait immune: nothing cuts it.
func (w *Wait) Shield() { w.scope, w.foreign = nil, &shielded }

// Until makes the wait end at a deadline.
func (w *Wait) Until(deadline time.Duration) {
	w.timer.Set(w.task.loop, deadline, (*waitExpiry)(w))
}

// PassedOn reports whether the last Park was cut and its canceler canceled.
func (w *Wait) PassedOn() bool { return w.passedOn }

// Park suspends the task until on wakes it, its deadline is reached, or its context
// is canceled. In the last case it returns the error of the cancellation, unless why is a
// canceler; if the task's host has crashed, it returns the error even then.
func (w *Wait) Park(on *Waiters, why Reason) error {
	t := w.task
	k := t.worker
	k.answer()
	w.cut, w.passedOn = false, false
	w.why, w.begun = why, k.loop.ready.taken
	if on != nil {
		on.Add(&w.waiter)
	}
	t.state = TaskWaiting
	if w.foreign != nil || w.scope.Canceled() {
		w.expectCut()
	}
	t.suspend(t.state)
	if k.drives == 0 || !k.loop.advance(k) {
		k.coro.Suspend()
	}
	k.answer()
	w.why = nil
	if w.cut {
		return w.Interruption()
	}
	return nil
}

// expectCut cuts the wait if its context is canceled. Otherwise it watches the
// foreign contexts that can cut it.
func (w *Wait) expectCut() {
	if w.IsCut() {
		w.interrupt()
	} else if w.foreign != nil {
		w.foreign.watch()
	}
}

// IsCut reports whether the wait's context is canceled.
func (w *Wait) IsCut() bool {
	if w.crashed() {
		return true
	}
	if w.foreign != nil {
		return w.foreign.isCut()
	}
	return w.scope.Canceled()
}

// Interruption returns the error of a wait that was cut.
func (w *Wait) Interruption() error {
	if w.crashed() {
		return w.task.worker.crash
	}
	ctx := w.foreignContext()
	if ctx == nil || w.scope != nil && (w.scope.Canceled() || w.task.scope.Canceled()) {
		return ErrCanceled
	}
	return w.task.loop.foreignError(ctx)
}

// wake ends the wait: what was waited for has come.
func (w *Wait) wake() {
	id := coro.CheapGoroutineID()
	t := w.task
	l := t.loop
	if l.goroutine.Get() != id {
		l.Check("waking a task")
	}
	w.unwatch()
	w.timer.Stop(l)
	t.state = TaskReady // as makeReady does, which would be a call
	l.ready.Push(t)
	if l.trace != nil {
		l.trace.woken(t, l.origin, false)
	}
}

// interrupt brings a cancellation to the wait.
func (w *Wait) interrupt() {
	w.unwatch()
	if w.crashed() {
		w.task.worker.crashes()
		w.cutShort()
		return
	}
	if c, ok := w.why.(Canceler); ok {
		w.passedOn = true
		c.Cancel(w.reasonToCancel())
		return
	}
	w.cutShort()
}

// cutShort ends the wait at once, even if it has a canceler.
func (w *Wait) cutShort() {
	l := w.task.loop
	w.waiter.Remove()
	if s, ok := w.why.(*Selection); ok {
		s.end(-1)
	}
	w.timer.Stop(l)
	w.cut = true
	l.makeReady(w.task)
	if l.trace != nil {
		l.trace.woken(w.task, byCancel, true)
	}
}

// reasonToCancel returns the cause that a canceler is told; nil: there is none.
func (w *Wait) reasonToCancel() error {
	switch ctx := w.foreignContext(); {
	case ctx != nil && w.task.loop.errOf(ctx) != nil:
		return w.task.loop.causeOf(ctx)
	case w.scope != nil && w.scope.std.Load() != nil:
		return w.scope.cause()
	default:
		return nil
	}
}

// scopeCanceled is called when the wait's scope is canceled.
func (w *Wait) scopeCanceled() {
	if ctx := w.foreignContext(); ctx != nil && ctx.Err() == nil {
		w.scope = nil // a context.WithoutCancel is between them
	} else if !w.passedOn {
		w.interrupt()
	}
}

// waitExpiry is the event that a wait's deadline is reached.
type waitExpiry Wait

func (e *waitExpiry) Fire() {
	w := (*Wait)(e)
	w.waiter.Remove()
	w.wake()
}

func (e *waitExpiry) Origin() Ref { return Ref{Label: LabelTimer} }

// killSignal is the value with which a task panics when it is ended by force.
type killSignal struct{}

// IsKill reports whether a recovered value comes from a task that is ended by force. Code
// that has recovered it must panic with it again.
func IsKill(v any) bool {
	_, ok := v.(killSignal)
	return ok
}

// maxDeaths bounds how often a task is unwound. A task that recovers and suspends
// again that often is left suspended for ever.
const maxDeaths = 100

// answer looks whether the worker was resumed for something other than its turn. It is
// called after a suspension. It is also called before one, while nothing has to be
// undone, and can find then that the task is killed, or must not suspend.
func (w *worker) answer() {
	if w.called {
		w.answerCall()
	}
}

// answerCall prints the stack as often as someone asks for it, and unwinds it if the task
// is ended by force. It panics if the task must not suspend.
func (w *worker) answerCall() {
	for w.asked != nil {
		*w.asked = coro.OwnStack()
		w.coro.Suspend()
	}
	w.called = w.mustAnswer()
	w.expectCrash()
	if !w.killed && !w.steady {
		return
	}
	w.wait.timer.Stop(w.loop) // Until has set it for a suspension that does not come
	if w.killed {
		w.die()
	}
	panic("asyncio: a suspension in a function that NoSuspend has called: do before or after it what may wait")
}

func (w *worker) die() {
	for w.deaths++; w.deaths > maxDeaths; {
		w.wait.task.suspend(TaskRunning) // nothing makes it ready any more
		w.coro.Suspend()
	}
	panic(killSignal{})
}
