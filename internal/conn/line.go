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
func (n *Line) Origin() engine.Ref { return engine.Ref{Label: originDeadline} }

var originDeadline = engine.NewLabel("deadline")
