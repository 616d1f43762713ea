package engine

import (
	"math"
	"time"

	"github.com/asyncio-go/asyncio/internal/timers"
)

// A Timer makes an event ready when its deadline is reached. The zero Timer is not
// set. Loop only, and always the same loop.
type Timer struct{ timer timers.Timer[alarm] }

// An alarm is what a timer holds.
type alarm struct {
	event Event // set as long as the timer is
	slot  Slot  // the slot of the event, once it is ready
}

// Set sets the timer, in place of what it was set to before.
func (t *Timer) Set(l *Loop, when time.Duration, e Event) {
	t.Stop(l)
	t.timer.Payload.event = e
	l.timers.Set(&t.timer, when)
}

// SetNow makes the event ready at once, as if its deadline were reached.
func (t *Timer) SetNow(l *Loop, e Event) {
	t.Stop(l)
	l.pushInto(&t.timer.Payload.slot, e)
}

// Stop takes the event back, if the timer is set and the event has not fired.
func (t *Timer) Stop(l *Loop) {
	if t.timer.IsSet() || t.timer.Payload.slot != 0 {
		t.stop(l)
	}
}

func (t *Timer) stop(l *Loop) {
	if l.timers.Stop(&t.timer) {
		t.timer.Payload.event = nil
	} else {
		l.takeBack(&t.timer.Payload.slot)
	}
}

// when returns the timer's deadline; false if it is not set.
func (t *Timer) when() (time.Duration, bool) { return t.timer.When(), t.timer.IsSet() }

// expire makes the events of all timers ready that are due.
func (l *Loop) expire(now time.Duration) {
	for t, when := l.timers.Due(now); t != nil; t, when = l.timers.Due(now) {
		e := t.Payload.event
		t.Payload.event = nil
		l.pushInto(&t.Payload.slot, e)
		if tr := l.trace; tr != nil {
			tr.moment(record{kind: Expired, arg: uint64(when)}, nil, "")
		}
	}
}

// Now returns the loop's time. Any goroutine may call it.
func (l *Loop) Now() time.Duration { return l.clock.Now() }

// After returns the loop's time d from now; the latest time that there is, if that
// would be later. Any goroutine may call it.
func (l *Loop) After(d time.Duration) time.Duration {
	now := l.clock.Now()
	if d > math.MaxInt64-now {
		return math.MaxInt64
	}
	return now + d
}

// Time converts from the loop's time. Any goroutine may call it.
func (l *Loop) Time(d time.Duration) time.Time { return l.Epoch.Add(d) }

// At converts a point of time to the loop's time, and also returns it as the loop's clock
// shows it. A time that is too far away becomes the earliest or the latest time that
// there is. Any goroutine may call it.
//
// A loop on the real clock counts from a moment with a monotonic reading. For a point
// without a reading, the wall clock says how far from now it is, as in package net,
// because the wall clock may have been set since the loop began. A virtual clock counts
// from a moment without a reading; there, a point with a reading comes from the real
// clock, which says how far ahead it is.
func (l *Loop) At(t time.Time) (when time.Duration, shown time.Time) {
	switch read := hasReading(t); {
	case read == hasReading(l.Epoch):
		return t.Sub(l.Epoch), t
	case read:
		when = l.After(roundUp(time.Until(t)))
		return when, l.Time(when)
	default:
		return l.After(time.Until(t)), t
	}
}

// hasReading reports whether a time has a monotonic reading.
func hasReading(t time.Time) bool { return t != t.Round(0) }

// roundUp rounds up to a millisecond, so that the moment since a time was made
// makes no difference.
func roundUp(d time.Duration) time.Duration {
	if d <= 0 {
		return d
	}
	return (d + min(time.Millisecond-1, math.MaxInt64-d)).Truncate(time.Millisecond)
}
