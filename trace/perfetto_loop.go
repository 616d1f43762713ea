package trace

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"
)

// loopTracks are the tracks of one loop.
type loopTracks struct {
	*perfetto
	track   uint64 // which task has the loop
	below   uint64 // the tracks of tasks are below this one
	counter uint64
	changes []change // of the number of ready tasks
	tasks   map[uint64]*taskTrack
	groups  map[uint64]uint64
	rows    map[string]*rowTrack
	hosted  map[uint64]string // the hosts of tasks
	hosts   map[string]*hostTrack
	now     time.Duration
}

// A taskTrack is the track of a task: the slice of its life, and in it one for each state.
type taskTrack struct {
	uuid  uint64
	state string // the open slice: "ready", "running", or what it waits for; "": none
	since time.Duration
	flow  uint64 // leads to the next slice
	ended bool
}

// A rowTrack is the track of a thread.
type rowTrack struct {
	uuid uint64
	busy bool
}

func (l *loopTracks) add(m moment) {
	at := m.At
	if m.phase == begins {
		at = m.From
	}
	l.now = max(l.now, at)
	switch {
	case m.Kind.isStep():
		l.step(m, at)
	case m.Kind == Called && m.phase == begins:
		l.event(at, sliceBegin, l.track, slice("callback", m.What))
	case m.Kind == Called:
		l.event(at, sliceEnd, l.track, nil)
	case m.Kind == Spawned || m.Kind == Present:
		l.born(m.Event)
	case m.Kind == Holding:
		l.enter(l.task(m.Event), at, "held back by its group")
	case m.Kind == Woken:
		l.wake(m.Event)
	case m.Kind.isEnd():
		l.die(m.Event)
	case m.Kind == Asked:
		l.event(at, instantEvent, l.task(m.Event).uuid, slice("asked", "asked to end"+m.by()))
	case m.Kind == Opened:
		l.open(m.Event)
	case m.Kind == Began || m.Kind == Finished:
		l.row(m.Event)
	case m.Kind == HostUp || m.Kind == HostDown:
		l.upOrDown(m.Event)
	case m.Kind == Sent || m.Kind == Lost:
		l.send(m.Event)
	}
}

func slice(category, name string) message {
	return message(nil).text(fieldCategory, category).text(fieldName, name)
}

const (
	stateReady   = "ready"
	stateRunning = "running"
)

// task returns the track of a task, and makes it if it has none.
func (l *loopTracks) task(e Event) *taskTrack {
	t := l.tasks[e.Task]
	if t != nil {
		return t
	}
	t = &taskTrack{uuid: l.perfetto.track(l.group(e.Group, e.Task), e.Name, message(nil).varint(fieldRank, e.Task))}
	l.tasks[e.Task] = t
	life := slice("task", e.Name).message(fieldAnnotation, annotated("task", e.Task))
	if e.By != 0 && (e.Kind == Spawned || e.Kind == Present) {
		life = life.message(fieldAnnotation, annotated("created by task", e.By))
	}
	for _, p := range e.Created {
		life = life.message(fieldAnnotation, annotation("created at", p.String()))
	}
	l.event(e.At, sliceBegin, t.uuid, life)
	return t
}

// group returns the track that a group's tasks are below. Those of no group are below that
// of their host, if they are on one.
func (l *loopTracks) group(number, task uint64) uint64 {
	if uuid := l.groups[number]; uuid != 0 {
		return uuid
	}
	if name := l.hosted[task]; name != "" {
		return l.host(name).uuid
	}
	return l.below
}

func (l *loopTracks) open(e Event) {
	name := e.Text
	if name == "" {
		name = "group " + strconv.FormatUint(e.Group, 10)
	}
	l.groups[e.Group] = l.perfetto.track(l.group(e.Number, e.Task), name+" of "+e.Name, nil)
}

func (l *loopTracks) born(e Event) {
	t := l.task(e)
	switch {
	case t.state != "":
	case e.What != "":
		l.enter(t, e.At, e.What)
	default:
		l.enter(t, e.At, stateReady)
		l.count(e.At, 1)
	}
}

// enter ends the slice of a task's state and begins another one.
func (l *loopTracks) enter(t *taskTrack, at time.Duration, state string) {
	l.leave(t, at)
	if t.ended {
		return
	}
	category := "waiting"
	if state == stateReady || state == stateRunning {
		category = state
	}
	s := slice(category, state)
	if t.flow != 0 {
		s = s.fixed(fieldFlowEnd, t.flow)
		t.flow = 0
	}
	l.event(at, sliceBegin, t.uuid, s)
	t.state, t.since = state, at
}

