package engine

import (
	"context"
	"sync/atomic"
)

// A Scope is a context of ours: what is canceled together. Every task has
// one, and every group and timeout opens one in it, so that the scopes of a
// loop are a tree. Canceling a scope cancels what is below it.
//
// The tree belongs to the loop. The methods of context.Context may be called
// from any goroutine; see context.go.
type Scope struct {
	state atomic.Uint32 // a scopeState
	kind  scopeKind
	task  *Task  // in which the scope was opened; nil for a loop's root
	up    *Scope // whose cancellation reaches this one

	kids       *Scope // first of the ring of scopes below, in the order of opening
	next, prev *Scope // in that ring of up's

	far    Waiters                    // waits of other tasks that end with this scope, and those of WhenEnded
	std    atomic.Pointer[stdContext] // our twin in package context, made when asked for
	extra  *extra                     // set before the scope is used, never changed
	values context.Context            // answers Value for what the scope does not know itself
}

// extra is what few scopes need.
type extra struct {
	deadline atomic.Int64 // of a timeout, in the loop's time
	name     string       // of a task that has a name of its own
	group    *Group       // whose scope it is
	timeout  bool
	created  []byte          // stack of the creation, in debug mode
	foreign  context.Context // derived from up by package context, and can be canceled before it
	stop     func() bool     // ends watching foreign
	lender   *Scope          // of another task, on whose context the scope was opened
	around   *Scope          // which was the innermost of the task before; nil: the task's own
	apart    bool            // up was canceled and foreign was not: a context.WithoutCancel is between them
}

type scopeKind uint8

const (
	scopeOfTask   scopeKind = 1 << iota // a task's outermost
	detached                            // takes no cancellation or deadline from the context it was opened on
	scopeOfDaemon                       // of a task that ends with its group; see SpawnDaemon
	scopeOfThread                       // of a function on another goroutine; see ThreadScope
)

type scopeState = uint32

const (
	scopeOpen     scopeState = iota
	scopeCanceled            // for no reason of its own
	scopeCaused              // mark tells std why, which was made before
	scopeSwept               // because up was
)

// Canceled reports whether the scope is canceled. Any goroutine may ask.
func (s *Scope) Canceled() bool { return s.state.Load() != scopeOpen }

// Context returns the scope as the context that it is.
func (s *Scope) Context() context.Context { return s }

// A link says on what a context hangs.
type link struct {
	loop    *Loop
	scope   *Scope          // cancels it; nil: nothing does (context.WithoutCancel)
	foreign context.Context // the context itself where something between it and scope may cancel it first
}

// linkOf finds the scope that a context was derived from.
func linkOf(ctx context.Context) link {
	if s, ok := ctx.(*Scope); ok {
		return link{s.loop(), s, nil}
	}
	if ctx == nil {
		panic("asyncio: nil context: pass the context that the coroutine was given")
	}
	s, _ := ctx.Value(scopeKey).(*Scope)
	if s == nil {
		return link{}
	}
	switch done := ctx.Done(); {
	case done == nil: // context.WithoutCancel
		return link{s.loop(), nil, nil}
	case done == s.Done(): // only values in between
		return link{s.loop(), s, nil}
	case s.Canceled() && ctx.Err() == nil: // a cancel context on a WithoutCancel
		return link{s.loop(), nil, ctx}
	default:
		return link{s.loop(), s, ctx}
	}
}

func (s *Scope) loop() *Loop { return s.task.loop }

// open opens s below what ctx hangs on.
func (s *Scope) open(ctx context.Context, at link, task *Task, x *extra) {
	s.values, s.task, s.extra = valuesOf(ctx), task, x
	s.up = at.scope
	if s.up == nil { // nothing cancels it, but it has to be found
		s.up, s.kind = &task.loop.root, s.kind|detached
	}
	s.up.addKid(s)
	if at.foreign != nil {
		x.foreign = ctx
		x.stop = task.loop.postEnd(ctx, (*foreignEnd)(s))
	}
	if at.foreign != nil && at.foreign.Err() != nil {
		s.cancel(context.Cause(at.foreign))
	} else {
		s.sweep()
	}
}

// isCutOff reports whether the context that s was opened on is canceled.
func (s *Scope) isCutOff() bool {
	x := s.extra
	if x != nil && x.foreign != nil && (x.foreign.Err() != nil || x.lender == nil) {
		return x.foreign.Err() != nil
	}
	return s.kind&detached == 0 && s.up.Canceled()
}

