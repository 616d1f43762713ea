package engine

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A Snapshot is the state of a loop. Once it has been handed over, one goroutine may use
// it, on or off the loop. It calls Complete first, which does the work that need not be
// done on the loop, and Release when it no longer needs the snapshot.
type Snapshot struct {
	From, To uint64        // the passes in which it was begun and ended
	At       time.Duration // when it was ended, in the loop's time, as all times of it are
	Stats    Stats
	Tasks    []*TaskView // by number
	Groups   []GroupView
	Objects  []ObjectView
	Timers   []TimerView   // the next ones, earliest first
	Stranded bool          // see Loop.Stranded
	Slept    time.Duration // how long the loop has waited for the world, since Traced
	Traced   time.Duration // since when someone has watched
	Begun    time.Duration // when the snapshot was begun: Slept is until then

	parts []*viewPart
}

// A viewPart is room for lines of tasks. It is used again, so that the loop does not
// allocate megabytes each time.
type viewPart struct {
	length int
	views  [partLength]TaskView
}

const partLength = 100

var viewParts = sync.Pool{New: func() any { return new(viewPart) }}

// add returns the place for the line of a task.
func (s *Snapshot) add() *TaskView {
	if n := len(s.parts); n == 0 || s.parts[n-1].length == partLength {
		s.parts = append(s.parts, viewParts.Get().(*viewPart))
	}
	p := s.parts[len(s.parts)-1]
	p.length++
	return &p.views[p.length-1]
}

// lines returns how many tasks were written down.
func (s *Snapshot) lines() int {
	n := len(s.parts)
	if n == 0 {
		return 0
	}
	return (n-1)*partLength + s.parts[n-1].length
}

// Complete fills in what can be computed from the rest of the snapshot. Any goroutine may
// call it, once.
func (s *Snapshot) Complete() {
	kids := map[uint64][]uint64{} // by the groups that someone waits for
	for _, p := range s.parts {
		for i := range p.views[:p.length] {
			t := &p.views[i]
			s.Tasks = append(s.Tasks, t)
			if t.Wait.Label == LabelGroup {
				kids[t.Wait.Number] = nil
			}
		}
	}
	s.dropRepeated()
	for _, t := range s.Tasks {
		if all, awaited := kids[uint64(t.Group)]; awaited {
			kids[uint64(t.Group)] = append(all, t.ID)
		}
	}
	for _, t := range s.Tasks {
		t.complete(kids)
	}
}

// dropRepeated puts the tasks in order, and drops repetitions: a walk may meet a task
// twice.
func (s *Snapshot) dropRepeated() {
	slices.SortStableFunc(s.Tasks, func(a, b *TaskView) int { return cmp.Compare(a.ID, b.ID) })
	s.Tasks = slices.CompactFunc(s.Tasks, func(a, b *TaskView) bool { return a.ID == b.ID })
	known := make(map[uint32]bool, len(s.Groups))
	s.Groups = slices.DeleteFunc(s.Groups, func(g GroupView) bool {
		before := known[g.Number]
		known[g.Number] = true
		return before
	})
}

// complete says in words what need not be said on the loop.
func (t *TaskView) complete(kids map[uint64][]uint64) {
	if t.Name == "" {
		t.Name = "Task-" + strconv.FormatUint(t.ID, 10)
	}
	switch t.Wait.Label {
	case LabelSleep:
		if t.Text = t.Wait.Label.String(); t.Wait.Number != 0 { // how long it is was noted for who watches
			t.Text += " " + time.Duration(t.Wait.Number).String()
		}
	case LabelGroup:
		t.By = kids[t.Wait.Number]
	}
}

// Release gives the lines of the tasks back. What they point to remains.
func (s *Snapshot) Release() {
	for _, p := range s.parts {
		clear(p.views[:p.length])
		p.length = 0
		viewParts.Put(p)
	}
	s.parts, s.Tasks = nil, nil
}

