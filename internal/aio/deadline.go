package aio

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Deadline ends the waits of one direction of a connection. Loop only.
type Deadline struct {
	loop   *engine.Loop
	who    *engine.Waiters
	timer  engine.Timer
	passed bool
}

// Init sets whom it wakes.
func (d *Deadline) Init(l *engine.Loop, who *engine.Waiters) { d.loop, d.who = l, who }

// Passed reports whether it has been reached.
func (d *Deadline) Passed() bool { return d.passed }

// Set sets it, in place of what it was set to before; the zero time is none.
func (d *Deadline) Set(t time.Time) {
	d.Stop()
	d.passed = false
	if t.IsZero() {
		return
	}
	if ahead := d.ahead(t); ahead > 0 {
		d.timer.Set(d.loop, d.loop.After(ahead), d)
	} else {
		d.Fire()
	}
}

// Stop makes it forget its time.
func (d *Deadline) Stop() { d.timer.Stop(d.loop) }

// Fire is the event that it is reached.
func (d *Deadline) Fire() {
	d.passed = true
	d.who.WakeAll()
}

// Origin tells observers what woke a task.
func (d *Deadline) Origin() string { return "deadline" }

// ahead returns how far ahead t is. A time with a monotonic reading comes from
// the real clock, which the loop's need not be. It is rounded up, so that the
// moment since it was made makes no difference.
func (d *Deadline) ahead(t time.Time) time.Duration {
	if t == t.Round(0) {
		return d.loop.Since(t) - d.loop.Now()
	}
	left := time.Until(t)
	if left <= 0 {
		return 0
	}
	return (left + time.Millisecond - 1).Truncate(time.Millisecond)
}
