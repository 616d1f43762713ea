// Package poller lets a loop wait for the real world.
//
// For every system there is a function New, which returns the poller of that system;
// Portable works everywhere. A poller has three methods, those of engine.Poller:
//
//	Wait(timeout)  returns after Wake or when the timeout has passed; negative: never
//	Wake           makes the current or the next Wait return; any goroutine
//	Close          gives back what the system gave
//
// A wait is rounded up to a millisecond, as asyncio does, so that timers that
// were set microseconds apart are due together.
package poller

import "time"

// granularity is what a wait is rounded up to, as in asyncio.
const granularity = time.Millisecond

// longestWait bounds a wait, because the system may not take longer times. The loop then
// waits again.
const longestWait = 24 * time.Hour

func roundUp(d time.Duration) time.Duration {
	return (min(d, longestWait) + granularity - 1) / granularity * granularity
}

// A Clock is the real, monotonic clock.
type Clock struct{ origin time.Time }

// NewClock returns a clock whose origin is now.
func NewClock() *Clock { return &Clock{time.Now()} }

// Now returns the time since the origin.
func (c *Clock) Now() time.Duration { return time.Since(c.origin) }

// Origin returns the origin.
func (c *Clock) Origin() time.Time { return c.origin }

// Portable is a poller that needs nothing of the system.
type Portable struct {
	wake  chan struct{}
	timer *time.Timer
}

// NewPortable returns a Portable.
func NewPortable() *Portable {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &Portable{make(chan struct{}, 1), t}
}

// Wait waits for Wake or the timeout.
func (p *Portable) Wait(timeout time.Duration) error {
	if timeout < 0 {
		<-p.wake
		return nil
	}
	p.timer.Reset(roundUp(timeout))
	defer p.timer.Stop()
	select {
	case <-p.wake:
	case <-p.timer.C:
	}
	return nil
}

// Wake ends the current or the next Wait.
func (p *Portable) Wake() error {
	select {
	case p.wake <- struct{}{}:
	default: // there is one already
	}
	return nil
}

// Close does nothing.
func (p *Portable) Close() error { return nil }
