package console

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A tally is the sum of a task's events: its steps and its times. It takes a fraction of
// the memory of the task itself, and is forgotten with it.
type tally struct {
	id, parent uint64
	group      uint64
	name       string // if it was given one
	host       string // the simulated host that it is on
	site       *site
	begun      int64

	steps                         uint64
	busy, ready, waiting, longest int64
	lengths                       [buckets]uint32

	readyAt int64 // since when it is ready; 0: it is not, or that is not known
	woken   bool  // it is ready because something has woken it
	waitAt  int64 // since when it waits; 0: likewise
	due     int64 // when the sleep is over in which it is; 0: it is in none
	asked   int64 // since when it is asked to end

	// For the warning about tasks that spin; see tallies.spins.
	acted    bool   // the step has woken or created something
	windowed uint32 // steps since the last look ...
	idle     uint32 // ... and those that did nothing but yield
	spinning int    // looks in a row that saw it spin
	unseen   uint8  // snapshots in a row that did not have it
	ended    int64
	outcome  string
	err      string
}

const (
	keepEnded = 60 * time.Second // how long a task stays in the list after its end
	mostEnded = 10_000
	// idleStep is the longest step of a task that yields without having done
	// anything. One that computes, and yields to be fair, works longer between.
	idleStep = int64(10 * time.Microsecond)
)

// tallies are those of a loop.
type tallies struct {
	live    map[uint64]*tally
	ended   []*tally // oldest first
	byID    map[uint64]*tally
	spare   []*tally    // for tasks to come
	recent  [256]*tally // by the last digits of the ID: most records are about the same few tasks
	present uint64      // the task of the last record, if that was Present
	places  sites
}

func newTallies() *tallies {
	return &tallies{live: map[uint64]*tally{}, byID: map[uint64]*tally{}}
}

// of returns the tally of a task that lives, and begins one if there is none: its
// creation was lost, or the record comes early.
func (s *tallies) of(id uint64) *tally {
	t := s.known(id)
	if t == nil {
		t = s.begin(id)
	}
	return t
}

// known is of, but returns nil if there is none. A task that has ended has one, for its
// last step is told after its end.
func (s *tallies) known(id uint64) *tally {
	recent := &s.recent[id%uint64(len(s.recent))]
	if *recent == nil || (*recent).id != id {
		t := s.find(id)
		if t == nil {
			return nil
		}
		*recent = t
	}
	return *recent
}

// leave takes a task out of those that live.
func (s *tallies) leave(id uint64) {
	delete(s.live, id)
	s.recent[id%uint64(len(s.recent))] = nil
}

func (s *tallies) begin(id uint64) *tally {
	t := &tally{}
	if n := len(s.spare); n > 0 {
		t, s.spare = s.spare[n-1], s.spare[:n-1]
	}
	*t = tally{id: id}
	s.live[id] = t
	return t
}

// find returns the tally of a task that lives or has ended lately, or nil.
func (s *tallies) find(id uint64) *tally {
	if t := s.live[id]; t != nil {
		return t
	}
	return s.byID[id]
}

// spawned begins the tally of a task that is new, or was there already.
func (s *tallies) spawned(r *record, name string) {
	t := s.of(r.task)
	t.parent, t.group, t.name = r.arg, uint64(r.n), name
	if r.kind == engine.Spawned {
		t.begun, t.readyAt = r.at, r.at
		t.site = s.places.at(r.from)
	} else {
		s.present = r.task
	}
}

// named gives a task its name, of which the creation is lost. If the task is gone as well,
// no snapshot will have it, and it is forgotten: see reconcile.
func (s *tallies) named(r *record, name string) {
	if t := s.of(r.task); t.name == "" {
		t.parent, t.group, t.name = r.arg, uint64(r.n), name
	}
}

// stillWaits reports whether a record says what a task waits for that was there already,
// and tells of no step: it follows its Present.
func (s *tallies) stillWaits(r *record) bool {
	task := s.present
	if r.kind != engine.Named && r.kind != engine.Present {
		s.present = 0
	}
	return r.kind == engine.Waits && r.task == task && r.from == r.at
}

// step counts a step or a part of one. It returns its lag: for how long the task had
// waited for its turn after it was woken, or after a sleep was to be over; -1: it was
// not woken, or that is not known.
func (t *tally) step(r *record) (lag int64) {
	lag = -1
	length := r.at - r.from
	if t.readyAt != 0 {
		// A step is recorded as beginning where the step before has ended. Waking the
		// tasks whose time has come is no step, so a step may begin before its wake-up.
		d := max(r.from-t.readyAt, 0)
		t.ready += d
		if t.woken {
			lag = d
		}
		if t.woken && t.due != 0 {
			lag = max(r.from-t.due, d)
		}
	}
	t.readyAt, t.woken, t.waitAt, t.due = 0, false, 0, 0
	t.busy += length
	n := uint64(1)
	if r.kind == engine.Yields {
		n = max(r.arg, 1) // a record may stand for several steps
	}
	each := length / int64(n)
	t.longest = max(t.longest, each)
	switch r.kind {
	case engine.Pauses:
		return lag
	case engine.Yields:
		t.readyAt = r.at
		if !t.acted && each < idleStep {
			t.idle += uint32(n)
		}
	case engine.Waits:
		t.waitAt = r.at
		if r.label == engine.LabelSleep {
			t.due = r.at + int64(r.arg)
		}
	}
	t.acted = false
	t.steps += n
	t.windowed += uint32(n)
	t.lengths[bucketOf(each)] += uint32(n)
	return lag
}

