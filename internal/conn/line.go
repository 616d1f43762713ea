package conn

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Line is the tasks that wait for one direction of a connection, and its
// deadline. Every connection has two, so a Line does not hold a pointer to its
// loop. The zero Line has no deadline. Loop only.
type Line struct {
	engine.Waiters
	timer  engine.Timer
	passed bool
}

// SetDeadline sets it, in place of what it was set to before; the zero time is
// none.
func (n *Line) SetDeadline(l *engine.Loop, t time.Time) {
	n.Stop(l)
	n.passed = false
	if t.IsZero() {
		return
	}
	if left := ahead(l, t); left > 0 {
		n.timer.Set(l, l.After(left), n)
	} else {
		n.Fire()
	}
}

// Stop cancels a deadline that has not passed yet.
func (n *Line) Stop(l *engine.Loop) { n.timer.Stop(l) }

// Passed reports whether the deadline has been reached.
func (n *Line) Passed() bool { return n.passed }

// Fire is called when the deadline is reached.
func (n *Line) Fire() {
	n.passed = true
	n.WakeAll()
}

// Origin tells observers what woke a task.
func (n *Line) Origin() string { return "deadline" }

// ahead returns how far ahead t is. A time with a monotonic reading comes from
// the real clock, which the loop's need not be. It is rounded up, so that the
// moment since it was made makes no difference.
func ahead(l *engine.Loop, t time.Time) time.Duration {
	if t == t.Round(0) {
		return l.Since(t) - l.Now()
	}
	left := time.Until(t)
	if left <= 0 {
		return 0
	}
	return (left + time.Millisecond - 1).Truncate(time.Millisecond)
}
