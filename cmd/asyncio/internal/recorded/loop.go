package recorded

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/trace"
)

// A loop is the state of a loop after the events that were added.
type loop struct {
	number  int
	tasks   map[uint64]*task
	groups  map[uint64]*wire.Group
	objects map[uint64]wire.Object
	threads map[string]wire.Thread
	begun   uint64 // rows, as the writer numbers them
	hosts   []wire.Host
	busy    int64
	lag     [histogram]uint64
	final   *wire.State // at the end
}

// A task is the line of a task, and what it is made of.
type task struct {
	wire.Task
	lengths []uint64 // how many steps took less than 2^i microseconds
	woken   bool     // it is ready because something has woken it
}

func newLoop(number int) *loop {
	return &loop{
		number: number, tasks: map[uint64]*task{}, groups: map[uint64]*wire.Group{},
		objects: map[uint64]wire.Object{}, threads: map[string]wire.Thread{},
	}
}

// task returns a task, also if the recording does not say how it came to be.
func (l *loop) task(e *trace.Event) *task {
	t := l.tasks[e.Task]
	if t == nil {
		t = &task{lengths: make([]uint64, histogram)}
		t.ID, t.Name, t.State, t.Created = e.Task, e.Name, wire.Ready, []wire.Frame{}
		l.tasks[e.Task] = t
	}
	return t
}

// add takes in an event.
func (l *loop) add(e *trace.Event) {
	switch e.Kind {
	case trace.Opened:
		l.groups[e.Group] = &wire.Group{ID: e.Group, Kind: "group", Name: e.Text, Owner: e.Task, Parent: e.Number}
	case trace.Named:
		l.objects[e.Number] = wire.Object{ID: e.Number, Kind: e.What, Name: e.Text}
	case trace.Began:
		l.begun++
		l.threads[e.What+"\n"+e.Row] = wire.Thread{ID: l.begun, Kind: e.What, Name: e.Row, What: doneBy(e), Task: e.Task, Since: at(e.At)}
	case trace.Finished:
		delete(l.threads, e.What+"\n"+e.Row)
	case trace.HostUp, trace.HostDown:
		l.host(e)
	case trace.Called:
		l.busy += int64(e.At - e.From)
	case trace.Sent, trace.Lost, trace.Left, trace.Slept:
	default:
		if e.Task != 0 {
			l.ofTask(l.task(e), e)
		}
	}
}

// doneBy says what a row that begins does, in words.
func doneBy(e *trace.Event) string { return strings.TrimSpace(e.Text + " " + e.ID) }

func (l *loop) host(e *trace.Event) {
	i := slices.IndexFunc(l.hosts, func(h wire.Host) bool { return h.Name == e.Host })
	if i < 0 {
		i = len(l.hosts)
		l.hosts = append(l.hosts, wire.Host{Name: e.Host})
	}
	l.hosts[i].Up, l.hosts[i].Since = e.Kind == trace.HostUp, at(e.At)
}

// ofTask takes in an event that is about a task.
func (l *loop) ofTask(t *task, e *trace.Event) {
	switch e.Kind {
	case trace.Spawned, trace.Present:
		t.come(e)
	case trace.Hosted:
		t.Host = e.Host
	case trace.Holding:
		t.turn(wire.Held, at(e.At))
	case trace.Yields, trace.Waits, trace.Ends, trace.Pauses:
		l.step(t, e)
	case trace.Woken:
		if t.State == wire.Waiting {
			t.Waiting += at(e.At) - t.Since
		}
		t.turn(wire.Ready, at(e.At))
		t.By, t.woken = e.What, true
	case trace.Returned, trace.Failed, trace.Canceled, trace.Panicked:
		t.turn(wire.Done, at(e.At))
		t.Ended, t.Outcome, t.Error = at(e.At), e.Kind.String(), e.Text
	case trace.Asked:
		if t.Canceled == 0 {
			t.Canceled = at(e.At)
		}
	}
}

// come notes how a task came to be, or that it was there before the recording.
func (t *task) come(e *trace.Event) {
	t.Name, t.Parent, t.Group = e.Name, e.By, e.Group
	if e.Kind == trace.Present {
		if e.What != "" {
			t.waits(e.What, 0, at(e.At))
		}
		return
	}
	t.Begun = at(e.At)
	t.turn(wire.Ready, at(e.At))
	for _, p := range e.Created {
		t.Created = append(t.Created, wire.Frame{Func: path.Base(p.Function), File: p.File, Line: p.Line})
	}
	if len(t.Created) > 0 {
		t.Place = t.Created[0].File + ":" + strconv.Itoa(t.Created[0].Line)
	}
}

// turn begins another state.
func (t *task) turn(state string, since int64) {
	t.State, t.Since, t.Wait, t.By, t.woken = state, since, nil, "", false
}

// waits notes what a task waits for; by is the task that it awaits, if it does that.
func (t *task) waits(what string, by uint64, since int64) {
	t.turn(wire.Waiting, since)
	t.Wait = &wire.Wait{Kind: wordOf(what), Name: nameIn(what), Text: what, Since: since, By: []uint64{}}
	if by != 0 {
		t.Wait.By = append(t.Wait.By, by)
	}
}

