package asynciotest

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A timeline is what the tasks of a session did, step by step.
type timeline struct {
	steps []step // a ring when it is full
	count int    // how many steps there were in all
	start time.Time
	since map[uint64]time.Duration // when each task began to wait
	woken map[uint64]string        // what has woken each task
	ready []*engine.Task           // the tasks that the next step was picked from

	// frozen: nothing more is noted. After a deadlock, how the tasks are ended is
	// not a part of the story.
	frozen bool
}

// A step is one turn of a task.
type step struct {
	at    time.Duration
	pass  uint64
	task  string
	by    string         // what woke the task
	ready []*engine.Task // others that could have gone first
	end   string
	where place
}

// stepsKept bounds the memory of a timeline: only the last 4,096 steps are kept.
const stepsKept = 1 << 12

func newTimeline() *timeline {
	return &timeline{since: map[uint64]time.Duration{}, woken: map[uint64]string{}}
}

func (l *timeline) hooks() *asyncio.Hooks {
	return &asyncio.Hooks{
		PassBegin:   l.passBegin,
		StepBegin:   l.stepBegin,
		StepEnd:     l.stepEnd,
		TaskBlocked: l.blocked,
		TaskWoken:   func(e asyncio.HookEvent) { l.woken[e.Task.ID] = e.By },
		TaskDone:    l.done,
	}
}

func (l *timeline) passBegin(e asyncio.HookEvent) {
	if l.start.IsZero() {
		l.start = e.Time
	}
}

// picked notes which tasks the next one was picked from.
func (l *timeline) picked(ready []*engine.Task) { l.ready = append([]*engine.Task(nil), ready...) }

func (l *timeline) stepBegin(e asyncio.HookEvent) {
	if l.frozen {
		return
	}
	s := step{at: e.Time.Sub(l.start), pass: e.Pass, task: e.Task.Name, by: l.woken[e.Task.ID], ready: l.ready}
	delete(l.woken, e.Task.ID)
	delete(l.since, e.Task.ID)
	l.ready = nil
	if len(l.steps) < stepsKept {
		l.steps = append(l.steps, s)
	} else {
		l.steps[l.count%stepsKept] = s
	}
	l.count++
}

func (l *timeline) last() *step { return &l.steps[(l.count-1)%stepsKept] }

func (l *timeline) blocked(e asyncio.HookEvent) {
	if l.frozen {
		return
	}
	l.since[e.Task.ID] = e.Time.Sub(l.start)
	s := l.last()
	s.end, s.where = "waits for "+e.On, here()
}

func (l *timeline) done(e asyncio.HookEvent) {
	delete(l.since, e.Task.ID)
	if l.frozen || l.count == 0 || l.last().task != e.Task.Name {
		return // the task ended without a step
	}
	s := l.last()
	switch {
	case e.Err != nil:
		s.end = "ends: " + e.Err.Error()
	default:
		s.end = "ends"
	}
}

func (l *timeline) stepEnd(asyncio.HookEvent) {
	if s := l.last(); s.end == "" && !l.frozen {
		s.end, s.where = "gives way", here()
	}
}

// write writes the last steps, at most the given number of them.
func (l *timeline) write(w io.Writer, most int) {
	n := min(l.count, len(l.steps), most)
	if l.count > n {
		fmt.Fprintf(w, "(%d steps before)\n", l.count-n)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "time\tpass\ttask\t")
	for i := l.count - n; i < l.count; i++ {
		s := &l.steps[i%stepsKept]
		fmt.Fprintf(table, "%v\t%d\t%s\t%s\n", s.at, s.pass, s.task, s)
	}
	_ = table.Flush()
}

// String says what happened in the step.
func (s *step) String() string {
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
