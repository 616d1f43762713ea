package engine

import (
	"context"
	"time"
)

// The timers of package context go by the real clock. Where the loop has a time of its
// own, an hour of which may pass in a moment, a wait would outrun the deadline of such
// a context. So there the loop has a timer for it, too, and takes the context for
// ended when that expires, whatever the context itself says.

// deadlineOf returns when a context of package context ends in the loop's time. It is
// false if the loop has no time of its own, or the context no deadline of its own: the
// scopes that it hangs on see to theirs, and what comes from outside the loop goes by
// the real clock.
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
