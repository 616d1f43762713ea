package recording

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A recorder listens to the events of a loop, and writes them down. No event tells what
// enters and leaves the ready queue, and which timers are set; the recorder looks at
// these itself at each event: see catchUp.
type recorder struct {
	program Program
	world   *virtual.World
	cancel  func(error)

	mu        sync.Mutex
	recording *Recording
	err       error // why nothing more is written down: it has become too long, or is over
	loop      *engine.Loop
	base      base

	newest  engine.Slot // the newest that was looked at
	present []engine.Slot
	items   map[engine.Slot]*Item // those in present
	timers  []timer
	made    uint64 // how many timers were set
	alive   []*engine.Task

	lines   map[uint64]int  // the line of each task
	steps   map[uint64]int  // how many steps it has begun
	begun   map[uint64]int  // the index of the event that its step has begun, which has no line yet
	paused  map[uint64]bool // it pauses for another
	owners  map[uint64]uint64
	calling bool
	asleep  bool

	rowsOf map[int64]string    // the rows of goroutines
	busy   map[string][]string // the rows that are busy, by the names that the loop has for them
	prints []byte              // what is printed, without the end of a line yet
}

// base is what is added to the numbers of a loop: a program may run several, one after another.
type base struct{ task, group, slot uint64 }

// A timer is one that is set.
type timer struct {
	engine.SetTimer
	id uint64
}

// hearLoop listens to a new loop.
func (r *recorder) hearLoop(l *engine.Loop) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	r.loop, r.newest, r.present, r.timers = l, 0, nil, nil
	r.base.task, r.base.group = uint64(len(r.recording.Tasks)), uint64(len(r.recording.Groups))
	for _, e := range r.recording.Events {
		r.base.slot = max(r.base.slot, e.Slot)
	}
	l.Listen(r)
}

// Kinds makes a recorder an engine.Listener.
func (r *recorder) Kinds() engine.Kinds {
	return engine.Of(
		engine.Spawned, engine.Holding, engine.Yields, engine.Waits, engine.Ends, engine.Pauses,
		engine.Woken, engine.Returned, engine.Failed, engine.Canceled, engine.Panicked, engine.Asked,
		engine.Called, engine.Expired, engine.Slept, engine.Opened, engine.Left,
		engine.PassBegun, engine.Begins, engine.Calls, engine.Fires,
	)
}

// Hear makes a recorder an engine.Listener.
func (r *recorder) Hear(k engine.Kind, t *engine.Task, arg uint64) {
	failure := failureOf(k, t) // first, because Error is a method of the program, and may print
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return
	}
	if fn := r.program.heard; fn != nil {
		defer func() { fn(len(r.recording.Events), r.loop) }()
	}
	if k == engine.Expired {
		r.due()
	}
	r.catchUp()
	switch k {
	case engine.Spawned:
		r.spawned(t)
	case engine.Holding:
		r.put(Event{Kind: Hold, Task: r.task(t.ID())})
	case engine.Begins:
		r.begins(t)
	case engine.Yields, engine.Waits, engine.Ends, engine.Pauses:
		r.stepEnds(k, t)
	case engine.Woken:
		r.put(Event{Kind: Wake, Task: r.task(t.ID()), By: r.item(r.loop.WokenRef())})
	case engine.Returned, engine.Failed, engine.Canceled, engine.Panicked:
		r.done(k, t, failure)
	case engine.Asked:
		r.put(Event{Kind: Cancel, Task: r.task(t.ID()), By: r.who(), Line: r.lineOfRunning()})
	case engine.Calls:
		r.calling = true
		r.put(Event{Kind: Call, Name: "callback", Line: r.taken().Line})
	case engine.Called:
		r.calling = false
		r.put(Event{Kind: Called})
	case engine.Opened:
		r.opened(arg)
	case engine.Left:
		r.put(Event{Kind: Left, Group: arg + r.base.group, Task: r.owners[arg+r.base.group]})
	case engine.PassBegun:
		r.put(Event{Kind: Pass, N: r.loop.Passes(), Ready: len(r.present)})
	case engine.Slept:
		if r.asleep {
			r.asleep = false
			r.put(Event{Kind: Awake})
		}
	}
}

