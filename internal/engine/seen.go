package engine

// seen is what a trace has counted of the task that a worker carries. All times are
// ticks.
type seen struct {
	task    uint64 // whose counts these are
	steps   uint64
	since   int64 // since when it is in its state; 0: that is not known
	busy    int64 // time in steps
	ready   int64 // time in which it could have run
	waiting int64
	longest int64 // its longest step
	asked   int64 // when it was asked to end; 0: it was not
	by      Ref   // what has woken it last
}

func (s *seen) of(t *Task) {
	if s.task != t.id {
		*s = seen{task: t.id}
	}
}

func (s *seen) step(t *Task, k Kind, from, now int64) {
	s.of(t)
	if s.since != 0 && s.since < from {
		s.ready += from - s.since
	}
	s.since = now
	s.busy += now - from
	s.longest = max(s.longest, now-from)
	if k != Pauses {
		s.steps++
	}
}

func (s *seen) wake(t *Task, by Ref, now int64) {
	s.of(t)
	if s.since != 0 {
		s.waiting += now - s.since
	}
	s.since, s.by = now, by
}
