package engine

import (
	"math"
	"strings"
	"time"
)

// A Selection is a wait for several things at once, of which the first to come ends it.
// It has a place among the Waiters of each. When the task is woken in one of these
// places, it is taken out of all others at that moment, and not when it runs: so no other
// wake-up is lost on it, and from then on nothing cuts the wait. So what Wait promises
// holds for a Selection as well.
//
// The Selection of a task is part of its worker, as its Wait is, and made when a task
// waits in one for the first time. Loop only.
type Selection struct {
	wait   *Wait
	places []place       // empty while the task runs
	woken  int           // the place that has ended the wait; -1: it was cut
	begun  time.Duration // since when times to pass count; -1: the first of them sets it
	until  time.Duration // when the wait ends at the latest
	timed  int           // the place that until is of; -1: of none

	outside   Outside // nil: no other goroutine waits in the task's stead
	outsideAt int     // the place of that
}

// An Outside lets another goroutine wait in place of a task, and do what the task waits
// for.
type Outside interface {
	// Stop ends the goroutine, and reports whether the goroutine has done it. Loop only.
	Stop() (done bool)
}

// A place is one of the things that a Selection waits for.
type place struct {
	Waiter
	of    *Selection
	on    *Waiters // nil: it is that of a timer
	why   Reason
	index int
}

// Select begins an operation in which the task may suspend several times, each time until
// the first of several things comes. Before each suspension, the caller takes places for
// them with Add, AddTimer and AddOutside.
func (w *Wait) Select() *Selection {
	k := w.task.worker
	if k.selects == nil {
		k.selects = &Selection{wait: &k.wait, timed: -1}
	}
	k.selects.begun = -1
	return k.selects
}

// Add takes a place in on for the next suspension; why says what the task waits for
// there.
func (s *Selection) Add(on *Waiters, why Reason) {
	s.places = append(s.places, place{of: s, on: on, why: why, index: len(s.places)})
}

// AddTimer takes a place that wakes the task when d has passed since the operation's first
// suspension. If there are several, the earliest counts, and of equal ones the first.
func (s *Selection) AddTimer(d time.Duration) {
	if s.begun < 0 {
		s.begun = s.wait.task.loop.Now()
	}
	when := s.begun + min(d, math.MaxInt64-s.begun)
	if s.timed < 0 || when < s.until {
		s.until, s.timed = when, len(s.places)
	}
	s.Add(nil, LabelTimer)
}

// AddOutside takes a place for something that another goroutine does in place of the
// task. When the goroutine has done it, the task is woken through on. If the task is
// woken in another place before, or its wait is cut, the goroutine is stopped at that
// moment. If the goroutine had done it by then, the wait has ended in its place, and the
// wake-up of the other place goes to the next in line.
func (s *Selection) AddOutside(x Outside, on *Waiters, why Reason) {
	s.outside, s.outsideAt = x, len(s.places)
	s.Add(on, why)
}

// Park suspends the task until one of the places wakes it, and returns the index of that.
// If the wait is cut, it returns the error of that.
func (s *Selection) Park() (woken int, err error) {
	w := s.wait
	if k := w.task.worker; k.called {
		s.answer(k)
	}
	for i := range s.places {
		if p := &s.places[i]; p.on != nil {
			p.node.Value = p
			p.on.Add(&p.Waiter)
		}
	}
	if s.timed >= 0 {
		w.timer.Set(w.task.loop, s.until, (*selectionExpiry)(s))
	}
	err = w.Park(nil, s)
	s.clear()
	if err != nil && s.woken >= 0 { // something had come before the cut
		err = nil
	}
	return s.woken, err
}

// answer calls worker.answer before any place is taken. If that panics, it drops the
// places, because the next selection of the task would take them for its own.
func (s *Selection) answer(k *worker) {
	panics := true
	defer func() {
		if panics {
			s.clear()
		}
	}()
	k.answer()
	panics = false
}

func (s *Selection) clear() {
	clear(s.places) // it keeps nothing alive
	s.places, s.timed, s.outside = s.places[:0], -1, nil
}

// wake is called when the place is the next to be woken in its list.
func (p *place) wake() {
	s := p.of
	s.wait.wake() // comes first, because it panics on a wrong goroutine
	s.end(p.index)
}

// end takes the task out of all lists. at is the place in which the wait ends; -1: it is
// cut. If that place is in a list, it stays there, and Waiters.Wake takes it out; it is
// out already if the wait had ended outside before.
func (s *Selection) end(at int) {
	s.woken = at
	if s.outside != nil && s.outside.Stop() && at != s.outsideAt {
		s.woken, at = s.outsideAt, -1
	}
	for i := range s.places {
		if i != at {
			s.places[i].Remove()
		}
	}
}

// selectionExpiry is the event that the deadline of a selection is reached.
type selectionExpiry Selection

func (e *selectionExpiry) Fire() {
	s := (*Selection)(e)
	s.end(s.timed)
	s.wait.wake()
}

func (e *selectionExpiry) Origin() Ref { return Ref{Label: LabelTimer} }

// waitUntil returns the wait of which an event is the deadline; nil: it is of none.
func waitUntil(e Event) *Wait {
	switch e := e.(type) {
	case *waitExpiry:
		return (*Wait)(e)
	case *selectionExpiry:
		return e.wait
	}
	return nil
}

// LabelSelect is what a task waits for that waits in a Selection.
var LabelSelect = NewLabel("select")

// Describe makes a selection the reason of a wait.
func (s *Selection) Describe() string {
	if len(s.places) == 0 {
		return LabelSelect.String()
	}
	return LabelSelect.String() + ": " + s.text()
}

// text says what the selection waits for.
func (s *Selection) text() string {
	var b strings.Builder
	for i := range s.places {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.places[i].why.Describe())
	}
	return b.String()
}

// selectsNamed bounds how many different selections are described in words to those who
// watch.
const selectsNamed = 1 << 10

// Ref makes a selection the reason of a wait. Its number stands for a text that says what
// the selection waits for; those who watch are told the text as the name of that number.
func (s *Selection) Ref(l *Loop) Ref {
	r := Ref{Label: LabelSelect}
	tr := l.trace
	if tr == nil || len(s.places) == 0 {
		return r
	}
	text := s.text()
	number, known := tr.selects[text]
	if !known && len(tr.selects) < selectsNamed {
		if tr.selects == nil {
			tr.selects = map[string]uint64{}
		}
		l.objects.made++
		number = l.objects.made
		tr.selects[text] = number
		tr.moment(record{kind: Named, arg: number, what: LabelSelect}, nil, text)
	}
	r.Number = number
	return r
}

// Awaited makes a selection an Awaited.
func (s *Selection) Awaited(yield func(*Future) bool) {
	for i := range s.places {
		why, ok := s.places[i].why.(Awaited)
		if !ok {
			continue
		}
		for f := range why.Awaited {
			if !yield(f) {
				return
			}
		}
	}
}

// blockers returns tasks of which one has to go on before the wait can end; none if the
// wait may end without them. state returns the state of what tasks share.
func (s *Selection) blockers(state func(Shared) ObjectState) (tasks []uint64) {
	for i := range s.places {
		by := uint64(0)
		switch why := s.places[i].why.(type) {
		case *Task:
			by = why.id
		case Shared:
			if o := state(why); o.Cap == 1 { // of several that have a permit, any may release it first
				by = o.Holder
			}
		}
		if by == 0 {
			return nil
		}
		tasks = append(tasks, by)
	}
	return tasks
}