// put writes an event down, which happens now. The lock is held.
func (r *recorder) put(e Event) {
	if r.err != nil {
		return
	}
	e.T = r.world.Now()
	switch {
	case len(r.recording.Events) >= r.program.MaxEvents:
		r.giveUp(fmt.Errorf("%s: more than %d things happen in it: choose smaller values", r.program.Lesson, r.program.MaxEvents))
	case e.T > r.program.MaxLength:
		r.giveUp(fmt.Errorf("%s: it takes longer than %v: choose smaller values", r.program.Lesson, r.program.MaxLength))
	default:
		r.recording.Events = append(r.recording.Events, e)
	}
}

func (r *recorder) giveUp(err error) {
	r.err = err
	r.cancel(err)
}

func (r *recorder) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// task returns the number of a task in the recording.
func (r *recorder) task(number uint64) uint64 {
	if number == 0 {
		return 0
	}
	return number + r.base.task
}

func (r *recorder) group(number uint64) uint64 {
	if number == 0 {
		return 0
	}
	return number + r.base.group
}

// name returns the name of a task of the recording.
func (r *recorder) name(task uint64) string {
	if task == 0 || task > uint64(len(r.recording.Tasks)) {
		return ""
	}
	return r.recording.Tasks[task-1].Name
}

func (r *recorder) spawned(t *engine.Task) {
	r.alive = append(r.alive, t) // or the collector might say when an error is reported
	one := Task{ID: r.task(t.ID()), Name: t.GivenName(), Parent: r.task(t.Parent()), Group: r.group(uint64(t.Group()))}
	if one.Name == "" {
		if one.Name = fmt.Sprintf("Task-%d", one.ID); t.ID() == 1 {
			one.Name = "main"
		}
	}
	r.recording.Tasks = append(r.recording.Tasks, one)
	r.put(Event{Kind: Spawn, Task: one.ID, Group: one.Group, By: r.who(), Line: r.lineOfRunning()})
}

// who returns who acts now; nil: nothing that belongs to the program.
func (r *recorder) who() *Item {
	switch t := r.loop.Current(); {
	case t != nil:
		id := r.task(t.ID())
		return &Item{Kind: "task", Task: id, Name: r.name(id)}
	case r.calling:
		return &Item{Kind: "callback"}
	default:
		if x := r.loop.Firing(); x.Label != 0 {
			return r.item(x)
		}
		return nil
	}
}

// item describes what is in the ready queue, or who has done something.
func (r *recorder) item(x engine.Item) *Item {
	item := &Item{Kind: x.Label.String(), Task: r.task(x.Task)}
	item.Name = r.name(item.Task)
	if x.Ended {
		item.Kind = "end"
	}
	if x.Label == engine.LabelCallback && x.Number != 0 {
		item.Line = r.lineOfFunction(uintptr(x.Number))
	}
	return item
}

func (r *recorder) begins(t *engine.Task) {
	id := r.task(t.ID())
	if !r.paused[id] {
		r.steps[id]++
	}
	delete(r.paused, id)
	if r.lines[id] == 0 {
		r.begun[id] = len(r.recording.Events)
	}
	r.put(Event{Kind: Begin, Task: id, Step: r.steps[id], Line: r.lines[id]})
}

func (r *recorder) stepEnds(k engine.Kind, t *engine.Task) {
	e := Event{Kind: End, Task: r.task(t.ID())}
	switch k {
	case engine.Ends:
		e.How, e.Line = Ends, r.lines[e.Task]
		r.put(e)
		return
	case engine.Yields:
		e.How = Yields
	case engine.Waits:
		e.How, e.Wait = Waits, r.wait(t)
	case engine.Pauses:
		e.How = Pauses
		r.paused[e.Task] = true
	}
	e.Line = r.lineOf(e.Task)
	r.put(e)
}

