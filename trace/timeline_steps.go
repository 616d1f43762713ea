package trace

import (
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/timeline"
)

// steps are the steps of a loop, which are the places on the axis of a chart.
type steps struct {
	times []time.Duration // when each of them began
	begun int             // how many have
	now   time.Duration   // the place
	last  time.Duration   // when the recording was taken
}

// chartOfSteps returns a chart in which each step of a task takes timeline.PerStep.
func (r *Recording) chartOfSteps() timeline.Chart {
	d := drawing{steps: &steps{last: r.length}}
	var ticks []timeline.Tick
	for m := range r.sweep() {
		if !m.Kind.isStep() || m.phase != begins {
			continue
		}
		all := &d.steps.times
		if n := len(*all); n == 0 || m.From > (*all)[n-1] {
			ticks = append(ticks, timeline.Tick{At: placeOf(n), Time: m.From})
		}
		*all = append(*all, m.From)
	}
	for m := range r.sweep() {
		d.add(m)
	}
	c := d.builder.Chart(placeOf(len(d.steps.times)))
	c.Ticks = ticks
	return c
}

func placeOf(step int) time.Duration { return time.Duration(step) * timeline.PerStep }

// place returns the place of a moment: a step takes one, and what is between two steps is
// where the first one ends.
func (s *steps) place(m moment) time.Duration {
	switch {
	case !m.Kind.isStep():
	case m.phase == begins:
		s.now = placeOf(s.begun)
		s.begun++
	default:
		s.now = placeOf(s.begun)
	}
	return s.now
}

// arrival returns the place at which something arrives that is sent now: the first step
// that may know of it.
func (s *steps) arrival(e Event) time.Duration {
	if e.Arrives == e.At {
		return s.now
	}
	i, found := slices.BinarySearch(s.times, e.Arrives)
	if !found && i == len(s.times) && e.Arrives > s.last {
		i++ // it is on its way still
	}
	return max(placeOf(i), s.now)
}
