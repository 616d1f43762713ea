package trace

import "iter"

// A moment is one point in the history of a loop: an event that takes no time, or the
// beginning or the end of an event that does.
type moment struct {
	Event
	phase phase
}

type phase uint8

const (
	instant phase = iota
	begins
	ends
)

// sweep returns the events of all loops as moments, those of one loop in the order in which
// they were. A step is recorded at its end, so what happened in it is kept until then.
// A step that has not ended when the recording was taken begins and does not end.
func (r *Recording) sweep() iter.Seq[moment] {
	return func(yield func(moment) bool) {
		s := sweep{yield: yield, within: map[int][]Event{}}
		for e := range r.Events() {
			if !s.add(e) {
				return
			}
		}
		for _, l := range r.loops {
			if !s.finish(r, l) {
				return
			}
		}
	}
}

type sweep struct {
	yield  func(moment) bool
	within map[int][]Event // by loop: what comes in a step, or between two, that is still to come
}

func (s *sweep) add(e Event) bool {
	if !e.Kind.lasts() {
		s.within[e.Loop] = append(s.within[e.Loop], e)
		return true
	}
	before, inside, after := divide(s.within[e.Loop], e)
	s.within[e.Loop] = nil
	return s.instants(before) && s.yield(moment{e, begins}) &&
		s.instants(inside) && s.yield(moment{e, ends}) && s.instants(after)
}

// divide takes the events that were written before the end of a step, and returns those
// that come before the step, in it, and after it. The outcome of a task comes after its
// last step.
func divide(events []Event, step Event) (before, inside, after []Event) {
	for _, e := range events {
		switch {
		case e.Kind.isEnd() && step.Kind.isStep() && e.Task == step.Task:
			e.At = max(e.At, step.At)
			after = append(after, e)
		case isInside(e, step):
			inside = append(inside, e)
		default: // a step begins where the one before has ended, and so a hair too early
			e.At = min(e.At, step.From)
			before = append(before, e)
		}
	}
	return before, inside, after
}

// isInside looks at who did something, and not at the time alone: on a virtual clock a
// step takes no time, and a loop sleeps from the very moment at which its last step has
// ended. While the loop sleeps, only other goroutines do something.
func isInside(e, step Event) bool {
	if step.Kind == Slept && e.Kind != Began && e.Kind != Finished {
		return false
	}
	switch e.Kind {
	case Spawned, Asked:
		return step.Kind.isStep() && e.By == step.Task || step.Kind == Called && e.By == 0 && e.At > step.From
	case Present, Expired, Woken:
		return false
	default:
		return e.At >= step.From
	}
}

func (s *sweep) instants(events []Event) bool {
	for _, e := range events {
		if !s.yield(moment{e, instant}) {
			return false
		}
	}
	return true
}

// finish yields the events that belong to no ended step, and the beginning of the step
// that had not ended when the recording was taken.
func (s *sweep) finish(r *Recording, l loopInfo) bool {
	if !s.instants(s.within[l.number]) {
		return false
	}
	if l.running == 0 {
		return true
	}
	return s.yield(moment{Event{Kind: Yields, Loop: l.number, Task: l.running, From: l.since, At: r.length}, begins})
}