// A TaskView is a task in a Snapshot. Times that are not known are 0.
type TaskView struct {
	ID, Parent uint64
	Group      uint32 // the group that it is a child of; 0: of none
	Name       string
	State      TaskState
	Wait       Ref      // TaskWaiting: for what
	Text       string   // the same in words
	Until      int64    // when the wait ends by itself
	By         []uint64 // the tasks that end the wait: those that are awaited, or hold what is waited for
	WokenBy    Ref      // TaskReady: what has woken it

	Stack []byte // if it was asked for

	Since time.Duration // since when it is in its state
	Known bool          // since when that is
	About bool          // the task may have been in its state for longer: no one watched then

	// Counts, as long as someone has watched.
	Steps                         uint64
	Busy, Ready, Waiting, Longest time.Duration
	Asked                         time.Duration // since when it is asked to end
	Canceled                      bool          // it is asked to end

	task *Task
}

// A GroupView is a scope that a task has open: a group or a timeout.
type GroupView struct {
	Number   uint32
	Name     string
	Timeout  bool
	Owner    uint64 // the task
	Parent   uint32 // the group or timeout around it; 0: there is none
	Limit    int    // 0: there is none
	Running  int
	Held     int
	Children int
	Errors   int
	Deadline time.Duration // of a timeout, or of a group by CancelAfter; 0: there is none
}

// An ObjectView is something that tasks share.
type ObjectView struct {
	Number uint64
	Name   string
	ObjectState
	Since time.Duration // since when it is held
}

// A TimerView is a deadline to come.
type TimerView struct {
	At   time.Duration
	For  Ref
	Task uint64 // 0: none, or it is not known which
}

const (
	// tasksAtOnce bounds how many tasks, and objects, are looked at in one pass.
	tasksAtOnce  = 200
	stacksAtOnce = 50
	timersShown  = 100
	// timersLookedAt bounds how many are looked at for that.
	timersLookedAt = 50_000
)

// Snapshot calls done with a snapshot, which it takes over several passes, so that the
// loop can do other things in between. done is called on the loop, as an event, and must
// do little. Loop only.
func (l *Loop) Snapshot(done func(*Snapshot)) {
	(&snapshot{loop: l, done: done, atOnce: tasksAtOnce}).begin()
}

// SnapshotStacks is Snapshot with the stacks of all tasks. It takes some microseconds for
// each. The running task is looked at before it returns. dropped is called in place of done
// when the loop ends before.
func (l *Loop) SnapshotStacks(done func(*Snapshot), dropped func()) {
	s := &snapshot{loop: l, done: done, dropped: dropped, atOnce: stacksAtOnce, stacks: true}
	if l.current != nil {
		s.tasks = append(s.tasks, l.current)
	}
	s.begin()
}

func (s *snapshot) begin() {
	s.walk = newWalk(s.loop)
	s.beginWith()
}

// beginWith begins with the tasks that there are in it.
func (s *snapshot) beginWith() {
	l := s.loop
	s.clocks = l.bothClocks()
	s.view.From = l.passes
	s.view.Stats = l.Stats()
	s.view.Begun = s.clocks.time
	if tr := l.trace; tr != nil {
		s.view.Slept, s.view.Traced = s.span(tr.asleep), tr.began.time
	}
	s.stranded = l.nothingComes()
	s.Fire()
}

// SnapshotNow returns a snapshot that is taken at once, of these tasks of an earlier
// one; nil stands for all. So it shows a single moment, and what it says about who waits
// for whom is true at that moment. Loop only.
func (l *Loop) SnapshotNow(of []TaskView) (now *Snapshot) {
	s := &snapshot{loop: l, done: func(s *Snapshot) { now = s }, atOnce: math.MaxInt}
	if of == nil {
		s.begin()
		return now
	}
	for i := range of {
		s.tasks = append(s.tasks, of[i].task)
	}
	s.beginWith()
	return now
}