func (r *recorder) wait(t *engine.Task) *Wait {
	why := t.WaitsFor()
	ref := why.Ref(r.loop)
	w := &Wait{Kind: ref.Label.String()}
	blockers := t.Blockers()
	for i := range blockers {
		blockers[i] = r.task(blockers[i])
	}
	slices.Sort(blockers)
	switch _, several := why.(engine.Awaited); {
	case ref.Label == engine.LabelGroup:
		w.Name, w.Tasks = r.groupName(ref.Number), blockers
	case ref.Label != engine.LabelTask && several:
		w.Tasks = blockers
	case len(blockers) > 0:
		w.Task = blockers[0]
	}
	switch ref.Label {
	case engine.LabelTask:
		w.Task = r.task(ref.Number)
		w.Name = r.name(w.Task)
	case engine.LabelGroup, engine.LabelSleep:
	case engine.LabelSelect:
		w.Name = strings.TrimPrefix(why.Describe(), w.Kind+": ")
	default:
		if ref.Number != 0 {
			w.Name = r.loop.ObjectName(ref.Number)
		}
	}
	if until, ok := t.Until(); ok {
		w.Until = until
	}
	return w
}

// failureOf returns what the error says with which a task has ended; "": it has none.
func failureOf(k engine.Kind, t *engine.Task) string {
	if k != engine.Failed && k != engine.Panicked {
		return ""
	}
	if err := t.Outcome(); err != nil {
		return firstLine(t.Loop().ErrorText(err))
	}
	return ""
}

func (r *recorder) done(k engine.Kind, t *engine.Task, failure string) {
	e := Event{Kind: Done, Task: r.task(t.ID()), Error: failure}
	switch k {
	case engine.Returned:
		e.How = "returned"
	case engine.Failed:
		e.How = "failed"
	case engine.Canceled:
		e.How = "canceled"
	case engine.Panicked:
		e.How = "panicked"
	}
	e.Line = r.lines[e.Task]
	r.put(e)
}

func (r *recorder) opened(number uint64) {
	name, owner := r.loop.GroupName(uint32(number))
	g := Group{ID: r.group(number), Name: name, Task: r.task(owner)}
	for next := uint64(len(r.recording.Groups)) + 1; next < g.ID; next++ { // numbers of what is no group
		r.recording.Groups = append(r.recording.Groups, Group{ID: next})
	}
	r.recording.Groups = append(r.recording.Groups, g)
	r.owners[g.ID] = g.Task
	r.put(Event{Kind: Opened, Group: g.ID, Task: g.Task, Name: name, Line: r.lineOfRunning()})
}

func (r *recorder) groupName(number uint64) string {
	if id := r.group(number); id > 0 && id <= uint64(len(r.recording.Groups)) {
		return r.recording.Groups[id-1].Name
	}
	return ""
}

// rests is called by the world when the loop begins to wait.
func (r *recorder) rests(until time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.catchUp()
	r.asleep = true
	r.put(Event{Kind: Asleep, Until: max(until, 0)})
}

// Work makes a recorder a lesson.Pace.
func (r *recorder) Work(ctx context.Context, d time.Duration) { r.take(Work, d) }

// Block makes a recorder a lesson.Pace.
func (r *recorder) Block(ctx context.Context, d time.Duration) { r.take(Block, d) }

func (r *recorder) take(kind string, d time.Duration) {
	r.mu.Lock()
	e := r.here()
	e.Kind, e.For = kind, For{Long: d}
	r.put(e)
	r.mu.Unlock()
	r.world.Take(d)
}

// here returns an event that says who does what happens now, and in which line.
func (r *recorder) here() (e Event) {
	switch {
	case r.loop == nil, r.err != nil:
	case engine.RunningHere() == r.loop:
		r.catchUp()
		e.Line = r.lineOfRunning()
		if t := r.loop.Current(); t != nil {
			e.Task = r.task(t.ID())
		}
	default:
		e.Row = r.rowsOf[coro.GoroutineID()]
		e.Line, _ = r.findLine()
	}
	return e
}