// OuterError returns the error of what s was opened on, if that is canceled.
func (s *Scope) OuterError() error {
	switch x := s.extra; {
	case !s.isCutOff():
		return nil
	case x.foreign == nil, s.up.Canceled() && !x.apart, x.lender != nil && x.lender.Canceled():
		return ErrCanceled
	default:
		return foreignError(x.foreign)
	}
}

// valuesOf skips a scope, which adds no value of the user's: a task that
// starts the next one for ever must not build a chain.
func valuesOf(ctx context.Context) context.Context {
	if s, ok := ctx.(*Scope); ok {
		return s.values
	}
	return ctx
}

// close ends the scope: what still hangs on it is canceled.
func (s *Scope) close() {
	x := s.extra
	if x.stop != nil {
		x.stop()
	}
	if k := s.task.worker; k != nil {
		k.inner = x.around
	}
	s.cancel(nil)
	s.leave()
}

func (s *Scope) leave() {
	if s.next != nil {
		s.up.removeKid(s)
	}
}

// foreignEnd is the event that the foreign context of a scope has ended.
type foreignEnd Scope

func (e *foreignEnd) Fire() { (*Scope)(e).cancel(context.Cause(e.extra.foreign)) }

// cancel cancels the scope and all below it: first the waits on the scope, its
// own task's before others', oldest first, then the scopes below in the order
// of their opening. Nothing runs in between; what was cut goes on in the next
// pass.
func (s *Scope) cancel(cause error) {
	if s.Canceled() {
		return
	}
	s.mark(cause)
	s.deliver()
}

// mark makes the scope canceled, for a reason of its own.
func (s *Scope) mark(cause error) {
	state := scopeCanceled
	if cause != nil {
		s.standard() // it is where causes are kept
		state = scopeCaused
	}
	s.state.Store(state)
	if std := s.std.Load(); std != nil {
		std.cancel(cause)
	}
}

// end ends the scope of a task that has ended: a goroutine that the task has
// left behind may wait for its context, or ask it later.
func (s *Scope) end() {
	if s.Canceled() {
		return
	}
	s.mark(nil)
	s.far.WakeAll()
	s.sweepKids() // which are of threads
}

// sweep cancels s if up is canceled.
func (s *Scope) sweep() {
	if s.Canceled() {
		return
	}
	if !s.isCutOff() {
		if x := s.extra; x != nil {
			x.apart = s.up.Canceled()
		}
		return
	}
	s.state.Store(scopeSwept)
	if std := s.std.Load(); std != nil {
		std.cancel(s.up.cause())
	}
	s.deliver()
}

// deliver brings a cancellation to the waits and to the scopes below.
func (s *Scope) deliver() {
	if w := s.task.waiting(); w != nil && w.scope == s {
		w.scopeCanceled()
	}
	s.far.WakeAll()
	if s.kind&scopeOfTask != 0 {
		s.task.canceled()
	}
	s.sweepKids()
}

func (s *Scope) sweepKids() {
	for kid := range s.each {
		kid.sweep()
	}
}

// cause says why the scope was canceled. Any goroutine may ask.
func (s *Scope) cause() error {
	if std := s.std.Load(); std != nil && std.Err() != nil {
		return context.Cause(std)
	}
	if s.state.Load() == scopeSwept {
		return s.up.cause()
	}
	return context.Canceled
}

// WhenEnded makes e ready once ctx has ended, unless stop is called before; s is
// its place until then.
func WhenEnded(ctx context.Context, s *Subscription, e Event) (stop func()) {
	at := linkOf(ctx)
	s.Init(at.loop, e)
	stop = s.Remove
	switch {
	case at.foreign != nil:
		ended := at.loop.postEnd(at.foreign, e)
		stop = func() { ended() }
	case at.scope == nil:
	case at.scope.Canceled():
		s.wake()
	default:
		at.scope.far.Add(&s.Waiter)
	}
	return stop
}

// each ranges over the scopes below in the order of their opening. A scope
// may leave while it is its turn.
func (s *Scope) each(yield func(*Scope) bool) {
	if s.kids == nil {
		return
	}
	last := s.kids.prev
	for kid := s.kids; ; {
		next := kid.next
		if !yield(kid) || kid == last {
			return
		}
		kid = next
	}
}

func (s *Scope) addKid(k *Scope) {
	if s.kids == nil {
		k.next, k.prev, s.kids = k, k, k
		return
	}
	first := s.kids
	k.next, k.prev = first, first.prev
	k.prev.next, first.prev = k, k
}

func (s *Scope) removeKid(k *Scope) {
	if k.next == k {
		s.kids = nil
	} else {
		k.prev.next, k.next.prev = k.next, k.prev
		if s.kids == k {
			s.kids = k.next
		}
	}
	k.next, k.prev = nil, nil
}
