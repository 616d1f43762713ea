// Package recorded makes of a recording what a console tells of a program that runs, so
// that the console's page can show it.
package recorded

import (
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/trace"
)

const (
	frameRecords = 2000   // in one frame, as a console has them
	eventsShown  = 200    // in the detail of a task
	mostTasks    = 20_000 // in the state; the page keeps as many
	histogram    = 32     // buckets
)

// origin is the time at which a recording begins, because 0 means that a time is not known.
const origin = 1

// A Recording is a recording as the page reads it.
type Recording struct {
	*trace.Recording

	name  string
	loops map[int]*loop
}

// New returns a recording that is called by a name, as that of its file.
func New(r *trace.Recording, name string) *Recording {
	n := &Recording{Recording: r, name: name, loops: map[int]*loop{}}
	for _, number := range r.Loops() {
		n.loops[number] = newLoop(number)
	}
	for e := range r.Events() {
		n.loops[e.Loop].add(&e)
	}
	for _, l := range n.loops {
		l.final = l.state(n.end())
		l.final.Dropped = r.Dropped()
	}
	return n
}

// Hello describes the recording.
func (r *Recording) Hello() wire.Hello {
	h := wire.Hello{
		V: wire.Version, Program: r.name, Loops: []wire.Loop{}, Epoch: r.Start().UnixNano() - origin,
		Limits: wire.Limits{Seconds: math.MaxInt32, Ended: mostTasks, Records: frameRecords}, Length: int64(r.Length()),
	}
	for _, number := range r.Loops() {
		h.Loops = append(h.Loops, wire.Loop{ID: number, Name: fmt.Sprintf("loop %d", number)})
	}
	return h
}

// Find returns the number of a loop that is asked for; 0 stands for the first.
func (r *Recording) Find(number int) (int, error) {
	all := r.Loops()
	switch {
	case len(all) == 0:
		return 0, errors.New("the recording has no loop: the program has run none, or none was recorded")
	case number == 0:
		return all[0], nil
	case r.loops[number] == nil:
		return 0, fmt.Errorf("the recording has no loop %d: /v1/hello names those that it has", number)
	}
	return number, nil
}

// Frames yields what has happened on a loop, oldest first.
func (r *Recording) Frames(number int) iter.Seq[*wire.LiveFrame] {
	return func(yield func(*wire.LiveFrame) bool) {
		w := writer{loop: number, dropped: r.Dropped(), rows: map[string]int64{}, groups: map[uint64]string{}}
		w.begin(origin)
		for e := range r.Events() {
			if e.Loop != number {
				continue
			}
			if w.add(&e); len(w.frame.Rec) >= frameRecords && !yield(w.take(w.last)) {
				return
			}
		}
		yield(w.take(max(w.last, r.end())))
	}
}

func (r *Recording) end() int64 { return int64(r.Length()) + origin }

// State returns the state of a loop at the end of the recording, as far as that tells it.
func (r *Recording) State(number int) *wire.State { return r.loops[number].final }

// Task returns what is known of a task.
func (r *Recording) Task(number int, id uint64) (*wire.TaskDetail, error) {
	t := r.loops[number].tasks[id]
	if t == nil {
		return nil, fmt.Errorf("the recording has no task %d: look for its number in the list of tasks", id)
	}
	d := &wire.TaskDetail{Task: t.Task, Stack: []wire.Frame{}, Events: []wire.Event{}, Steps32: t.lengths}
	for e := range r.Events() {
		if e.Loop == number && e.Task == id {
			d.Events = append(d.Events, inWords(e))
		}
		if len(d.Events) > 2*eventsShown {
			d.Events = append(d.Events[:0], d.Events[len(d.Events)-eventsShown:]...)
		}
	}
	d.Events = d.Events[max(0, len(d.Events)-eventsShown):]
	return d, nil
}