// HearRow makes a recorder an engine.RowListener. A thread tells itself what it does; of
// other rows, such as workers on other machines, some goroutine or the loop does.
func (r *recorder) HearRow(k engine.Kind, row engine.Row, failure string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := Event{Kind: Row, Row: row.Name, RowKind: row.Label.String(), Task: r.task(row.Task), Busy: k == engine.Began}
	if !e.Busy {
		e.Error = firstLine(failure)
	}
	if row.Label == engine.LabelThread {
		e.Row = r.rowOfThread(row.Name, e.Busy)
	}
	r.put(e)
}

// rowOfThread returns the row of the thread that has begun to work, or no longer does.
func (r *recorder) rowOfThread(name string, busy bool) (row string) {
	id := coro.GoroutineID()
	if busy {
		row = r.newRow(name)
		r.rowsOf[id] = row
		return row
	}
	row = r.rowsOf[id]
	delete(r.rowsOf, id)
	r.busy[name] = slices.DeleteFunc(r.busy[name], func(other string) bool { return other == row })
	return row
}

// newRow returns the row for work that begins on a thread. Chance decides which worker of
// a pool does the work, so the recording numbers workers itself, by which row is not
// busy.
func (r *recorder) newRow(name string) string {
	row := name
	if strings.HasPrefix(name, "worker-") {
		for n := 1; ; n++ {
			if row = fmt.Sprintf("worker-%d", n); !r.isBusy(row) {
				break
			}
		}
	}
	r.busy[name] = append(r.busy[name], row)
	return row
}

func (r *recorder) isBusy(row string) bool {
	for _, rows := range r.busy {
		if slices.Contains(rows, row) {
			return true
		}
	}
	return false
}

// A printer is where the program prints to.
type printer struct{ *recorder }

// Write makes a printer an io.Writer. Each line of output is an event, by whoever ends it.
func (p printer) Write(b []byte) (int, error) {
	r := p.recorder
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range bytes.Lines(b) {
		r.prints = append(r.prints, line...)
		if whole, ok := bytes.CutSuffix(r.prints, []byte("\n")); ok {
			r.printed(string(whole))
			r.prints = r.prints[:0]
		}
	}
	return len(b), nil
}

func (r *recorder) printed(text string) {
	e := r.here()
	e.Kind, e.Text = Print, text
	r.put(e)
}

// printRest writes down what was printed without the end of a line.
func (r *recorder) printRest() {
	if len(r.prints) > 0 {
		r.put(Event{Kind: Print, Text: string(r.prints)})
	}
}

// lineOfRunning returns the line in which the running task or callback is.
func (r *recorder) lineOfRunning() int {
	if t := r.loop.Current(); t != nil {
		return r.lineOf(r.task(t.ID()))
	}
	if r.loop.Running() && !r.calling {
		return 0 // an event of the engine's own has its turn, on the stack of any task
	}
	line, _ := r.findLine()
	return line
}

// lineOf returns the line in which a task is that runs here.
func (r *recorder) lineOf(task uint64) int {
	line, first := r.findLine()
	if line == 0 {
		return r.lines[task]
	}
	r.lines[task] = line
	if i, ok := r.begun[task]; ok {
		delete(r.begun, task)
		r.recording.Events[i].Line = first
	}
	return line
}

// findLine returns the line in which the calling goroutine is, and that in which the
// outermost function of the program begins; 0: it is in no line that is shown.
func (r *recorder) findLine() (line, first int) {
	var pcs [128]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if !strings.HasSuffix(f.File, r.program.File) {
			continue
		}
		if n := r.program.Line(f.Line); n != 0 && line == 0 {
			line = n
		}
		if n := r.lineOfFunction(f.Entry); n != 0 {
			first = n
		}
	}
	return line, first
}

// lineOfFunction returns the line in which a function begins; 0: it is not shown.
func (r *recorder) lineOfFunction(pc uintptr) int {
	f := runtime.FuncForPC(pc)
	if f == nil {
		return 0
	}
	file, line := f.FileLine(f.Entry())
	if !strings.HasSuffix(file, r.program.File) {
		return 0
	}
	return r.program.Line(line)
}
