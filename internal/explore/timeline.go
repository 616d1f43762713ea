package explore

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Timeline is what the tasks of a run did, step by step. Loop only, until the loop has
// ended.
type Timeline struct {
	steps []Step // a ring when it is full
	count int    // how many steps there were in all
	start time.Time
	since map[uint64]time.Duration // when each task began to wait
	woken map[uint64]string        // what has woken each task
	ready []*engine.Task           // the tasks that the next step was picked from
	hosts *hostWatch               // nil: there are no simulated hosts

	// frozen: nothing more is noted. After a deadlock, how the tasks are ended is
	// not a part of the story.
	frozen bool
}

// A Step is one turn of a task.
type Step struct {
	at    time.Duration
	pass  uint64
	Task  string
	by    string         // what woke the task
	ready []*engine.Task // others that could have gone first
	end   string
	where place
	host  string    // "": that of the test itself
	sent  []sending // by hosts, until the next step
	more  int       // how many more there were
}

// StepsKept bounds the memory of a Timeline: only the last 4,096 steps are kept.
const StepsKept = 1 << 12

func newTimeline() *Timeline {
	return &Timeline{since: map[uint64]time.Duration{}, woken: map[uint64]string{}}
}

// Hooks returns what tells the Timeline what happens.
func (l *Timeline) Hooks() *asyncio.Hooks {
	return &asyncio.Hooks{
		PassBegin:   l.passBegin,
		StepBegin:   l.stepBegin,
		StepEnd:     l.StepEnd,
		TaskBlocked: l.blocked,
		TaskWoken:   func(e asyncio.HookEvent) { l.woken[e.Task.ID] = e.By },
		TaskDone:    l.done,
	}
}

// Start returns the time from which its times count.
func (l *Timeline) Start() time.Time { return l.start }

func (l *Timeline) passBegin(e asyncio.HookEvent) {
	if l.start.IsZero() {
		l.start = e.Time
	}
}

// Since returns since when a task waits.
func (l *Timeline) Since(task uint64) (d time.Duration, known bool) {
	d, known = l.since[task]
	return d, known
}

// Freeze makes it note nothing more.
func (l *Timeline) Freeze() { l.frozen = true }

// picked notes which tasks the next one was picked from.
func (l *Timeline) picked(ready []*engine.Task) { l.ready = append([]*engine.Task(nil), ready...) }

func (l *Timeline) stepBegin(e asyncio.HookEvent) {
	if l.frozen {
		return
	}
	s := Step{at: e.Time.Sub(l.start), pass: e.Pass, Task: e.Task.Name, by: l.woken[e.Task.ID], ready: l.ready}
	delete(l.woken, e.Task.ID)
	delete(l.since, e.Task.ID)
	l.ready = nil
	if len(l.steps) < StepsKept {
		l.steps = append(l.steps, s)
	} else {
		l.steps[l.count%StepsKept] = s
	}
	l.count++
}

// Last returns the last step. There must be one.
func (l *Timeline) Last() *Step { return &l.steps[(l.count-1)%StepsKept] }

func (l *Timeline) blocked(e asyncio.HookEvent) {
	if l.frozen {
		return
	}
	l.since[e.Task.ID] = e.Time.Sub(l.start)
	s := l.Last()
	s.end, s.where = "waits for "+e.On, here()
}

func (l *Timeline) done(e asyncio.HookEvent) {
	delete(l.since, e.Task.ID)
	if l.frozen || l.count == 0 || l.Last().Task != e.Task.Name {
		return // the task ended without a step
	}
	s := l.Last()
	switch {
	case e.Err != nil:
		s.end = "ends: " + e.Err.Error()
	default:
		s.end = "ends"
	}
}

// StepEnd is the hook of that name, for those who add something to it.
func (l *Timeline) StepEnd(asyncio.HookEvent) {
	if s := l.Last(); s.end == "" && !l.frozen {
		s.end, s.where = "gives way", here()
	}
}

// Write writes the last steps, at most the given number of them.
func (l *Timeline) Write(w io.Writer, most int) {
	n := min(l.count, len(l.steps), most)
	if l.count > n {
		fmt.Fprintf(w, "(%d steps before)\n", l.count-n)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if l.hosts == nil {
		fmt.Fprintln(table, "time\tpass\ttask\t")
	} else {
		fmt.Fprintln(table, "time\tpass\thost\ttask\t")
	}
	for i := l.count - n; i < l.count; i++ {
		s := &l.steps[i%StepsKept]
		if l.hosts == nil {
			fmt.Fprintf(table, "%v\t%d\t%s\t%s\n", s.at, s.pass, s.Task, s)
		} else {
			s.writeOnHost(table)
		}
	}
	_ = table.Flush()
}

// String says what happened in the step.
func (s *Step) String() string {
	var b strings.Builder
	if s.by != "" {
		fmt.Fprintf(&b, "woken by %s, ", s.by)
	}
	if s.end == "" {
		b.WriteString("runs")
	} else {
		b.WriteString(s.end)
	}
	if where := s.where.String(); where != "" {
		fmt.Fprintf(&b, " (%s)", where)
	}
	if len(s.ready) > 1 {
		fmt.Fprintf(&b, "; was picked from %s", strings.Join(names(s.ready), ", "))
	}
	return b.String()
}

func names(tasks []*engine.Task) (names []string) {
	for _, t := range tasks {
		names = append(names, t.Name())
	}
	return names
}
