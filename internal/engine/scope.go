package engine

import (
	"context"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/list"
)

// A Scope is the engine's own kind of context: everything that uses it is canceled
// together. Every task has one, and every group and timeout opens another inside its
// task's, so that the scopes of a loop are a tree. Canceling a scope cancels what is
// below it.
//
// The tree belongs to the loop. The methods of context.Context may be called
// from any goroutine; see context.go.
type Scope struct {
	state atomic.Uint32 // a scopeState
	kind  scopeKind
	task  *Task                // the task in which the scope was opened; nil for a loop's root
	up    *Scope               // the scope whose cancellation reaches this one
	below list.List[*Scope]    // the scopes that this one reaches, in the order of opening
	node  list.Node[*Scope]    // the place in that list of up
	std   atomic.Pointer[twin] // made when someone asks for it
	extra *extra               // set before the scope is used, and never changed

	values context.Context // answers Value for what the scope does not know itself
}

// extra is what few scopes need.
type extra struct {
	name    string         // the name of a task or a group that was given one
	created []byte         // the stack on which a task was created, in debug mode
	group   *Group         // the group whose scope it is
	timeout *Timeout       // the timeout whose scope it is
	outer   *Scope         // the innermost scope of the task before; nil: the task's own
	foreign *foreignParent // nil: the scope was opened on a scope of its own task
}

type scopeKind uint8

const (
	scopeOfTask     scopeKind = 1 << iota // a task's outermost
	detached                              // takes no cancellation or deadline from the context it was opened on
	scopeOfDaemon                         // the scope of a task that ends with its group; see SpawnDaemon
	scopeOfThread                         // the scope of a function on another goroutine; see ThreadScope
	scopeOfHeld                           // the scope of a task that the limit of its group keeps back
	scopeOfStarting                       // the scope of a task whose failure is not its group's yet; see SpawnStarting
)

type scopeState = uint32

const (
	scopeOpen     scopeState = iota
	scopeCanceled            // canceled without a cause
	scopeCaused              // canceled with a cause, which the twin holds
	scopeSwept               // canceled because up was
)

// Canceled reports whether the scope is canceled. Any goroutine may ask.
func (s *Scope) Canceled() bool { return s.state.Load() != scopeOpen }

// Context returns the scope as the context that it is.
func (s *Scope) Context() context.Context { return s }

// A lineage says which scope, and what else, can cancel a context.
type lineage struct {
	loop    *Loop
	scope   *Scope          // the scope that cancels it; nil: none does (context.WithoutCancel)
	foreign context.Context // the context itself where something between it and scope may cancel it first
}

// inspect finds what a context was derived from.
func inspect(ctx context.Context) lineage {
	if s, ok := ctx.(*Scope); ok {
		return lineage{s.Loop(), s, nil}
	}
	if ctx == nil {
		panic("asyncio: nil context: pass the context that the coroutine was given")
	}
	s, _ := ctx.Value(scopeKey).(*Scope)
	if s == nil {
		return lineage{}
	}
	switch done := ctx.Done(); {
	case done == nil: // context.WithoutCancel
		return lineage{s.Loop(), nil, nil}
	case done == s.Done(): // only values in between
		return lineage{s.Loop(), s, nil}
	case s.Err() != nil && ctx.Err() == nil: // a cancel context on a WithoutCancel
		return lineage{s.Loop(), nil, ctx}
	default:
		return lineage{s.Loop(), s, ctx}
	}
}

// Loop returns the scope's loop.
func (s *Scope) Loop() *Loop { return s.task.loop }

// Opened reports whether the scope was ever opened.
func (s *Scope) Opened() bool { return s.task != nil }

