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

// Enter opens the timeout in the running task.
func (t *Timeout) Enter(ctx context.Context, op string) error {
	w, err := Enter(ctx, op)
	if err != nil {
		return err
	}
	t.extra.timeout = true
	t.extra.deadline.Store(noDeadline)
	t.open(ctx, w.link(), w.task, &t.extra)
	return nil
}

// Loop returns the timeout's loop.
func (t *Timeout) Loop() *Loop { return t.loop() }

// Set sets the deadline. One that has passed expires in the next pass.
func (t *Timeout) Set(when time.Duration) {
	l := t.loop()
	t.extra.deadline.Store(int64(when))
	if when <= l.Now() {
		t.timer.Stop()
		l.ready.push((*timeoutExpiry)(t))
		return
	}
	t.timer.Set(l, when, (*timeoutExpiry)(t))
}

// Clear takes the deadline away.
func (t *Timeout) Clear() {
	t.extra.deadline.Store(noDeadline)
	t.timer.Stop()
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

// Leave closes the timeout. It reports whether err, with which the body
// ended, is owed to this timeout: it has expired, what is around it goes on,
// and err is a cancellation.
func (t *Timeout) Leave(err error) (timedOut bool) {
	t.over = true
	t.timer.Stop()
	timedOut = t.expired && err != nil && !t.isCutOff() && t.meansCanceled(err)
	t.close()
	return timedOut
}

// timeoutExpiry is the event that a timeout's deadline is reached.
type timeoutExpiry Timeout

func (e *timeoutExpiry) Fire() {
	t := (*Timeout)(e)
	if when, ok := t.deadline(); !ok || when > t.loop().Now() || t.over || t.Canceled() {
		return
	}
	t.expired = true
	t.cancel(ErrTimeout)
}

func (e *timeoutExpiry) Origin() string { return "timer" }
