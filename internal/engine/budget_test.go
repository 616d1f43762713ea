package engine

import (
	"testing"
	"time"
)

// A tickingClock is one that counts how often it is asked, and moves when it is told.
type tickingClock struct {
	now   time.Duration
	asked int
}

func (c *tickingClock) Now() time.Duration {
	c.asked++
	return c.now
}

const most = maxSpent / perOperation

// operations returns how many operations fit into a step, each of which moves some
// bytes and takes some time.
func operations(b *budget, step uint64, c *tickingClock, moved int, takes time.Duration) (n int) {
	for !spend(b, step, c) {
		n++
		b.spent += moved
		c.now += takes
	}
	return n
}

// spend is what Wait.Spend does up to the suspension.
func spend(b *budget, step uint64, c *tickingClock) (over bool) { return !b.spend(step) && b.isOver(c) }

func TestBudgetOfAStep(t *testing.T) {
	cases := []struct {
		what    string
		moved   int
		takes   time.Duration
		atLeast int
		atMost  int
	}{
		{"operations", 0, 0, most, most},
		{"small ones", 1, time.Microsecond, most - 1, most},
		{"bytes", 64 << 10, 0, 2, 2},
		{"more bytes", 1 << 20, 0, 1, 1},
		{"time", 1, 100 * time.Microsecond, 10, 18},
		{"much time", 1, 10 * time.Millisecond, 3, 3},
	}
	b, clock := new(budget), new(tickingClock)
	step := uint64(0)
	for range 3 { // the next step has as much
		for _, c := range cases {
			step++
			if n := operations(b, step, clock, c.moved, c.takes); n < c.atLeast || n > c.atMost {
				t.Errorf("%s: a step has %d operations, want %d to %d", c.what, n, c.atLeast, c.atMost)
			}
		}
	}
}

// An operation that takes long after many short ones does not have to wait for the
// end of what the clock is not asked in.
func TestBudgetWhoseOperationsBecomeLong(t *testing.T) {
	for short := range most {
		b, clock := new(budget), new(tickingClock)
		for range short {
			spend(b, 1, clock)
			clock.now += time.Microsecond
		}
		const long = 100 * time.Microsecond
		if n := operations(b, 1, clock, 0, long); n*int(long) > 4*int(maxStepTime) {
			t.Errorf("after %d short operations there were %d that take %v", short, n, long)
		}
	}
}

func TestBudgetAsksTheClockRarely(t *testing.T) {
	b, clock := new(budget), new(tickingClock)
	const steps = 1000
	for step := range uint64(steps) {
		spend(b, step+1, clock)
		spend(b, step+1, clock)
	}
	if clock.asked != 0 {
		t.Errorf("steps of two operations have asked the clock %d times", clock.asked)
	}
	operations(b, steps+1, clock, 0, 0)
	if clock.asked > 12 {
		t.Errorf("a step of %d operations has asked the clock %d times", most, clock.asked)
	}
}