// openHere opens s in the running task. Even if ctx belongs to another task, or to a
// scope that has been left, s belongs to the running task: it is canceled with that task,
// may outlive the other one, and is in the loop's tree.
func (s *Scope) openHere(ctx context.Context, op string, x *extra) error {
	w, err := BeginUnchecked(ctx, op)
	if err != nil {
		return err
	}
	if l := w.Loop(); l.Debug && w.isOuter(w.scope) {
		l.reportOuter(w.task, "calls "+op)
	}
	up, p := w.scope, (*foreignParent)(nil)
	switch {
	case up != nil && (up.task != w.task || !up.node.Listed()):
		up, p = &w.task.scope, &foreignParent{ctx: ctx, borrowedFrom: up}
	case w.foreignContext() != nil:
		p = &foreignParent{ctx: ctx}
	}
	s.open(ctx, up, w.task, x, p)
	k := w.task.worker
	x.outer, k.inner = k.inner, s
	return nil
}

// open opens s on a context, below what cancels that, if anything does.
func (s *Scope) open(ctx context.Context, up *Scope, task *Task, x *extra, p *foreignParent) {
	s.values, s.task, s.extra = valuesOf(ctx), task, x
	if up == nil { // the tree holds the scope all the same: Loop.Tasks walks it
		up, s.kind = &task.loop.root, s.kind|detached
	}
	s.hangBelow(up)
	if p != nil {
		x.foreign = p
		p.watch(s)
		if cause := s.Loop().causeOf(p.ctx); cause != nil {
			s.cancel(cause)
		}
	}
	s.sweep()
}

func (s *Scope) hangBelow(up *Scope) {
	s.up, s.node.Value = up, s
	up.below.Add(&s.node)
}

// outerCanceled reports whether the context that s was opened on is canceled.
func (s *Scope) outerCanceled() bool {
	if p := s.foreignParent(); p != nil {
		if ended := s.Loop().errOf(p.ctx) != nil; ended || p.borrowedFrom == nil {
			return ended
		}
	}
	return s.kind&detached == 0 && s.up.Canceled()
}

func (s *Scope) foreignParent() *foreignParent {
	if s.extra == nil {
		return nil
	}
	return s.extra.foreign
}

// around returns the scope in which s was opened; nil if there is none, as for a task
// that takes only the values of its context.
func (s *Scope) around() *Scope {
	switch p := s.foreignParent(); {
	case p != nil && p.borrowedFrom != nil:
		return p.borrowedFrom
	case s.kind&detached == 0:
		return s.up
	case s.kind&scopeOfTask != 0:
		return nil
	default: // it was opened on a context.WithoutCancel, whose values tell
		outer, _ := s.values.Value(scopeKey).(*Scope)
		return outer
	}
}

// OuterError returns the error of what s was opened on, if that is canceled.
func (s *Scope) OuterError() error {
	switch p := s.foreignParent(); {
	case !s.outerCanceled():
		return nil
	case p == nil, s.up.Canceled() && !p.cutOff, p.borrowedFrom != nil && p.borrowedFrom.Canceled():
		return ErrCanceled
	default:
		return s.Loop().foreignError(p.ctx)
	}
}

// valuesOf skips scopes, which add no values of the user's: otherwise tasks that each
// start the next one, for ever, would build an endless chain.
func valuesOf(ctx context.Context) context.Context {
	if s, ok := ctx.(*Scope); ok {
		return s.values
	}
	return ctx
}

// close ends the scope: what is still below it is canceled.
func (s *Scope) close() {
	s.cancel(nil)
	s.detach()
}

// detach takes the scope off what it was opened on, and off its task.
func (s *Scope) detach() {
	x := s.extra
	x.endForeign()
	if k := s.task.worker; k != nil {
		k.inner = x.outer
	}
	s.leave()
}

func (x *extra) endForeign() {
	if x != nil && x.foreign != nil {
		x.foreign.end.end()
	}
}

func (s *Scope) leave() {
	if s.node.Listed() {
		s.up.below.Remove(&s.node)
	}
}

