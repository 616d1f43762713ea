package asynciotest

import (
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A deadline is one of a pipe's end, for reading or for writing.
type deadline struct {
	end     *pipeEnd
	changed *engine.Waiters // wakes when it has passed
	timer   *asyncio.TimerHandle
	passed  bool
}

func (d *deadline) set(t time.Time) {
	d.stop()
	d.passed = false
	if t.IsZero() {
		return
	}
	if ahead := d.ahead(t); ahead > 0 {
		d.timer = d.end.loop.CallLater(ahead, d.pass)
	} else {
		d.pass()
	}
}

func (d *deadline) pass() {
	d.passed = true
	d.changed.WakeAll()
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Cancel()
		d.timer = nil
	}
}

// ahead returns how far ahead t is. A time with a monotonic reading comes from
// the real clock. It is rounded up, so that the moment since it was made makes
// no difference.
func (d *deadline) ahead(t time.Time) time.Duration {
	if t == t.Round(0) {
		return t.Sub(d.end.loop.Now())
	}
	left := time.Until(t)
	if left <= 0 {
		return 0
	}
	return (left + time.Millisecond - 1).Truncate(time.Millisecond)
}
