package timeline

import (
	"cmp"
	"slices"
	"strconv"
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
	ElsewhereRow // something else beside the loop
)

// Row is the life of one task, one thread, or the loop itself.
type Row struct {
	Kind  RowKind
	Name  string
	Band  int // which of the chart's bands a task is in; see Chart.Bands
	Spans []Span
	Marks []Mark
}

// Lifetime is how long a task lived, and how long a thread or the loop was
// busy.
func (r Row) Lifetime() time.Duration {
	if r.Kind == TaskRow && len(r.Spans) > 0 {
		return r.Spans[len(r.Spans)-1].To - r.Spans[0].From
	}
	return r.Busy()
}

// Busy is how long a task or a thread ran.
func (r Row) Busy() (busy time.Duration) {
	for _, s := range r.Spans {
		if s.State == Running {
			busy += s.To - s.From
		}
	}
	return busy
}

// Chart is what a timeline shows.
type Chart struct {
	Rows     []Row
	Length   time.Duration
	Start    time.Duration // what the axis begins with; see Since
	Ticks    []Tick        // what is on the axis, if that does not show time
	Bands    []Band        // the simulated hosts; there are none in most programs
	Messages []Message     // what they send
}

// A Tick says that from a place of the axis on, the time was so and so.
type Tick struct{ At, Time time.Duration }

// OfRecording returns the chart of a *trace.Recording. Package trace sets it, because
// only trace knows what a recording is made of, and a chart must not be part of its API.
var OfRecording func(recording any) Chart

// StepsOfRecording returns a chart of a *trace.Recording of one loop whose axis does not
// show time: each step of a task takes PerStep, and nothing else takes any. So it shows
// the order of steps that took no time. Package trace sets it.
var StepsOfRecording func(recording any) Chart

// PerStep is how long each step takes in a chart of StepsOfRecording.
const PerStep = time.Millisecond

// Build makes a chart of events; see [Builder].
func Build(events []Event, now time.Duration) Chart {
	var b Builder
	for _, e := range events {
		b.Add(e)
	}
	return b.Chart(now)
}

// A Builder makes a chart of events, which come in the order in which they happened, as
// far as they are about the same task or thread. Its zero value is ready.
type Builder struct {
	begun       bool
	first, last time.Duration // the earliest event, and the latest
	loops       map[int]*life
	loopOrder   []*life
	tasks       map[taskKey]*life
	taskOrder   []*life
	threads     map[threadKey]*life
	threadOrder []*life
	hosts       hosts
}

type taskKey struct {
	loop int
	task uint64
}

type threadKey struct {
	kind RowKind
	name string
}

// life is a row in the making: its last span is still open.
type life struct {
	row  Row
	open bool
	cur  Span
	next Span // what a step ends in: waiting, or ready again
	host *host
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

// Add takes one more event.
func (b *Builder) Add(e Event) {
	b.span(e.At)
	switch e.Kind {
	case PassBegin:
		b.loop(e).enter(e.At, Span{State: Running})
	case PassEnd:
		b.loop(e).leave(e.At)
	case ThreadBegin:
		b.thread(e).enter(e.At, Span{State: Running})
	case ThreadEnd:
		l := b.thread(e)
		l.leave(e.At)
		l.mark(e.At, e.Outcome)
	case HostUp, HostDown, MessageSent:
		b.hosts.add(e)
	case TaskHosted:
		b.hosts.are = true
		b.task(e).host = b.hosts.of(e.Loop, e.Host)
	case TaskSpawned:
		l := b.task(e)
		l.host = b.hosts.of(e.Loop, e.Host)
		l.step(e)
	default:
		b.task(e).step(e)
	}
}

// span keeps the earliest time and the latest of all events: those of threads come from
// other goroutines and may be out of order by a hair.
func (b *Builder) span(at time.Duration) {
	if !b.begun {
		b.begun, b.first, b.last = true, at, at
	}
	b.first, b.last = min(b.first, at), max(b.last, at)
}

// step changes the state of a task.
func (l *life) step(e Event) {
	switch at := e.At; e.Kind {
	case TaskSpawned:
		l.enter(at, Span{State: Ready})
	case StepBegin:
		l.next = Span{State: Ready}
		l.enter(at, Span{State: Running})
	case TaskBlocked:
		l.after(at, Span{State: Waiting, On: e.On})
	case TaskWoken:
		l.after(at, Span{State: Ready})
	case TaskDone:
		l.leave(at)
		l.mark(at, e.Outcome)
	case StepEnd:
		if l.open { // it is not after TaskDone
			l.enter(at, l.next)
		}
	}
}

// after sets the state that follows the present step of the task, or, if the task is in
// no step, its state from now on. So a task that was woken before it began to wait does
// not wait.
func (l *life) after(at time.Duration, s Span) {
	switch {
	case l.open && l.cur.State == Running:
		l.next = s
	case l.open:
		l.enter(max(at, l.cur.From), s)
	default:
		l.enter(at, s)
	}
}

func (b *Builder) task(e Event) *life {
	return entry(&b.tasks, &b.taskOrder, taskKey{e.Loop, e.Task}, Row{Kind: TaskRow, Name: e.Name})
}

func (b *Builder) thread(e Event) *life {
	kind := ThreadRow
	if e.Elsewhere {
		kind = ElsewhereRow
	}
	return entry(&b.threads, &b.threadOrder, threadKey{kind, e.Thread}, Row{Kind: kind, Name: e.Thread})
}

func (b *Builder) loop(e Event) *life {
	name := "the loop"
	if e.Loop > 1 {
		name = "loop " + strconv.Itoa(e.Loop)
	}
	return entry(&b.loops, &b.loopOrder, e.Loop, Row{Kind: LoopRow, Name: name})
}

// entry returns the life that a map has under a key. A new one, of a row, comes last in
// the order.
func entry[K comparable](all *map[K]*life, order *[]*life, key K, row Row) *life {
	if l, ok := (*all)[key]; ok {
		return l
	}
	if *all == nil {
		*all = map[K]*life{}
	}
	l := &life{row: row}
	(*all)[key] = l
	*order = append(*order, l)
	return l
}

// byNumber puts worker-2 before worker-10, and threads before what is elsewhere. The order
// in which threads began would be left to chance.
func byNumber(x, y *life) int {
	a, b := x.row.Name, y.row.Name
	return cmp.Or(cmp.Compare(x.row.Kind, y.row.Kind), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// Chart returns the chart of what has been added, and ends the building. What has not
// ended lasts until now; with a negative now, until the last event.
func (b *Builder) Chart(now time.Duration) Chart {
	if !b.begun {
		return Chart{}
	}
	if now < 0 {
		now = b.last
	}
	c := Chart{Length: max(0, now-b.first)}
	slices.SortFunc(b.threadOrder, byNumber)
	b.intoBands(&c, now)
	for _, l := range slices.Concat(b.taskOrder, b.loopOrder, b.threadOrder) {
		l.leave(now)
		l.row.shift(-b.first)
		c.Rows = append(c.Rows, l.row)
	}
	return c
}

// shift moves all that the row has in time.
func (r *Row) shift(d time.Duration) {
	for i := range r.Spans {
		r.Spans[i].From += d
		r.Spans[i].To += d
	}
	for i := range r.Marks {
		r.Marks[i].At += d
	}
}
