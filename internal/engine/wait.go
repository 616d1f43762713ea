package engine

import (
	"context"
	"math"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Wait is one suspension of a task: there is one way to suspend, and it is
// [Wait.Park]. It ends in one of two ways, and only the first counts: it is
// woken, or it is cut because its context is canceled. Once woken, nothing
// can cut it, so that what the waker gave is never lost.
//
// The Wait of a task is part of its worker, for only who has a stack can
// wait. It is taken with [Enter] for one operation, which may suspend in it
// several times, and is another's after that.
type Wait struct {
	task     *Task
	scope    *Scope // whose cancellation cuts the wait; nil: none's, and then far is set
	far      *far   // set unless it is a scope of the task itself, and that alone
	epoch    uint32 // counts the suspensions of the worker
	state    waitState
	passedOn bool   // the cancellation went to the heir
	waiter   Waiter // in the list of what is waited for
	timer    Timer
	why      Reason
}

// far is the rest of a wait that is not, as nearly all are, cut by a scope of
// its own task and nothing else.
type far struct {
	Waiter // in the far waits of another task's scope
	wait   *Wait
	ctx    context.Context // may cut the wait before its scope does; nil: none
	stop   func() bool     // ends watching ctx
}

// wake is called when the scope is canceled.
func (f *far) wake() { f.wait.scopeCanceled() }

// shielded is the far of a wait that nothing cuts.
var shielded far

type waitState uint8

const (
	idle waitState = iota
	waiting
	woken
	cut
)

// An Heir is a Reason that is canceled in place of the task that waits for
// it; the task's wait goes on until the heir has come to an end.
type Heir interface {
	Reason
	Cancel(cause error) bool
}

// Enter begins an operation of the running task that may suspend under ctx.
// It panics when it is called from where no task can suspend.
func Enter(ctx context.Context, op string) (*Wait, error) {
	id := coro.CheapGoroutineID() // first, for it leaves no register as it was
	s, ok := ctx.(*Scope)
	if !ok || !s.task.runsHere(id) {
		return enterFar(ctx, op)
	}
	w := &s.task.worker.wait
	w.scope, w.far = s, nil
	return w, nil
}

// runsHere reports whether t runs and the calling goroutine, which has the
// given coro.CheapGoroutineID, is the one that runs it.
func (t *Task) runsHere(id int64) bool {
	l := t.loop
	if !coro.CheapID { // at a microsecond each, only for who debugs
		return (!l.Debug || l.OnLoop()) && l.current == t
	}
	return l.mark.Get() == id && l.current == t
}

// enterFar is Enter for a context that is not a scope of the running task, and
// for every mistake.
func enterFar(ctx context.Context, op string) (*Wait, error) {
	at := linkOf(ctx)
	l := at.loop
	if l == nil || l.mark.Get() == 0 {
		return nil, ErrNoRunningLoop
	}
	l.Check(op)
	t := l.current
	if t == nil {
		panic("asyncio: " + op + " in a callback, which cannot suspend: create a task there and wait in it")
	}
	w := &t.worker.wait
	switch w.scope, w.far = at.scope, nil; {
	case at.foreign != nil, at.scope != nil && at.scope.task != t:
		w.far = &far{wait: w, ctx: at.foreign}
	case at.scope == nil: // context.WithoutCancel
		w.far = &shielded
	}
	return w, nil
}

// Begin is Enter for an operation that takes nothing when its context is
// canceled: it then returns the error of that after one pass, so that a
// coroutine which goes on regardless does not stop the loop.
func Begin(ctx context.Context, op string) (*Wait, error) {
	id := coro.CheapGoroutineID()
	s, ok := ctx.(*Scope)
	if !ok || !s.task.runsHere(id) || s.Canceled() {
		return beginFar(ctx, op)
	}
	w := &s.task.worker.wait
	w.scope, w.far = s, nil
	return w, nil
}

// beginFar is Begin for what is not the usual case.
func beginFar(ctx context.Context, op string) (*Wait, error) {
	w, err := Enter(ctx, op)
	if err == nil && w.IsCut() {
		err = w.Park(nil, labelCanceled)
	}
	return w, err
}

// Yield lets the others have their turn, and returns in the next pass. As in
// Park, the switch of stacks is not in a function of its own: after it, each
// return to a caller is one that the processor has not foreseen. The identity of
// the goroutine comes first: asking for it leaves no register as it was.
func Yield(ctx context.Context) error {
	id := coro.CheapGoroutineID()
	s, ok := ctx.(*Scope)
	if !ok || !s.task.runsHere(id) {
		return yieldFar(ctx)
	}
	t := s.task
	k, l := t.worker, t.loop
	k.dieIfKilled()
	l.ready.Push(t)
	l.suspended(t)
	if k.drives > 0 { // its own turn comes after that of all who are ready now
		k.drives = uint8(min(l.ready.Len(), math.MaxUint8))
	}
	if k.drives == 0 || !l.advance(k) {
		k.coro.Suspend()
	}
	k.dieIfKilled()
	if s.Canceled() {
		return ErrCanceled
	}
	return nil
}

// yieldFar is Yield for a context that is not a scope of the running task, and
// for every mistake.
func yieldFar(ctx context.Context) error {
	w, err := Enter(ctx, "Yield")
	if err != nil {
		return err
	}
	_ = Yield(&w.task.scope) // which need not be what cancels this one
	if w.IsCut() {
		return w.Interruption()
	}
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

const labelCanceled = Label("canceled")

// Loop returns the loop of the task that waits.
func (w *Wait) Loop() *Loop { return w.task.loop }

// foreign returns the context that may cut the wait before its scope does.
func (w *Wait) foreign() context.Context {
	if w.far == nil {
		return nil
	}
	return w.far.ctx
}

// openScope opens a scope in the task, on the context that was entered with.
// If that is of another task, the scope belongs to this one all the same: it
// is canceled with it and may outlive the other.
func (w *Wait) openScope(s *Scope, ctx context.Context, x *extra) {
	at := link{w.task.loop, w.scope, w.foreign()}
	if w.scope != nil && w.scope.task != w.task {
		at, x.lender = link{w.task.loop, &w.task.scope, ctx}, w.scope
	}
	s.open(ctx, at, w.task, x)
	k := w.task.worker
	x.around, k.inner = k.inner, s
}

// Shield makes the wait one that nothing cuts.
func (w *Wait) Shield() { w.scope, w.far = nil, &shielded }

// Until makes the wait end at a deadline.
func (w *Wait) Until(deadline time.Duration) {
	w.timer.Set(w.task.loop, deadline, (*expiry)(w))
}

// PassedOn reports whether the last Park was cut and its heir canceled.
func (w *Wait) PassedOn() bool { return w.passedOn }

// Park suspends the task until on wakes it, or its deadline does, or its
// context is canceled. In the last case it returns the error for it, unless
// why is an heir.
func (w *Wait) Park(on *Waiters, why Reason) error {
	k := w.task.worker
	k.dieIfKilled()
	w.state, w.passedOn = waiting, false
	w.why = why
	w.epoch++
	if on != nil {
		on.Add(&w.waiter)
	}
	if w.far != nil || w.scope.Canceled() {
		w.expectCut()
	}
	k.loop.suspended(w.task)
	if k.drives == 0 || !k.loop.advance(k) {
		k.coro.Suspend()
	}
	k.dieIfKilled()
	ended := w.state
	w.state, w.why = idle, nil
	if ended == cut {
		return w.Interruption()
	}
	return nil
}

// expectCut cuts the wait, or lets what is far do so.
func (w *Wait) expectCut() {
	if w.IsCut() {
		w.interrupt()
	} else if w.far != nil {
		w.watch()
	}
}

// IsCut reports whether the wait's context is canceled. A task that waits on
// the context of another one ends its wait with its own cancellation as well:
// a closure that captured the wrong context must not make it unstoppable.
func (w *Wait) IsCut() bool {
	if w.far != nil {
		return w.isCutFar()
	}
	return w.scope.Canceled()
}

func (w *Wait) isCutFar() bool {
	switch ctx := w.far.ctx; {
	case ctx != nil && ctx.Err() != nil:
		return true
	case w.scope == nil:
		return false
	case ctx == nil && w.scope.Canceled():
		return true
	default:
		return w.scope.task != w.task && w.task.scope.Canceled()
	}
}

// Interruption returns the error of a wait that was cut.
func (w *Wait) Interruption() error {
	ctx := w.foreign()
	if ctx == nil || w.scope != nil && (w.scope.Canceled() || w.task.scope.Canceled()) {
		return ErrCanceled
	}
	return foreignError(ctx)
}

// watch lets the far ends of the wait cut it. Those that are near find it by
// themselves, for a task has no other wait.
func (w *Wait) watch() {
	f := w.far
	if w.scope != nil && w.scope.task != w.task {
		f.who = f
		w.scope.far.Add(&f.Waiter)
	}
	if f.ctx != nil {
		f.stop = w.task.loop.postEnd(f.ctx, waitEnd{w, w.epoch})
	}
}

func (w *Wait) unwatch() {
	if w.far != nil {
		w.far.unwatch()
	}
}

func (f *far) unwatch() {
	f.Remove()
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
}

// scopeCanceled is called when the wait's scope is canceled.
func (w *Wait) scopeCanceled() {
	if ctx := w.foreign(); ctx != nil && ctx.Err() == nil {
		w.scope = nil // a context.WithoutCancel is between them
	} else if !w.passedOn {
		w.interrupt()
	}
}

// wake ends the wait: what was waited for has come.
func (w *Wait) wake() {
	id := coro.CheapGoroutineID()
	l := w.task.loop
	if l.mark.Get() != id {
		l.Check("waking a task")
	}
	w.unwatch()
	w.timer.Stop(l)
	w.state = woken
	l.ready.Push(w.task) // as Task.ready does, which would be a call
	if l.Observer != nil {
		l.Observer.Woken(w.task, l.describe(l.origin))
	}
}

// interrupt brings a cancellation to the wait.
func (w *Wait) interrupt() {
	w.unwatch()
	if heir, ok := w.why.(Heir); ok {
		w.passedOn = true
		heir.Cancel(w.reasonToCancel())
		return
	}
	w.cutShort()
}

// cutShort ends the wait for good, whoever is its heir.
func (w *Wait) cutShort() {
	w.waiter.Remove()
	w.timer.Stop(w.task.loop)
	w.state = cut
	w.task.ready(byCancel)
}

// reasonToCancel returns what is worth telling an heir, or nil.
func (w *Wait) reasonToCancel() error {
	switch ctx := w.foreign(); {
	case ctx != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case w.scope != nil && w.scope.std.Load() != nil:
		return w.scope.cause()
	default:
		return nil
	}
}

// expiry is the event that a wait's deadline is reached.
type expiry Wait

func (e *expiry) Fire() {
	w := (*Wait)(e)
	if w.state == waiting {
		w.waiter.Remove()
		w.wake()
	}
}

// waitEnd is the event that the foreign context of a suspension has ended.
type waitEnd struct {
	wait  *Wait
	epoch uint32
}

func (e waitEnd) Fire() {
	if w := e.wait; w.epoch == e.epoch && w.state == waiting && !w.passedOn {
		w.interrupt()
	}
}
