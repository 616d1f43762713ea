package recording

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// A State is the state of a program after some of its events. Do not change anything in
// it.
type State struct {
	T        time.Duration        `json:"t"`
	Pass     uint64               `json:"pass"`
	Ready    []Queued             `json:"ready"`    // the ready queue, first to run first
	Timers   []SetTimer           `json:"timers"`   // by deadline
	Running  *Running             `json:"running"`  // nil: nothing
	Tasks    map[uint64]TaskState `json:"tasks"`    // all that have come into being
	Groups   map[uint64]OpenGroup `json:"groups"`   // those that are open
	Rows     map[string]BusyRow   `json:"rows"`     // those that are busy
	Out      []Output             `json:"out"`      // all that was printed
	Sleeping *Sleeping            `json:"sleeping"` // nil: the loop works
}

// A Queued is something in the ready queue; see Item.
type Queued struct {
	Slot  uint64        `json:"slot"`
	Kind  string        `json:"kind"`
	Task  uint64        `json:"task,omitempty"`
	Name  string        `json:"name,omitempty"`
	Line  int           `json:"line,omitempty"`
	Since time.Duration `json:"since"`
}

// A SetTimer is a timer that is set.
type SetTimer struct {
	ID   uint64        `json:"id"`
	Task uint64        `json:"task,omitempty"`
	At   time.Duration `json:"at"`
	For  string        `json:"for"`
}

// A Running is what runs: a step of a task, or a callback.
type Running struct {
	Task     uint64        `json:"task,omitempty"`
	Step     int           `json:"step,omitempty"`
	Callback string        `json:"callback,omitempty"`
	Line     int           `json:"line,omitempty"`
	Since    time.Duration `json:"since"`
}

// The states of tasks.
const (
	StateReady   = "ready"
	StateRunning = "running"
	StateWaiting = "waiting"
	StateHeld    = "held"
	StateDone    = "done"
)

// A TaskState is the state of a task.
type TaskState struct {
	Name   string        `json:"name"`
	Parent uint64        `json:"parent,omitempty"`
	Group  uint64        `json:"group,omitempty"`
	State  string        `json:"state"`
	Since  time.Duration `json:"since"` // when State became what it is
	Wait   *Wait         `json:"wait,omitempty"`
	Line   int           `json:"line,omitempty"`
	Steps  int           `json:"steps,omitempty"` // how many have begun
	By     *Item         `json:"by,omitempty"`    // what has woken it last
	How    string        `json:"how,omitempty"`   // it has ended
	Error  string        `json:"error,omitempty"`
}

// An OpenGroup is a task group that is not over.
type OpenGroup struct {
	Name string `json:"name,omitempty"`
	Task uint64 `json:"task,omitempty"` // that has opened it
}

// A BusyRow is a thread, or another row beside the loop, that works for a task.
type BusyRow struct {
	Kind  string        `json:"kind"`
	Task  uint64        `json:"task,omitempty"`
	Since time.Duration `json:"since"`
}

// An Output is a line that was printed or reported.
type Output struct {
	T    time.Duration `json:"t"`
	Task uint64        `json:"task,omitempty"`
	Row  string        `json:"row,omitempty"`
	Text string        `json:"text"`
	Line int           `json:"line,omitempty"`
}

// A Sleeping loop waits for the world.
type Sleeping struct {
	Until time.Duration `json:"until,omitempty"` // its next deadline; 0: there is none
	Since time.Duration `json:"since"`
}

// newState returns the state before the first event.
func newState() *State {
	return &State{
		Ready: []Queued{}, Timers: []SetTimer{}, Out: []Output{},
		Tasks: map[uint64]TaskState{}, Groups: map[uint64]OpenGroup{}, Rows: map[string]BusyRow{},
	}
}

// clone returns a state that goes on by itself.
func (s *State) clone() *State {
	c := *s
	c.Ready, c.Timers, c.Out = slices.Clone(s.Ready), slices.Clone(s.Timers), slices.Clip(s.Out)
	c.Tasks, c.Groups, c.Rows = maps.Clone(s.Tasks), maps.Clone(s.Groups), maps.Clone(s.Rows)
	return &c
}

// Fold returns the state after the first n events.
func (r *Recording) Fold(n int) State {
	s := newState()
	r.fold(s, 0, n)
	return *s
}

// End returns the state after all events.
func (r *Recording) End() State { return r.Fold(len(r.Events)) }

// fold applies the events from one number to another.
func (r *Recording) fold(s *State, from, to int) {
	for i := range r.Events[from:to] {
		s.apply(r, &r.Events[from+i])
	}
}

// frameEvery is how many events there are from one key frame to the next.
const frameEvery = 64

// A Player returns the state after any number of events, and keeps some states so that
// this is fast. One goroutine at a time may use it.
type Player struct {
	recording *Recording
	frames    []*State // after every frameEvery events, as far as they were made
}

// Player returns a player of the recording.
func (r *Recording) Player() *Player {
	return &Player{recording: r, frames: []*State{newState()}}
}

// Len returns how many events there are.
func (p *Player) Len() int { return len(p.recording.Events) }

// At returns the state after the first n events, from 0 to Len.
func (p *Player) At(n int) State {
	for len(p.frames) <= n/frameEvery {
		last := len(p.frames) - 1
		next := p.frames[last].clone()
		p.recording.fold(next, last*frameEvery, (last+1)*frameEvery)
		p.frames = append(p.frames, next)
	}
	s := p.frames[n/frameEvery].clone()
	p.recording.fold(s, n/frameEvery*frameEvery, n)
	return *s
}

