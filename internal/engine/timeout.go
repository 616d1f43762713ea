package engine

import (
	"context"
	"math"
	"time"
)

// noDeadline is the deadline of a timeout that has none.
const noDeadline = math.MinInt64

// A Timeout is a scope that is canceled at a deadline. Loop only.
type Timeout struct {
	Scope
	extra   extra
	timer   Timer
	expired bool
	over    bool // it has been left
}

// Open opens the timeout in the running task.
func (t *Timeout) Open(ctx context.Context, op string) error {
	w, err := BeginUnchecked(ctx, op)
	if err != nil {
		return err
	}
	t.extra.timeout = true
	t.extra.deadline.Store(noDeadline)
	w.openScope(&t.Scope, ctx, &t.extra)
	return nil
}

// Opened reports whether the timeout was ever opened.
func (t *Timeout) Opened() bool { return t.task != nil }

// Loop returns the timeout's loop.
func (t *Timeout) Loop() *Loop { return t.loop() }

// SetAfter sets the deadline to a time from now. One that is not positive
// expires in the next pass.
func (t *Timeout) SetAfter(d time.Duration) { t.set(t.loop().After(d), d <= 0) }

// Set sets the deadline to a point of time. One that has passed expires in the
// next pass.
func (t *Timeout) Set(when time.Duration) { t.set(when, when <= t.loop().Now()) }

func (t *Timeout) set(when time.Duration, passed bool) {
	t.extra.deadline.Store(int64(when))
	if passed {
		t.timer.SetNow(t.loop(), (*timeoutExpiry)(t))
		return
	}
	t.timer.Set(t.loop(), when, (*timeoutExpiry)(t))
}

// Clear takes the deadline away.
func (t *Timeout) Clear() {
	t.extra.deadline.Store(noDeadline)
	t.timer.Stop(t.loop())
}

// When returns when the timeout expires, if it does.
func (t *Timeout) When() (time.Time, bool) { return t.ownDeadline() }

func (s *Scope) deadline() (time.Duration, bool) {
	if s.extra == nil || !s.extra.timeout {
		return 0, false
	}
	d := s.extra.deadline.Load()
	return time.Duration(d), d != noDeadline
}

// Expired reports whether it has expired.
func (t *Timeout) Expired() bool { return t.expired }

// Over reports whether it has been left.
func (t *Timeout) Over() bool { return t.over }

// Leave closes the timeout. err is what the body has returned, and Leave returns what
// becomes of it. A cancellation comes from what is around the timeout, if that is
// canceled; otherwise it comes from the timeout, if that has expired.
func (t *Timeout) Leave(err error) error {
	t.over = true
	t.timer.Stop(t.loop())
	if err != nil && t.MeansCanceled(err) {
		switch outer := t.OuterError(); {
		case outer == nil && t.expired:
			err = ErrTimeout
		case outer != nil && outer != ErrCanceled:
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
	t.expired = true // even if what is around it is canceled, which wins in Leave
	t.cancel(ErrExpired)
}

func (e *timeoutExpiry) Origin() string { return "timer" }
