package timeline

import (
	"cmp"
	"slices"
	"time"
)

// State says what a row does during a span of time.
type State uint8

// The states of a row. A task is Ready when it could run and waits for its
// turn.
const (
	Ready State = iota
	Running
	Waiting
)

// Span is a stretch of one state, measured from the start of the chart.
type Span struct {
	From, To time.Duration
	State    State
	On       string // Waiting: what for
}

// Mark is the end of something: of a task, of a function on a thread.
type Mark struct {
	At      time.Duration
	Outcome Outcome
}

// RowKind says whose row it is.
type RowKind uint8

// The kinds of rows, in the order in which a chart holds them.
const (
	TaskRow RowKind = iota
	LoopRow
	ThreadRow
)

// Row is the life of one task, one thread, or the loop itself.
type Row struct {
	Kind  RowKind
	Name  string
	Spans []Span
	Marks []Mark
}

// Lifetime is how long a task lived, and how long a thread or the loop was
// busy.
func (r Row) Lifetime() time.Duration {
	if r.Kind == TaskRow && len(r.Spans) > 0 {
		return r.Spans[len(r.Spans)-1].To - r.Spans[0].From
	}
	var busy time.Duration
	for _, s := range r.Spans {
		if s.State == Running {
			busy += s.To - s.From
		}
	}
	return busy
}

// Chart is what a timeline shows.
type Chart struct {
	Rows   []Row
	Length time.Duration
}

// Build makes a chart of events, which are in the order in which they
// happened. What has not ended lasts until now; with a zero now, until the
// last event.
func Build(events []Event, now time.Time) Chart {
	if len(events) == 0 {
		return Chart{}
	}
	if now.IsZero() {
		now = latest(events)
	}
	b := builder{
		start:   earliest(events),
		loop:    &life{row: Row{Kind: LoopRow, Name: "the loop"}},
		tasks:   map[uint64]*life{},
		threads: map[string]*life{},
	}
	for _, e := range events {
		b.add(e)
	}
	return b.chart(now)
}

// earliest and latest look at every event, because those of threads come
// from other goroutines and may be out of order by a hair.
func earliest(events []Event) time.Time {
	t := events[0].At
	for _, e := range events {
		if e.At.Before(t) {
			t = e.At
		}
	}
	return t
}

func latest(events []Event) time.Time {
	t := events[0].At
	for _, e := range events {
		if e.At.After(t) {
			t = e.At
		}
	}
	return t
}

// life is a row in the making: its last span is still open.
type life struct {
	row  Row
	open bool
	cur  Span
	next Span // what a step ends in: waiting, or ready again
}

// enter ends the open span and begins another one.
func (l *life) enter(at time.Duration, s Span) {
	l.leave(at)
	s.From = at
	l.open, l.cur = true, s
}

// leave ends the open span. A step that took no time is kept, because a step
// is worth seeing however short; other spans of no length are not.
func (l *life) leave(at time.Duration) {
	if !l.open {
		return
	}
	l.open = false
	l.cur.To = max(at, l.cur.From)
	if l.cur.To > l.cur.From || l.cur.State == Running {
		l.row.Spans = append(l.row.Spans, l.cur)
	}
}

func (l *life) mark(at time.Duration, o Outcome) {
	l.row.Marks = append(l.row.Marks, Mark{At: at, Outcome: o})
}

type builder struct {
	start       time.Time
	loop        *life
	tasks       map[uint64]*life
	taskOrder   []*life
	threads     map[string]*life
	threadOrder []*life
}

func (b *builder) add(e Event) {
	at := e.At.Sub(b.start)
	switch e.Kind {
	case PassBegin:
		b.loop.enter(at, Span{State: Running})
	case PassEnd:
		b.loop.leave(at)
	case ThreadBegin:
		b.thread(e).enter(at, Span{State: Running})
	case ThreadEnd:
		l := b.thread(e)
		l.leave(at)
		l.mark(at, e.Outcome)
	default:
		b.task(e).step(e, at)
	}
}

// step moves a task from state to state.
func (l *life) step(e Event, at time.Duration) {
	switch e.Kind {
	case TaskSpawned:
		l.enter(at, Span{State: Ready})
	case StepBegin:
		l.next = Span{State: Ready}
		l.enter(at, Span{State: Running})
	case TaskBlocked:
		l.next = Span{State: Waiting, On: e.On}
	case TaskWoken:
		if l.cur.State == Waiting {
			l.enter(at, Span{State: Ready})
		} else {
			l.next = Span{State: Ready} // woken within its own step
		}
	case TaskDone:
		l.leave(at)
		l.mark(at, e.Outcome)
	case StepEnd:
		if l.open { // it is not after TaskDone
			l.enter(at, l.next)
		}
	}
}

func (b *builder) task(e Event) *life {
	l, ok := b.tasks[e.Task]
	if !ok {
		l = &life{row: Row{Kind: TaskRow, Name: e.Name}}
		b.tasks[e.Task] = l
		b.taskOrder = append(b.taskOrder, l)
	}
	return l
}

func (b *builder) thread(e Event) *life {
	l, ok := b.threads[e.Thread]
	if !ok {
		l = &life{row: Row{Kind: ThreadRow, Name: e.Thread}}
		b.threads[e.Thread] = l
		b.threadOrder = append(b.threadOrder, l)
	}
	return l
}

// byNumber puts worker-2 before worker-10. The order in which threads began would be
// left to chance.
func byNumber(x, y *life) int {
	a, b := x.row.Name, y.row.Name
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func (b *builder) chart(now time.Time) Chart {
	c := Chart{Length: max(0, now.Sub(b.start))}
	slices.SortFunc(b.threadOrder, byNumber)
	lives := append(b.taskOrder, b.loop)
	for _, l := range append(lives, b.threadOrder...) {
		l.leave(c.Length)
		c.Rows = append(c.Rows, l.row)
	}
	return c
}
