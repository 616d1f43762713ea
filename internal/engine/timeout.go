package engine

import (
	"context"
	"sync/atomic"
	"time"
)

// noDeadline is the deadline of a timeout that has none.
var noDeadline time.Time

// A Timeout is a scope that is canceled at a deadline. Loop only, except where it
// says otherwise.
type Timeout struct {
	Scope
	extra    extra
	timer    Timer
	after    atomic.Int64              // the deadline that SetAfter has set, in the loop's time
	deadline atomic.Pointer[time.Time] // in place of it, what Set has set; nil: nothing
	Owner    any                       // what stands for the timeout outside the engine; see TimeoutOf
	Expired  bool                      // the deadline was reached before the body returned
	Over     bool                      // it has been left
	number   uint32                    // among the groups, once someone has looked; 0: no one has
}

// TimeoutOf returns the Owner of the innermost timeout that ctx is in, or nil. Any
// goroutine may call it.
func TimeoutOf(ctx context.Context) any {
	s, _ := ctx.Value(scopeKey).(*Scope)
	for ; s != nil; s = s.around() {
		if x := s.extra; x != nil && x.timeout != nil {
			return x.timeout.Owner
		}
	}
	return nil
}

// Open opens the timeout in the running task. Before anyone sees its context, SetAfter
// or Set has to be called.
func (t *Timeout) Open(ctx context.Context, op string) error {
	t.extra.timeout = t
	return t.openHere(ctx, op, &t.extra)
}

// SetAfter sets the deadline to a time from now. One that is not positive expires in
// the next pass. It is for a timeout whose deadline was not set before.
func (t *Timeout) SetAfter(d time.Duration) {
	when := t.Loop().After(d)
	t.after.Store(int64(when))
	t.set(when, d <= 0)
}

// Set sets the deadline to a point of time; the zero time removes it. A deadline that has
// passed expires in the next pass.
func (t *Timeout) Set(deadline time.Time) {
	if deadline.IsZero() {
		t.deadline.Store(&noDeadline)
		t.timer.Stop(t.Loop())
		return
	}
	when, shown := t.Loop().At(deadline)
	t.deadline.Store(&shown)
	t.set(when, when <= t.Loop().Now())
}

func (t *Timeout) set(when time.Duration, passed bool) {
	if passed {
		t.timer.SetNow(t.Loop(), (*timeoutExpiry)(t))
		return
	}
	t.timer.Set(t.Loop(), when, (*timeoutExpiry)(t))
}

// When returns when the timeout expires; false if it has no deadline. Any
// goroutine may call it.
func (t *Timeout) When() (time.Time, bool) {
	if set := t.deadline.Load(); set != nil {
		return *set, !set.IsZero()
	}
	return t.Loop().Time(time.Duration(t.after.Load())), true
}

// Leave closes the timeout. err is what the body has returned, and Leave returns the
// error of the whole. If err is a cancellation, it comes from the context around the
// timeout, if that is canceled; otherwise it comes from the timeout, if that has expired.
func (t *Timeout) Leave(err error) error {
	t.Over = true
	t.timer.Stop(t.Loop())
	if err != nil && t.MeansCanceled(err) {
		switch outer := t.OuterError(); {
		case outer == nil && t.Expired:
			err = ErrTimeout
		case outer == ErrCanceled:
			err = AsCanceled(err)
		case outer != nil:
			err = outer // a context of the standard library, of which err says nothing
		}
	}
	t.close()
	return err
}

// timeoutExpiry is the event that a timeout's deadline is reached.
type timeoutExpiry Timeout

func (e *timeoutExpiry) Fire() {
	t := (*Timeout)(e)
	t.Expired = true // even if what is around it is canceled, which wins in Leave
	t.cancel(ErrExpired)
}

func (e *timeoutExpiry) Origin() Ref { return Ref{Label: LabelTimer} }