// wake notes that a task is ready.
func (s *tallies) wake(r *record) {
	t := s.of(r.task)
	if t.waitAt != 0 {
		t.waiting += max(r.at-t.waitAt, 0)
	}
	t.waitAt, t.readyAt, t.woken = 0, r.at, true
	if r.label != engine.LabelTimer {
		t.due = 0 // it was canceled
	}
	if r.label == engine.LabelTask {
		s.acts(r.arg)
	}
}

// acts notes that the step of a task has done something for others.
func (s *tallies) acts(id uint64) {
	if t := s.known(id); t != nil {
		t.acted = true
	}
}

var outcomes = map[engine.Kind]string{
	engine.Returned: wire.Returned, engine.Failed: wire.Failed,
	engine.Canceled: wire.Canceled, engine.Panicked: wire.Panicked,
}

// end moves a task to those that have ended.
func (s *tallies) end(r *record, err string) {
	t := s.of(r.task)
	if t.ended != 0 {
		return
	}
	t.ended, t.outcome, t.err = r.at, outcomes[r.kind], err
	s.leave(t.id)
	s.ended = append(s.ended, t)
	s.byID[t.id] = t
	if len(s.ended) > mostEnded {
		s.forgetOldest()
	}
}

// forget drops the tasks that have ended long ago.
func (s *tallies) forget(now int64) {
	for len(s.ended) > 0 && now-s.ended[0].ended > int64(keepEnded) {
		s.forgetOldest()
	}
}

func (s *tallies) forgetOldest() {
	t := s.ended[0]
	s.ended[0] = nil
	s.ended = s.ended[1:]
	delete(s.byID, t.id)
	s.recent[t.id%uint64(len(s.recent))] = nil
	s.spare = append(s.spare, t)
}

// reconcile takes the lines of a snapshot as the truth: a task that is not in it has
// ended, even if the event was lost. But an event may come later than a snapshot that is
// newer than it, so a task has to be missing from several snapshots. To the lines it adds
// when and where the tasks were created.
func (s *tallies) reconcile(lines []wire.Task) {
	const patience = 3
	for _, t := range s.live {
		t.unseen++
	}
	for i := range lines {
		line := &lines[i]
		if t := s.live[line.ID]; t != nil {
			t.unseen = 0
			t.addOrigin(line)
		} else {
			empty(&line.Created)
		}
	}
	for id, t := range s.live {
		if t.unseen >= patience {
			s.leave(id)
		}
	}
}

// addOrigins adds to lines what reconcile does, where it was not known yet.
func (s *tallies) addOrigins(lines []wire.Task) {
	for i := range lines {
		if t := s.live[lines[i].ID]; t != nil {
			t.addOrigin(&lines[i])
		}
	}
}

// adopt makes tallies of the tasks of a snapshot whose creation is not known.
func (s *tallies) adopt(lines []wire.Task) {
	for i := range lines {
		line := &lines[i]
		if s.find(line.ID) != nil {
			continue
		}
		t := s.begin(line.ID)
		t.parent, t.group = line.Parent, line.Group
		if line.Name != nameOf(line.ID, "") {
			t.name = line.Name
		}
	}
}

// interrupt notes that events until now are lost. So it is not known, either, since when
// tasks wait or are ready.
func (s *tallies) interrupt() {
	s.present = 0
	for _, t := range s.live {
		t.readyAt, t.woken, t.waitAt, t.due = 0, false, 0, 0
		t.windowed, t.idle, t.spinning = 0, 0, 0
	}
}

// row is the line of a task that has ended.
func (t *tally) row() wire.Task {
	w := wire.Task{
		ID: t.id, Name: nameOf(t.id, t.name), Parent: t.parent, Group: t.group,
		State: wire.Done, Begun: t.begun, Since: t.ended, Ended: t.ended,
		Steps: t.steps, Busy: t.busy, Ready: t.ready, Waiting: t.waiting, Longest: t.longest,
		Canceled: t.asked, Outcome: t.outcome, Error: t.err,
	}
	t.addOrigin(&w)
	return w
}

// addOrigin says in the line of a task when and where that was created, and on which host.
func (t *tally) addOrigin(w *wire.Task) {
	w.Begun, w.Host = t.begun, t.host
	w.Created = t.site.stack()
	if w.Created == nil {
		w.Created = []wire.Frame{}
	} else {
		w.Place = t.site.place
	}
}