// cancel cancels the scope and everything below it: first the waits on the scope (that of
// its own task, then those of others, oldest first), then the scopes that the task has
// open in it, and then the scopes of what the task has started, in the order in which
// they were opened. Nothing runs in between; the tasks whose waits were cut go on in the
// next pass.
func (s *Scope) cancel(cause error) {
	if s.Canceled() {
		return
	}
	s.setCanceled(cause)
	s.deliver()
}

// setCanceled makes the scope canceled, for a reason of its own. If cause is nil, the
// cause is context.Canceled, as for every context that is canceled without one.
func (s *Scope) setCanceled(cause error) {
	if cause == nil {
		s.become(scopeCanceled)
	} else if std := s.standard(); s.become(scopeCaused) { // the twin keeps the cause
		std.cancel(cause)
	}
}

// become makes an open scope canceled, and the twin with it. It returns false if the
// scope was canceled before. Of the states only scopeCanceled may be set on any
// goroutine; the others belong to the loop.
func (s *Scope) become(state scopeState) bool {
	if !s.state.CompareAndSwap(scopeOpen, state) {
		return false
	}
	if std := s.std.Load(); std != nil { // whoever makes it from now on sees the state
		s.settle(std)
	}
	return true
}

// settle cancels the twin of a scope that is canceled, with the cause that the state
// tells. Every goroutine that sees both calls settle before it goes on, so that none
// finds the scope canceled while the twin is not. Only setCanceled knows the scope's own
// cause; until it has given that to the twin, the scope looks open.
func (s *Scope) settle(std *twin) {
	switch state := s.state.Load(); {
	case std.Err() != nil:
	case state == scopeCanceled:
		std.cancel(nil)
	case state == scopeSwept:
		std.cancel(s.up.cause())
	}
}

// end ends the scope of a task that has ended, because a goroutine that the task has left
// behind may wait for its context, or ask it later.
func (s *Scope) end() {
	if !s.become(scopeCanceled) {
		return
	}
	if std := s.std.Load(); std != nil {
		std.waiters.WakeAll()
	}
	if s.below.First() != nil { // scopes of threads
		s.sweepBelow()
	}
}

// sweep cancels s if what it was opened on is canceled.
func (s *Scope) sweep() {
	if s.Canceled() {
		return
	}
	p := s.foreignParent()
	switch {
	case p != nil && s.Loop().errOf(p.ctx) != nil:
		s.cancel(s.Loop().causeOf(p.ctx))
	case s.outerCanceled():
		if s.become(scopeSwept) {
			s.deliver()
		}
	case p != nil:
		p.cutOff = s.up.Canceled()
	}
}

// deliver brings a cancellation to the waits and to the scopes below.
func (s *Scope) deliver() {
	if w := s.task.waiting(); w != nil && w.scope == s {
		w.scopeCanceled()
	}
	if x := s.extra; x != nil && x.group != nil {
		x.group.joinIfEnded()
	}
	if std := s.std.Load(); std != nil {
		std.waiters.WakeAll() // who waits for its end and is not of its task
	}
	if s.kind&scopeOfTask != 0 {
		s.task.canceled()
	}
	s.sweepBelow()
}

// sweepBelow cancels the scopes below: first those that the task of s has open
// itself, and then those of others, which it has started.
func (s *Scope) sweepBelow() {
	if s.holdsOwn() {
		for kid := range s.below.All {
			if kid.task == s.task {
				kid.sweep()
			}
		}
	}
	for kid := range s.below.All {
		kid.sweep()
	}
}

// holdsOwn reports whether the task of s may have scopes open in s. Mostly it has none,
// and then the scopes below, of which there may be very many, are walked only once.
func (s *Scope) holdsOwn() bool {
	k := s.task.worker
	return k != nil && k.inner != nil && k.inner != s
}

// cause says why the scope, which is canceled, was. Any goroutine may ask.
func (s *Scope) cause() error {
	if std := s.std.Load(); std != nil && std.Err() != nil {
		return context.Cause(std)
	}
	if s.state.Load() == scopeSwept {
		return s.up.cause()
	}
	return context.Canceled
}