func (l *loopTracks) leave(t *taskTrack, at time.Duration) {
	if t.state != "" {
		l.event(at, sliceEnd, t.uuid, nil)
		t.state = ""
	}
}

func (l *loopTracks) step(m moment, at time.Duration) {
	t := l.task(m.Event)
	if m.phase == begins {
		if t.state == stateReady {
			l.count(at, -1)
		}
		l.enter(t, at, stateRunning)
		l.event(at, sliceBegin, l.track, slice(stateRunning, m.Name))
		return
	}
	l.event(at, sliceEnd, l.track, nil)
	switch {
	case m.Kind == Ends:
		l.leave(t, at)
	case m.Kind == Waits:
		l.enter(t, at, m.What)
	default:
		l.enter(t, at, stateReady)
		l.count(at, 1)
	}
}

// wake makes a task ready, with an arrow from the task that did it.
func (l *loopTracks) wake(e Event) {
	t := l.task(e)
	if by := l.tasks[e.By]; by != nil && e.By != e.Task {
		l.flows++
		t.flow = l.flows
		l.event(e.At, instantEvent, by.uuid, slice("wake", "wakes "+e.Name).fixed(fieldFlow, t.flow))
	}
	if t.state != stateRunning && t.state != stateReady {
		at := max(e.At, t.since) // it may have been woken before it began to wait
		l.enter(t, at, stateReady)
		l.count(at, 1)
	}
}

func (l *loopTracks) die(e Event) {
	t := l.task(e)
	if t.ended {
		return
	}
	if t.state == stateReady {
		l.count(e.At, -1) // it was ended before its turn
	}
	l.leave(t, e.At)
	outcome := message(nil).message(fieldAnnotation, annotation("outcome", e.Kind.String()))
	if e.Text != "" {
		outcome = outcome.message(fieldAnnotation, annotation("error", e.Text))
	}
	l.event(e.At, instantEvent, t.uuid, append(slice("end", e.Kind.String()), outcome...))
	l.event(e.At, sliceEnd, t.uuid, outcome)
	t.ended = true
}

// A change is one of the number of ready tasks.
type change struct {
	at time.Duration
	by int
}

func (l *loopTracks) count(at time.Duration, by int) {
	l.changes = append(l.changes, change{at, by})
}

// counts writes how many tasks were ready. It is called at the end, because a wake-up is
// recorded with the step that follows from it, and so after events that came before that
// step.
func (l *loopTracks) counts() {
	slices.SortStableFunc(l.changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	ready := 0
	for i, c := range l.changes {
		ready += c.by
		if i+1 == len(l.changes) || l.changes[i+1].at > c.at {
			l.event(c.at, counterEvent, l.counter, message(nil).varint(fieldCounterValue, uint64(max(0, ready))))
		}
	}
}

func (l *loopTracks) row(e Event) {
	key := e.What + "\n" + e.Row
	t := l.rows[key]
	if t == nil {
		t = &rowTrack{uuid: l.perfetto.track(processTrack, e.Row, message(nil).varint(fieldRank, rankOfRow(e.What)))}
		l.rows[key] = t
	}
	if t.busy {
		var outcome message
		if e.Kind == Finished && e.Text != "" {
			outcome = outcome.message(fieldAnnotation, annotation("error", e.Text))
		}
		l.event(e.At, sliceEnd, t.uuid, outcome)
	}
	if t.busy = e.Kind == Began; t.busy {
		l.event(e.At, sliceBegin, t.uuid, sliceOfRow(e))
	}
}

// rankOfRow puts threads below the tasks, and below them what is further away.
func rankOfRow(kind string) uint64 {
	if kind == labelThread {
		return 1 << 20
	}
	return 1<<20 + 1
}

// sliceOfRow is a time in which a row is busy. Its name has no id: slices of one name are
// added up by those who read them.
func sliceOfRow(e Event) message {
	name := cmp.Or(e.Text, e.What)
	if e.Task != 0 {
		name += " for " + e.Name
	}
	s := slice(e.What, name)
	if e.ID != "" {
		s = s.message(fieldAnnotation, annotation("id", e.ID))
	}
	return s
}

// close ends what has not ended when the recording was taken: Perfetto would draw it
// without an end.
func (l *loopTracks) close() {
	l.counts()
	end := max(l.now, l.recording.length)
	for _, id := range slices.Sorted(maps.Keys(l.tasks)) {
		if t := l.tasks[id]; !t.ended {
			if t.state == stateRunning {
				l.event(end, sliceEnd, l.track, nil)
			}
			l.leave(t, end)
			l.event(end, sliceEnd, t.uuid, nil)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(l.rows)) {
		if t := l.rows[key]; t.busy {
			l.event(end, sliceEnd, t.uuid, nil)
		}
	}
	l.closeHosts(end)
}
