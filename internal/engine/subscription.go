package engine

import "context"

// A Subscription makes an event ready when what it waits for happens: when it
// is woken among Waiters, or posted by another goroutine. It does so once. Loop
// only, except where it says otherwise.
type Subscription struct {
	Waiter
	event Event // nil: it was removed
	loop  *Loop
	slot  Slot
}

// Init sets which event becomes ready, and on which loop. A Subscription that was
// posted must not be used again.
func (s *Subscription) Init(l *Loop, e Event) { s.node.Value, s.loop, s.event = s, l, e }

// Notify makes the event ready.
func (s *Subscription) Notify() { s.loop.pushInto(&s.slot, s.event) }

func (s *Subscription) wake() { s.Notify() }

// Post makes the event ready from any goroutine. The event must not be a
// Callback.
func (s *Subscription) Post() error { return s.loop.Post(s) }

// Fire makes a Subscription an event that another goroutine can post: only when it fires,
// on the loop, is it known whether the Subscription was removed meanwhile.
func (s *Subscription) Fire() {
	if s.event != nil {
		s.loop.fire(s.event)
	}
}

// Remove ends the subscription. Its event does not fire, even if it is in the ready
// queue already.
func (s *Subscription) Remove() {
	s.Waiter.Remove()
	if s.event != nil {
		s.loop.takeBack(&s.slot)
		s.event = nil
	}
}

// A contextWatch makes an event ready once a context of package context is
// done. The zero contextWatch watches none.
type contextWatch struct {
	Subscription
	stop     func() bool // nil: it watches none
	deadline Timer       // for a deadline that goes by the loop's time; see deadlineOf
}

func (w *contextWatch) start(l *Loop, ctx context.Context, e Event) {
	w.Init(l, e)
	if l.Contexts != nil {
		w.stop = l.Contexts.Watch(ctx, w.ended)
		if when, ok := l.deadlineOf(ctx); ok {
			w.deadline.Set(l, when, (*contextDeadline)(w))
		}
		return
	}
	w.stop = context.AfterFunc(ctx, func() { _ = w.Post() })
}

// ended makes the event ready: the context is done.
func (w *contextWatch) ended() {
	w.deadline.Stop(w.loop)
	w.Notify()
}

// contextDeadline is the event that a context has ended in the loop's time, and not
// yet in that of package context.
type contextDeadline contextWatch

func (e *contextDeadline) Fire() {
	w := (*contextWatch)(e)
	then := w.event
	w.end()
	then.Fire()
}

func (e *contextDeadline) Origin() Ref { return Ref{Label: LabelContext} }

// end undoes start.
func (w *contextWatch) end() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
		w.deadline.Stop(w.loop)
		w.Remove()
	}
}

// WhenEnded makes e ready once ctx has ended, unless stop is called before. Until
// then s holds its place.
func WhenEnded(ctx context.Context, s *Subscription, e Event) (stop func()) {
	at := inspect(ctx)
	if at.foreign != nil {
		w := new(contextWatch)
		w.start(at.loop, at.foreign, e)
		return w.end
	}
	s.Init(at.loop, e)
	switch {
	case at.scope == nil:
	case at.scope.Canceled():
		s.Notify()
	default:
		at.scope.standard().waiters.Add(&s.Waiter)
	}
	return s.Remove
}