// apply lets one event happen. docs/design/tour.md says what it does, for this and for the
// page.
func (s *State) apply(r *Recording, e *Event) {
	s.T = e.T
	switch e.Kind {
	case Pass:
		s.Pass = e.N
	case Spawn:
		s.spawn(r, e)
	case Hold:
		s.change(e, func(t *TaskState) { t.become(StateHeld, e.T) })
	case Push:
		s.push(e)
	case Take:
		s.Ready = slices.DeleteFunc(s.Ready, func(q Queued) bool { return q.Slot == e.Slot })
	case Begin:
		s.Running = &Running{Task: e.Task, Step: e.Step, Since: e.T}
		s.change(e, func(t *TaskState) {
			t.become(StateRunning, e.T)
			t.Steps, t.Wait = e.Step, nil
		})
	case End:
		s.end(e)
	case Call:
		s.Running = &Running{Callback: e.Name, Since: e.T}
	case Called:
		s.Running = nil
	case Wake:
		s.change(e, func(t *TaskState) {
			t.By = e.By
			if !s.runs(e.Task) {
				t.become(StateReady, e.T)
			}
		})
	case Done:
		s.change(e, func(t *TaskState) {
			t.become(StateDone, e.T)
			t.How, t.Error, t.Wait = e.How, e.Error, nil
		})
	case Print, Report:
		s.Out = append(s.Out, Output{T: e.T, Task: e.Task, Row: e.Row, Text: e.Text, Line: e.Line})
	case Over:
		s.over()
	default:
		s.applyOther(e)
	}
	s.atLine(e)
}

// applyOther lets an event happen that is about no task.
func (s *State) applyOther(e *Event) {
	switch e.Kind {
	case Timer:
		s.Timers = append(s.Timers, SetTimer{ID: e.ID, Task: e.Task, At: e.At, For: e.For.What})
		slices.SortStableFunc(s.Timers, func(a, b SetTimer) int {
			return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
		})
	case Due, Stop:
		s.Timers = slices.DeleteFunc(s.Timers, func(t SetTimer) bool { return t.ID == e.ID })
	case Opened:
		s.Groups[e.Group] = OpenGroup{Name: e.Name, Task: e.Task}
	case Left:
		delete(s.Groups, e.Group)
	case Row:
		if e.Busy {
			s.Rows[e.Row] = BusyRow{Kind: e.RowKind, Task: e.Task, Since: e.T}
		} else {
			delete(s.Rows, e.Row)
		}
	case Asleep:
		s.Sleeping = &Sleeping{Until: e.Until, Since: e.T}
	case Awake:
		s.Sleeping = nil
	}
}

// change changes the state of an event's task.
func (s *State) change(e *Event, change func(*TaskState)) {
	if t, ok := s.Tasks[e.Task]; ok {
		change(&t)
		s.Tasks[e.Task] = t
	}
}

func (t *TaskState) become(state string, now time.Duration) {
	if t.State != state {
		t.State, t.Since = state, now
	}
}

func (s *State) runs(task uint64) bool { return s.Tasks[task].State == StateRunning }

func (s *State) spawn(r *Recording, e *Event) {
	t := TaskState{Group: e.Group, State: StateReady, Since: e.T}
	if e.Task >= 1 && e.Task <= uint64(len(r.Tasks)) {
		t.Name, t.Parent = r.Tasks[e.Task-1].Name, r.Tasks[e.Task-1].Parent
	}
	s.Tasks[e.Task] = t
}

func (s *State) push(e *Event) {
	if e.Item == nil {
		return
	}
	x := *e.Item
	s.Ready = append(s.Ready, Queued{Slot: e.Slot, Kind: x.Kind, Task: x.Task, Name: x.Name, Line: x.Line, Since: e.T})
	if t, ok := s.Tasks[x.Task]; ok && x.Kind == "task" && t.State != StateRunning && t.State != StateDone {
		t.become(StateReady, e.T)
		s.Tasks[x.Task] = t
	}
}

func (s *State) end(e *Event) {
	s.Running = nil
	s.change(e, func(t *TaskState) {
		switch e.How {
		case Yields:
			t.become(StateReady, e.T)
		case Waits:
			t.become(StateWaiting, e.T)
			t.Wait = e.Wait
		}
	})
}

func (s *State) over() {
	s.Running, s.Sleeping = nil, nil
	s.Ready, s.Timers = []Queued{}, []SetTimer{}
	s.Groups, s.Rows = map[uint64]OpenGroup{}, map[string]BusyRow{}
}

// atLine sets the current line of a task or callback from an event: of the task that
// spawns or cancels another one, otherwise of the event's task, or, if it has none, of
// the running callback.
func (s *State) atLine(e *Event) {
	if e.Line == 0 {
		return
	}
	task := e.Task
	if e.Kind == Spawn || e.Kind == Cancel {
		if task = 0; e.By != nil {
			task = e.By.Task
		}
	}
	if t, ok := s.Tasks[task]; ok {
		t.Line = e.Line
		s.Tasks[task] = t
	}
	if x := s.Running; x != nil && x.Task == task && e.Row == "" {
		changed := *x // an earlier state may have the other
		changed.Line = e.Line
		s.Running = &changed
	}
}

// Printed returns all that was printed, each line with its end.
func (s *State) Printed() string {
	var b strings.Builder
	for _, out := range s.Out {
		b.WriteString(out.Text + "\n")
	}
	return b.String()
}
