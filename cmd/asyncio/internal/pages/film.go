package pages

import (
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/lessons/recording"
)

// A state is what a row does for a while.
type state uint8

const (
	ready state = iota
	running
	waiting
	beside // busy on a thread, or on another core
)

// A span is a stretch of one state: it begins when one event has happened, and ends when
// another has. Events are counted from 1; 0 is before all of them.
type span struct {
	state    state
	from, to int
	step     int           // running: which step of the task
	task     uint64        // of the row of the loop, and of threads: for whom
	label    string        // waiting: for what
	short    string        // the same in a word
	due      bool          // waiting: its timer has ended it ...
	until    time.Duration // ... that was due at that time, if the loop was free to see it then
	stuck    int           // waiting: since that event it is part of a deadlock; 0: it is not
}

// A mark is the end of a task.
type mark struct {
	at  int // the event
	how string
}

// A row is what one task, or thread, or the loop did.
type row struct {
	task  uint64 // or 0
	key   string
	name  string
	spans []span
	ends  []mark
	open  *span
}

func (r *row) enter(at int, s span) {
	r.leave(at)
	s.from = at
	r.open = &s
}

func (r *row) leave(at int) {
	if r.open == nil {
		return
	}
	r.open.to = at
	r.spans = append(r.spans, *r.open)
	r.open = nil
}

// theLoop is what the row of the loop is called, unless the lesson has a name for it.
const theLoop = "the loop"

// A film is a recording, prepared to be drawn: rows of spans.
type film struct {
	rec    *recording.Recording
	states *recording.Player
	loop   row // what the loop runs
	tasks  []*row
	rows   []*row // beside the loop
	steps  []span // all that the loop ran, for the scale

	holder map[uint64]uint64 // while rows are made: for whom a task waits that holds something
}

func newFilm(rec *recording.Recording) *film {
	f := &film{rec: rec, states: rec.Player(), loop: row{name: theLoop}, holder: map[uint64]uint64{}}
	for i := range rec.Events {
		f.add(i+1, &rec.Events[i])
	}
	last := len(rec.Events)
	f.loop.leave(last)
	for _, r := range slices.Concat(f.tasks, f.rows) {
		r.leave(last)
	}
	f.steps = f.loop.spans
	if f.at(last) > 0 {
		f.rows = slices.DeleteFunc(f.rows, func(r *row) bool { return !f.lasts(r) })
	}
	return f
}

// lasts tells whether a row beside the loop has anything to show: something that took no
// time at all, such as the wait for threads that have ended, would be an empty row.
func (f *film) lasts(r *row) bool {
	return slices.ContainsFunc(r.spans, func(s span) bool { return f.at(s.to) > f.at(s.from) })
}

func (f *film) add(at int, e *recording.Event) {
	switch e.Kind {
	case recording.Spawn:
		f.task(e.Task).enter(at, span{state: ready})
	case recording.Hold:
		f.task(e.Task).enter(at, span{state: waiting, label: "kept back by the limit"})
	case recording.Begin:
		delete(f.holder, e.Task)
		f.loop.enter(at, span{state: running, task: e.Task, step: e.Step})
		f.task(e.Task).enter(at, span{state: running, step: e.Step, task: e.Task})
	case recording.End:
		f.loop.leave(at)
		f.end(at, e)
	case recording.Call:
		f.loop.enter(at, span{state: running, label: e.Name})
	case recording.Called:
		f.loop.leave(at)
	case recording.Wake:
		f.wake(at, e)
	case recording.Done:
		r := f.task(e.Task)
		r.leave(at)
		r.ends = append(r.ends, mark{at, e.How})
	case recording.Row:
		f.beside(at, e)
	}
}

func (f *film) end(at int, e *recording.Event) {
	r := f.task(e.Task)
	switch e.How {
	case recording.Yields:
		r.enter(at, span{state: ready})
	case recording.Ends:
		r.leave(at)
	case recording.Pauses:
		r.enter(at, span{state: waiting, label: "pauses"})
	default:
		r.enter(at, span{state: waiting, label: waitWords(f.rec, e.Wait, e.T), short: shortWait(f.rec, e.Wait, e.T), until: deadline(e.Wait)})
		f.waits(at, e)
	}
}

func deadline(w *recording.Wait) time.Duration {
	if w == nil {
		return 0
	}
	return w.Until
}

// waits marks the waits of a deadlock once it is there: a cycle of tasks each of which
// waits for the next.
func (f *film) waits(at int, e *recording.Event) {
	if e.Wait == nil || e.Wait.Task == 0 {
		return
	}
	f.holder[e.Task] = e.Wait.Task
	for id, n := e.Wait.Task, 0; id != e.Task; id, n = f.holder[id], n+1 {
		if id == 0 || n > len(f.tasks) {
			return
		}
	}
	for id := f.holder[e.Task]; ; id = f.holder[id] {
		if r := f.task(id); r.open != nil {
			r.open.stuck = at
		}
		if id == e.Task {
			return
		}
	}
}

func (f *film) wake(at int, e *recording.Event) {
	delete(f.holder, e.Task)
	r := f.task(e.Task)
	if r.open == nil || r.open.state == running {
		return // it comes back on its own when its step is over
	}
	r.open.due = e.By != nil && e.By.Kind == "timer" && r.open.state == waiting
	r.enter(at, span{state: ready})
}

func (f *film) beside(at int, e *recording.Event) {
	i := slices.IndexFunc(f.rows, func(r *row) bool { return r.key == e.Row })
	if i < 0 {
		f.rows, i = append(f.rows, &row{key: e.Row, name: e.Row}), len(f.rows)
	}
	if e.Busy {
		f.rows[i].enter(at, span{state: beside, task: e.Task})
		return
	}
	f.rows[i].leave(at)
}

// task returns the row of a task. Tasks have rows in the order in which they appear.
func (f *film) task(id uint64) *row {
	for _, r := range f.tasks {
		if r.task == id {
			return r
		}
	}
	r := &row{task: id, name: taskName(f.rec, id)}
	f.tasks = append(f.tasks, r)
	return r
}

// color tells tasks apart: 0 is the first one, from which the others came.
func (f *film) color(id uint64) int {
	return slices.IndexFunc(f.tasks, func(r *row) bool { return r.task == id })
}

// at returns the time of the loop after so many events.
func (f *film) at(n int) time.Duration {
	if n <= 0 || len(f.rec.Events) == 0 {
		return 0
	}
	return f.rec.Events[min(n, len(f.rec.Events))-1].T
}

func (f *film) length() int { return len(f.rec.Events) }
