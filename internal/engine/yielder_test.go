package engine

import (
	"testing"
	"time"
)

// steps is a clock on which every look takes as long.
type steps struct{ now, step time.Duration }

func (s *steps) Now() time.Duration {
	s.now += s.step
	return s.now
}

func TestYielder(t *testing.T) {
	// yields counts how often a loop yields that sleeps n times.
	yields := func(y *yielder, n int, c Clock, came bool) (count int) {
		for range n {
			if y.worth() {
				count++
				if y.yield(c, func() bool { return came }) != came {
					t.Error("it does not say what came")
				}
			}
		}
		return count
	}
	quick, slow := &steps{step: time.Microsecond}, &steps{step: time.Millisecond}
	t.Run("yields before every sleep while that pays", func(t *testing.T) {
		if n := yields(new(yielder), 1000, quick, true); n != 1000 {
			t.Errorf("%d yields before 1000 sleeps", n)
		}
	})
	t.Run("hardly ever yields where nothing comes of it", func(t *testing.T) {
		y := new(yielder)
		if n := yields(y, 100_000, quick, false); n > 40 {
			t.Errorf("%d yields before 100000 sleeps", n)
		}
		yields(y, 10_000, quick, true)
		if n := yields(y, 1000, quick, true); n != 1000 {
			t.Errorf("%d yields before 1000 sleeps, now that it pays", n)
		}
	})
	t.Run("nor where it takes long", func(t *testing.T) {
		if n := yields(new(yielder), 100_000, slow, true); n > 60 {
			t.Errorf("%d yields before 100000 sleeps", n)
		}
	})
}

// deadlinePoller notes when its Wait would end.
type deadlinePoller struct {
	countingPoller
	clock *steps
	end   time.Duration
}

func (p *deadlinePoller) Wait(timeout time.Duration) error {
	p.end = p.clock.now + timeout
	return nil
}

func TestSleep(t *testing.T) {
	t.Run("ends at the deadline, though others have run before it for long", func(t *testing.T) {
		c := &steps{step: 10 * time.Millisecond}
		p := &deadlinePoller{clock: c}
		l := new(Loop)
		l.Init(c, p, nil)
		var timer Timer
		timer.Set(l, time.Second, number(0))
		if err := l.sleep(); err != nil || p.end != time.Second {
			t.Errorf("it would end at %v; %v", p.end, err)
		}
	})
}
