package engine

import (
	"testing"
	"time"
)

// haltingClock is one in whose first reading the system lets others run.
type haltingClock struct{ readings time.Duration }

func (c *haltingClock) Now() time.Duration {
	if c.readings++; c.readings == 1 {
		time.Sleep(50 * time.Millisecond)
	}
	return c.readings
}

func TestClocksAreReadAtTheSameMoment(t *testing.T) {
	l := &Loop{clock: new(haltingClock)}
	if p := l.bothClocks(); p.time == 1 {
		t.Error("the reading counts which took 50 ms")
	}
}