// step counts a step, or a part of one.
func (l *loop) step(t *task, e *trace.Event) {
	length, from := int64(e.At-e.From), at(e.From)
	if t.State == wire.Ready && t.Since != 0 {
		d := max(from-t.Since, 0)
		t.Ready += d
		if t.woken {
			l.lag[bucket(d)]++
		}
	}
	t.Busy += length
	l.busy += length
	steps := uint64(1)
	if e.Kind == trace.Yields {
		steps = max(e.Number, 1)
	}
	t.Longest = max(t.Longest, length/int64(steps))
	if e.Kind != trace.Pauses {
		t.Steps += steps
		t.lengths[bucket(length/int64(steps))] += steps
	}
	switch {
	case e.Kind == trace.Waits:
		t.waits(e.What, e.By, at(e.At))
		o := l.objects[e.Number]
		switch {
		case wordOf(e.What) == "sleep" && e.Number != 0:
			t.Wait.Until = at(e.At) + int64(e.Number)
		case o.Name != "" && strings.HasSuffix(e.What, strconv.Quote(o.Name)): // no other number is meant
			t.Wait.Obj = o.ID
		}
	case t.State != wire.Done:
		t.turn(wire.Ready, at(e.At))
	}
}

// bucket returns i for a time of less than 2^i microseconds, and not less than half of that.
func bucket(ns int64) int { return min(bits.Len64(uint64(max(ns, 0)/1000)), histogram-1) }

// state returns the state at a time, which is the end.
func (l *loop) state(at int64) *wire.State {
	s := &wire.State{Full: true, Gone: []uint64{}}
	s.Loop, s.At, s.Hosts = l.number, at, l.hosts
	s.Tasks, s.Truncated = l.lines()
	s.Groups, s.Objects = l.usedGroups(), l.usedObjects()
	s.Timers, s.Pools, s.Warnings, s.Threads = []wire.Timer{}, []wire.Pool{}, []wire.Warning{}, []wire.Thread{}
	for _, key := range slices.Sorted(maps.Keys(l.threads)) {
		s.Threads = append(s.Threads, l.threads[key])
	}
	s.Stats.Lag = l.lag[:]
	s.Stats.P50, s.Stats.P99 = quantile(l.lag[:], 0.5), quantile(l.lag[:], 0.99)
	if at > origin {
		s.Stats.Busy = min(float64(l.busy)/float64(at-origin), 1)
	}
	for i := range s.Tasks {
		if s.Tasks[i].State != wire.Done {
			s.Stats.Live++
		}
		if s.Tasks[i].State == wire.Ready {
			s.Stats.Ready++
		}
	}
	return s
}

// lines returns the lines of the tasks, those that have ended last. If there are too many,
// the ones that have ended first are left out.
func (l *loop) lines() (lines []wire.Task, left int) {
	lines = []wire.Task{}
	for _, t := range l.tasks {
		lines = append(lines, t.Task)
	}
	if left = len(lines) - mostTasks; left > 0 {
		end := func(t wire.Task) int64 {
			if t.State != wire.Done {
				return math.MaxInt64
			}
			return t.Ended
		}
		slices.SortFunc(lines, func(a, b wire.Task) int { return cmp.Or(cmp.Compare(end(b), end(a)), cmp.Compare(b.ID, a.ID)) })
		lines = lines[:mostTasks]
	}
	slices.SortFunc(lines, func(a, b wire.Task) int {
		return cmp.Or(cmp.Compare(min(a.Ended, 1), min(b.Ended, 1)), cmp.Compare(a.ID, b.ID))
	})
	return lines, max(left, 0)
}

// usedGroups are the groups that have, or had, a task. Those that are over are among
// them, because their tasks are shown as well.
func (l *loop) usedGroups() []wire.Group {
	used := map[uint64]bool{}
	for _, t := range l.tasks {
		g := l.groups[t.Group]
		if g == nil {
			continue
		}
		if t.State != wire.Done {
			g.Children++
		}
		for ; g != nil && !used[g.ID]; g = l.groups[g.Parent] {
			used[g.ID] = true
		}
	}
	groups := []wire.Group{}
	for _, id := range slices.Sorted(maps.Keys(used)) {
		groups = append(groups, *l.groups[id])
	}
	return groups
}

// usedObjects are the objects with names for which tasks wait.
func (l *loop) usedObjects() []wire.Object {
	waiters := map[uint64]int{}
	for _, t := range l.tasks {
		if t.Wait != nil && t.Wait.Obj != 0 {
			waiters[t.Wait.Obj]++
		}
	}
	objects := []wire.Object{}
	for _, number := range slices.Sorted(maps.Keys(waiters)) {
		o := l.objects[number]
		o.Waiters = waiters[number]
		objects = append(objects, o)
	}
	return objects
}

// quantile returns an upper bound of what the given share of the waits were, as a console
// has it.
func quantile(counts []uint64, share float64) int64 {
	var total uint64
	for _, n := range counts {
		total += n
	}
	rest := uint64(share * float64(total))
	for i, n := range counts {
		if n > rest {
			return 1000 << i
		}
		rest -= n
	}
	return 0
}
