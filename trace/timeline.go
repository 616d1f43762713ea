package trace

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/timeline"
)

// rowsDrawn is how many rows a drawing has at most: more than that, nobody reads.
const rowsDrawn = 120

// Timeline draws what happened as text, as the tour does: a row for each task and each
// thread, with time from left to right, and below it what the marks mean. width is that
// of the drawing in columns; 0 or less stands for 80. Of a program with more than 120
// tasks, those that ran for the longest time are drawn, and how many are left out is
// said below; so is what was dropped. It returns w's error.
func (r *Recording) Timeline(w io.Writer, width int) error {
	if width <= 0 {
		width = 80
	}
	c := r.chart()
	hidden := busiest(&c, rowsDrawn)
	lines := c.Render(timeline.Options{Width: width, Glyphs: timeline.Unicode, Legend: true})
	if lines == nil {
		lines = []string{"Nothing was recorded."}
	}
	if hidden > 0 {
		lines = append(lines, fmt.Sprintf("%d more tasks are not drawn: those that ran the least. WritePerfetto shows all.", hidden))
	}
	if n := r.Dropped(); n > 0 {
		lines = append(lines, fmt.Sprintf("DROPPED: %d events from before the beginning are lost, for the recorder's ring was full. trace.Size makes it larger.", n))
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

func init() { timeline.OfRecording = func(r any) timeline.Chart { return r.(*Recording).chart() } }

// chart returns what Timeline draws.
func (r *Recording) chart() timeline.Chart {
	d := drawing{several: len(r.loops) > 1}
	for m := range r.sweep() {
		d.add(m)
	}
	d.closeLoops(r)
	return d.builder.Chart(r.length)
}

// A drawing turns moments into events of a chart.
type drawing struct {
	builder timeline.Builder
	several bool         // there are several loops
	awake   map[int]bool // loops that have begun a pass
}

func (d *drawing) add(m moment) {
	e := timeline.Event{At: m.At, Loop: m.Loop, Task: m.Task, Name: d.nameOf(m.Event)}
	if m.phase == begins {
		e.At = m.From
	}
	put := func(kind timeline.Kind) {
		e.Kind = kind
		d.builder.Add(e)
	}
	d.wake(m, e)
	switch {
	case m.Kind.isStep() && m.phase == begins:
		put(timeline.StepBegin)
	case m.Kind.isStep():
		if m.Kind == Waits {
			e.On = m.What
			put(timeline.TaskBlocked)
		}
		put(timeline.StepEnd)
	case m.Kind == Spawned:
		put(timeline.TaskSpawned)
	case m.Kind == Present:
		put(timeline.TaskSpawned)
		if e.On = m.What; e.On != "" {
			put(timeline.TaskBlocked)
		}
	case m.Kind == Woken:
		put(timeline.TaskWoken)
	case m.Kind.isEnd():
		e.Outcome = outcomes[m.Kind]
		put(timeline.TaskDone)
	case m.Kind == Began || m.Kind == Finished:
		d.row(m.Event, e)
	}
}

var outcomes = map[Kind]timeline.Outcome{
	Returned: timeline.Done, Failed: timeline.Failed, Panicked: timeline.Failed, Canceled: timeline.Canceled,
}

// row draws a thread, or another row.
func (d *drawing) row(of Event, e timeline.Event) {
	e.Thread, e.Kind = d.rowName(of), timeline.ThreadBegin
	if of.Kind == Finished {
		e.Kind, e.Outcome = timeline.ThreadEnd, outcomeOf(of.Text)
	}
	d.builder.Add(e)
}

func outcomeOf(failure string) timeline.Outcome {
	switch {
	case failure == "":
		return timeline.Done
	case strings.HasPrefix(failure, asyncio.ErrCanceled.Error()):
		return timeline.Canceled
	default:
		return timeline.Failed
	}
}

func (d *drawing) rowName(e Event) string {
	if d.several {
		return strconv.Itoa(e.Loop) + ":" + e.Row
	}
	return e.Row
}

// nameOf calls the first task of a loop main, after the function it runs; the loop itself
// numbers the tasks that nobody has named, as Python's does.
func (d *drawing) nameOf(e Event) string {
	name := e.Name
	if e.Task == 1 && name == "Task-1" && e.Loop == 1 {
		name = "main"
	}
	if d.several {
		return strconv.Itoa(e.Loop) + ":" + name
	}
	return name
}

// wake draws the row of the loop itself: it works whenever it does not sleep.
func (d *drawing) wake(m moment, e timeline.Event) {
	if m.Kind == Began || m.Kind == Finished {
		return
	}
	if d.awake == nil {
		d.awake = map[int]bool{}
	}
	awake := m.Kind != Slept || m.phase == ends
	if d.awake[m.Loop] == awake {
		return
	}
	d.awake[m.Loop] = awake
	e.Task, e.Name, e.Kind = 0, "", timeline.PassEnd
	if awake {
		e.Kind = timeline.PassBegin
	}
	d.builder.Add(e)
}

// closeLoops ends the rows of loops that have ended, or sleep: a sleep is told at its end.
func (d *drawing) closeLoops(r *Recording) {
	for _, l := range r.loops {
		at := l.last
		if l.asleep {
			at = l.since
		}
		if d.awake[l.number] && (l.ended || l.asleep) {
			d.builder.Add(timeline.Event{Kind: timeline.PassEnd, Loop: l.number, At: at})
		}
	}
}

// busiest leaves so many rows of tasks in a chart as are wanted, and returns how many it
// has taken out.
func busiest(c *timeline.Chart, most int) (hidden int) {
	tasks := make([]*timeline.Row, 0, len(c.Rows))
	for i := range c.Rows {
		if c.Rows[i].Kind == timeline.TaskRow {
			tasks = append(tasks, &c.Rows[i])
		}
	}
	if len(tasks) <= most {
		return 0
	}
	slices.SortStableFunc(tasks, func(a, b *timeline.Row) int { return cmp.Compare(b.Busy(), a.Busy()) })
	drawn := map[*timeline.Row]bool{}
	for _, row := range tasks[:most] {
		drawn[row] = true
	}
	var kept []timeline.Row
	for i := range c.Rows {
		if row := &c.Rows[i]; row.Kind != timeline.TaskRow || drawn[row] {
			kept = append(kept, *row)
		}
	}
	c.Rows = kept
	return len(tasks) - most
}