// A snapshot is a Snapshot in the making.
type snapshot struct {
	loop    *Loop
	done    func(*Snapshot)
	dropped func()  // nil: no one wants to know
	atOnce  int     // how much is looked at in one pass
	stacks  bool    // with their stacks
	clocks  pair    // when it was begun
	walk    walk    // the way to the tasks, if it is of all
	tasks   []*Task // these come first, or are all
	objects []met
	looked  bool // at all tasks
	view    Snapshot

	stranded bool // as far as was looked, nothing but another goroutine can wake the loop

	states map[Shared]ObjectState // as they are in this pass
}

// Fire goes on with what comes next.
func (s *snapshot) Fire() {
	clear(s.states)
	if s.lookAtTasks() || s.lookAtObjects() {
		s.loop.Push(s)
		return
	}
	s.finish()
	s.done(&s.view)
}

// Drop is called in place of Fire when the loop has ended.
func (s *snapshot) Drop() {
	if s.dropped != nil {
		s.dropped()
	}
}

// lookAtTasks looks at the next tasks, and reports whether the snapshot has to go on in
// the next pass.
func (s *snapshot) lookAtTasks() bool {
	if s.looked {
		return false
	}
	for _, t := range s.tasks {
		if !t.Done() {
			s.look(t)
		}
	}
	s.tasks = nil
	more := s.walk.some(s.atOnce, s.look)
	if s.looked = !more; s.looked {
		s.objects = slices.Clone(s.loop.objects.all)
	}
	return more || s.view.lines() > s.atOnce
}

// lookAtObjects looks at the next objects, and reports whether there are more.
func (s *snapshot) lookAtObjects() bool {
	now := s.objects[:min(s.atOnce, len(s.objects))]
	s.objects = s.objects[len(now):]
	for _, o := range now {
		shared := o.known(s.loop)
		if shared == nil {
			continue
		}
		state := shared.State()
		s.view.Objects = append(s.view.Objects, ObjectView{
			Number: o.number, Name: o.Name, ObjectState: state, Since: s.time(state.Since),
		})
	}
	return len(s.objects) > 0
}

// Origin makes a snapshot an origin, though it wakes no task.
func (s *snapshot) Origin() Ref { return Ref{Label: LabelLoop} }

func (s *snapshot) look(t *Task) {
	v := s.view.add()
	*v = TaskView{
		ID: t.id, Parent: t.parent, Group: t.groupNumber(), Name: t.givenName(), State: t.state,
		Canceled: t.scope.Canceled(), task: t,
	}
	if w := t.waiting(); w != nil && w.why != nil {
		s.lookAtWait(v, w)
		s.stranded = s.stranded && !w.hasDeadline()
	}
	if k := t.worker; k != nil && k.seen.task == t.id {
		s.lookAtCounts(v, &k.seen)
	}
	if s.stacks {
		v.Stack = t.Stack()
	}
	if k := t.worker; k != nil {
		for scope := k.inner; scope != nil && scope.extra != nil; scope = scope.extra.outer {
			s.lookAtScope(scope)
		}
	}
}

func (s *snapshot) lookAtWait(v *TaskView, w *Wait) {
	if v.Wait = w.why.Ref(s.loop); v.Wait.Label != LabelSleep { // for that, see complete
		v.Text = w.why.Describe()
	}
	if when, ok := w.timer.when(); ok {
		v.Until = int64(when)
	}
	if since, exact, known := s.loop.moments.after(w.begun); known {
		v.Since, v.Known, v.About = since, true, !exact || !s.loop.OwnClock
	}
	switch why := w.why.(type) {
	case *Group: // those whose group it is: see complete
	case *Task:
		v.By = append(v.By, why.id)
	case *Selection:
		v.By = why.blockers(s.state)
	case Awaited:
		for f := range why.Awaited {
			if t := f.task(); t != nil && !t.Done() {
				v.By = append(v.By, t.id)
			}
		}
	case Shared:
		if holder := s.state(why).Holder; holder != 0 {
			v.By = append(v.By, holder)
		}
	}
}

