package engine

import (
	"context"
	"time"
)

// The timers of package context go by the real clock. On a loop with a virtual clock, an
// hour may pass in a moment, so a wait could last longer than the deadline of such a
// context. Therefore such a loop sets a timer of its own for the deadline, and counts the
// context as ended when the timer expires, whatever the context itself says.

// deadlineOf returns when a context of package context ends in the loop's time. ok is
// false if the loop goes by the real clock, or if the context has no deadline of its own:
// scopes that it was derived from have their own timers, and a deadline from outside the
// loop goes by the real clock.
func (l *Loop) deadlineOf(ctx context.Context) (when time.Duration, ok bool) {
	at := inspect(ctx)
	d, has := ctx.Deadline()
	if !has || at.loop != l {
		return 0, false
	}
	if at.scope != nil {
		if inherited, has := at.scope.ownDeadline(); has && inherited.Equal(d) {
			return 0, false
		}
	}
	when, known := l.deadlines[d] // those derived from ctx have the same deadline
	if !known {
		when = l.Contexts.Deadline(d)
		if l.deadlines == nil {
			l.deadlines = map[time.Time]time.Duration{}
		}
		l.deadlines[d] = when
	}
	return when, true
}

// errOf is the Err of a context of package context, as the loop sees it.
func (l *Loop) errOf(ctx context.Context) error {
	err := ctx.Err()
	if err != nil || l.deadlines == nil {
		return err
	}
	if d, has := ctx.Deadline(); has {
		if when, known := l.deadlines[d]; known && when <= l.Now() {
			return context.DeadlineExceeded
		}
	}
	return nil
}

// causeOf is the cause of a context of package context, as the loop sees it.
func (l *Loop) causeOf(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return l.errOf(ctx)
}
