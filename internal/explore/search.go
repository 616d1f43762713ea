package explore

import "github.com/asyncio-go/asyncio/internal/engine"

// A Search makes one order after another. The caller runs the program in them:
//
//	s := explore.NewSearch(explore.Random, seed)
//	for run := s.Next(); run != nil && !failed; run = s.Next() {
//		// run the program in a world with run.Picker, observed by run.Timeline.Hooks()
//	}
//
// Find does so for programs that need nothing else.
type Search struct {
	by   explorer
	seed uint64
	runs int
	last *Run
}

// NewSearch returns a search that begins. All chance in it is of the seed.
func NewSearch(s Strategy, seed uint64) *Search { return &Search{by: s.start(), seed: seed} }

// Most returns how many runs the strategy itself wants at most, a negative number being no
// limit, if it has a say in that.
func (s *Search) Most() (runs int, bounded bool) {
	if all, ok := s.by.(*depthFirst); ok {
		return all.most, true
	}
	return 0, false
}

// Next returns the next run; nil: there are no more orders. The run before must have ended.
func (s *Search) Next() *Run {
	seed := Seed{s.seed, uint64(s.runs)}
	c := s.by.next(seed.rand(forSchedule), s.choices())
	if c == nil {
		return nil
	}
	s.runs++
	if s.by.steady() {
		seed.Run = 0
	}
	s.last = newRun(seed, c)
	return s.last
}

// choices are those of the run before.
func (s *Search) choices() []choice {
	if s.last == nil {
		return nil
	}
	return s.last.picker.made
}

// Runs returns how many runs there were.
func (s *Search) Runs() int { return s.runs }

// Strategy returns the name of what has made the last order.
func (s *Search) Strategy() string { return s.by.name() }

// Diverged says where the last run did not follow the run before, which Exhaustive
// requires; "" if it did. A program that does not follow depends on something that a
// schedule does not control.
func (s *Search) Diverged() string {
	if all, ok := s.by.(*depthFirst); ok {
		return all.diverged
	}
	return ""
}

// Left returns how many orders Exhaustive has left at least.
func (s *Search) Left() int {
	if all, ok := s.by.(*depthFirst); ok {
		return all.left(s.choices())
	}
	return 0
}

// A Run is one run of a program: what its loop needs, and what has happened in it.
type Run struct {
	Seed     Seed
	Timeline *Timeline
	Picker   engine.Picker // nil: the loop's own order

	picker *picker
	replay *replay
}

// NewRun returns a run in the loop's own order.
func NewRun(s Seed) *Run { return &Run{Seed: s, Timeline: newTimeline()} }

func newRun(s Seed, c chooser) *Run {
	r := NewRun(s)
	r.picker = &picker{choose: c, line: r.Timeline}
	r.Picker = r.picker
	return r
}

// NewReplay returns a run in the order of a schedule.
func NewReplay(s *Schedule) *Run {
	follow := &replay{remaining: s.choices}
	r := newRun(s.Seed, follow.choose)
	r.replay = follow
	return r
}

// Schedule returns what makes the same run again. The run must have ended.
func (r *Run) Schedule() *Schedule { return &Schedule{Seed: r.Seed, choices: r.picker.made} }

// Divergence says where a replay went another way than its schedule; "" if it did not.
func (r *Run) Divergence() string {
	if r.replay == nil {
		return ""
	}
	return r.replay.divergence()
}