// state returns the state of something that tasks wait for. It computes each state only
// once in a pass, because that also counts the waiting tasks.
func (s *snapshot) state(x Shared) ObjectState {
	state, known := s.states[x]
	if !known {
		if s.states == nil {
			s.states = map[Shared]ObjectState{}
		}
		state = x.State()
		s.states[x] = state
	}
	return state
}

// lookAtCounts takes over what a trace has counted, and what has come since.
func (s *snapshot) lookAtCounts(v *TaskView, c *seen) {
	v.Steps, v.WokenBy = c.steps, c.by
	v.Busy, v.Ready, v.Longest = s.span(c.busy), s.span(c.ready), s.span(c.longest)
	v.Asked = s.time(c.asked)
	if c.since != 0 {
		v.Since, v.Known, v.About = s.time(c.since), true, false
	}
	now := s.span(s.clocks.tick - c.since)
	switch v.State {
	case TaskReady:
		v.Ready += now
	case TaskRunning:
		v.Busy += now
	}
	v.Waiting = max(0, s.span(s.clocks.tick-c.first)-v.Busy-v.Ready)
}

func (s *snapshot) lookAtScope(scope *Scope) {
	v := GroupView{Owner: scope.task.id, Parent: scope.up.numberAround()}
	switch x := scope.extra; {
	case x.group != nil:
		g := x.group
		v.Number, v.Name, v.Limit, v.Running, v.Held = g.number, x.name, max(g.limit, 0), g.running, len(g.held)-g.gone
		v.Children, v.Errors = g.children-g.unheard, len(g.Failed)
		if g.deadline != nil {
			if when, ok := g.deadline.when(); ok {
				v.Deadline = when
			}
		}
	case x.timeout != nil:
		t := x.timeout
		v.Number, v.Timeout = t.numbered(), true
		if when, ok := t.timer.when(); ok {
			v.Deadline = when
		}
	default:
		return
	}
	s.view.Groups = append(s.view.Groups, v)
}

// finish adds what there is besides tasks.
func (s *snapshot) finish() {
	l := s.loop
	for _, t := range l.timers.Earliest(timersShown, timersLookedAt) {
		v := TimerView{At: t.When()}
		v.For = refOfEvent(t.Payload.event)
		if w := waitUntil(t.Payload.event); w != nil {
			v.Task = w.task.id
			v.For = w.why.Ref(l)
		}
		s.view.Timers = append(s.view.Timers, v)
	}
	s.view.Stranded = s.stranded && l.nothingComes()
	s.view.To, s.view.At = l.passes, l.clock.Now()
}

// time converts a tick to the loop's time; 0 stays 0.
func (s *snapshot) time(ticks int64) time.Duration {
	if ticks == 0 || s.loop.trace == nil {
		return 0
	}
	return s.clocks.time + s.span(ticks-s.clocks.tick)
}

// span converts a length in ticks.
func (s *snapshot) span(ticks int64) time.Duration {
	tr := s.loop.trace
	if tr == nil {
		return 0
	}
	if tr.clocked {
		return time.Duration(ticks)
	}
	passed := s.clocks.tick - tr.began.tick
	if passed <= 0 {
		return 0
	}
	return time.Duration(float64(ticks) / float64(passed) * float64(s.clocks.time-tr.began.time))
}

// numberAround returns the number of the innermost group or timeout that the scope is, or
// is in; 0: it is in none.
func (s *Scope) numberAround() uint32 {
	for ; s != nil; s = s.up {
		switch x := s.extra; {
		case x == nil:
		case x.group != nil:
			return x.group.number
		case x.timeout != nil:
			return x.timeout.numbered()
		}
	}
	return 0
}

// numbered returns the timeout's number, which it gets when someone looks: most are over
// before that.
func (t *Timeout) numbered() uint32 {
	if t.number == 0 {
		l := t.Loop()
		l.groups++
		t.number = l.groups
	}
	return t.number
}
