package virtual

import (
	"sync"
	"time"
)

// Package context makes a deadline of the real time and a duration, and tells only the
// deadline. To find the duration again, and to count it from the right point of
// virtual time, the world has to know when the context was made. When package context
// makes such a context, it asks the scope above for its deadline, an instant after it has
// read the clock; so the world learns of that moment.

// asked is when scopes were asked for their deadlines. Any goroutine asks.
type asked struct {
	mu   sync.Mutex
	last []moment // at most so many as are kept, the oldest at n
	n    int
}

// A moment is a point of real time, and of virtual time.
type moment struct {
	real    time.Time
	virtual time.Duration
}

const askedKept = 1 << 10

// A world takes all durations to be multiples of grain: a deadline is rounded up to it,
// as the real loop rounds its waits. Real time passes between the moment at which package
// context reads the clock and the moment at which it asks, but not more than madeWithin.
const (
	grain      = time.Millisecond
	madeWithin = 50 * time.Microsecond
)

// Asked makes contexts an engine.ContextWatcher.
func (c *contexts) Asked() {
	a := &c.asked
	a.mu.Lock()
	defer a.mu.Unlock()
	if m := (moment{time.Now(), c.world.Now()}); len(a.last) < askedKept {
		a.last = append(a.last, m)
	} else {
		a.last[a.n] = m
		a.n = (a.n + 1) % askedKept
	}
}

// Deadline makes contexts an engine.ContextWatcher. If it is not clear at which moment
// the context was made, it is taken to be new; and if the clock has moved before, the
// world is told that this is not certain.
func (c *contexts) Deadline(d time.Time) time.Duration {
	if made, ok := c.asked.whenMade(d); ok {
		return made.virtual + roundUp(d.Sub(made.real))
	}
	if c.world.Now() > 0 && c.world.Unsure != nil {
		c.world.Unsure()
	}
	return c.world.Now() + roundUp(time.Until(d))
}

// whenMade returns the moment that fits a deadline best: the one from which it is a
// whole number of grains away, but for the instant between reading the clock and
// asking.
func (a *asked) whenMade(d time.Time) (best moment, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	least := madeWithin
	for _, m := range a.last {
		left := d.Sub(m.real)
		if late := roundUp(left) - left; left > 0 && late < least {
			best, least, ok = m, late, true
		}
	}
	return best, ok
}

func roundUp(d time.Duration) time.Duration { return (d + grain - 1).Truncate(grain) }
