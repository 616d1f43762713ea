package conn

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Line is who waits for one direction of a connection, up to a deadline. It
// does not know its loop: there are two of it in every connection. The zero
// Line has no deadline. Loop only.
type Line struct {
	engine.Waiters
	timer  engine.Timer
	passed bool
}

// SetDeadline sets it, in place of what it was set to before; the zero time is
// none. Loop.At says how a time relates to the loop's clock.
func (n *Line) SetDeadline(l *engine.Loop, t time.Time) {
	n.Stop(l)
	n.passed = false
	if t.IsZero() {
		return
	}
	if when, _ := l.At(t); when > l.Now() {
		n.timer.Set(l, when, n)
	} else {
		n.Fire()
	}
}

// Stop makes it forget a deadline that is ahead.
func (n *Line) Stop(l *engine.Loop) { n.timer.Stop(l) }

// Passed reports whether the deadline has been reached.
func (n *Line) Passed() bool { return n.passed }

// Fire is the event that it is.
func (n *Line) Fire() {
	n.passed = true
	n.WakeAll()
}

// Origin tells observers what woke a task.
func (n *Line) Origin() string { return "deadline" }
