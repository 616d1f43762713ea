package trace

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/timeline"
)

// rowsDrawn and hostsDrawn are how many tasks and hosts a drawing has at most: nobody
// reads more than that.
const (
	rowsDrawn  = 120
	hostsDrawn = 40
)

// Timeline draws what happened as text, as asyncio tour does: a row for each task, each
// thread, and each row of [Lane] and worker of package remote, with time from left to right, and below it what the marks mean. width is
// the width of the drawing in columns; 0 or less means 80. If a program has more than 120
// tasks, those that ran for the longest time are drawn. A line below says how many tasks
// are left out, and how many events were dropped.
//
// Tasks on simulated hosts are grouped by host, below a line that shows when the host was
// up, what it sent, as arrows to such lines of other hosts, and what it got. Of messages
// that fall together, the drawing shows the rarest kind, and its number. If there are
// more than 40 hosts, those that sent and got the most are drawn. Timeline returns w's
// error.
func (r *Recording) Timeline(w io.Writer, width int) error {
	if width <= 0 {
		width = 80
	}
	c := r.chart()
	hidden, hosts := c.Busiest(rowsDrawn, hostsDrawn)
	lines := c.Render(timeline.Options{Width: width, Glyphs: timeline.Unicode, Legend: true})
	if lines == nil {
		lines = []string{"Nothing was recorded."}
	}
	if hidden > 0 {
		lines = append(lines, fmt.Sprintf("%d more tasks are not drawn: those that ran the least. WritePerfetto shows all.", hidden))
	}
	if hosts > 0 {
		lines = append(lines, fmt.Sprintf("%d more hosts are not drawn, nor what was sent to them and by them: those that sent and got the least.", hosts))
	}
	if n := r.Dropped(); n > 0 {
		lines = append(lines, fmt.Sprintf("DROPPED: %d events from before the beginning are lost, for the recorder's ring was full. trace.Size makes it larger.", n))
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

func init() {
	timeline.OfRecording = func(r any) timeline.Chart { return r.(*Recording).chart() }
	timeline.StepsOfRecording = func(r any) timeline.Chart { return r.(*Recording).chartOfSteps() }
}

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
	steps   *steps       // nil: the chart shows time
}

func (d *drawing) add(m moment) {
	e := timeline.Event{At: m.At, Loop: m.Loop, Task: m.Task, Name: d.nameOf(m.Event), Host: d.hostOf(m.Loop, m.Host)}
	if m.phase == begins {
		e.At = m.From
	}
	if d.steps != nil {
		e.At = d.steps.place(m)
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
	case m.Kind == Hosted:
		put(timeline.TaskHosted)
	case m.Kind == HostUp:
		put(timeline.HostUp)
	case m.Kind == HostDown:
		put(timeline.HostDown)
	case m.Kind == Sent || m.Kind == Lost:
		e.To, e.Arrives, e.Message = d.hostOf(m.Loop, m.To), m.Arrives, messageOf(m.Event)
		if d.steps != nil {
			e.Arrives = d.steps.arrival(m.Event)
		}
		put(timeline.MessageSent)
	}
}

// messageOf says what a message is, for the drawing.
func messageOf(e Event) timeline.MessageKind {
	switch {
	case e.Kind == Lost:
		return timeline.Lost
	case e.What == "connect", e.What == "accept":
		return timeline.Connecting
	case e.What == "refuse", e.What == "reset":
		return timeline.Refusing
	default:
		return timeline.Data
	}
}

// hostOf returns the name of a host; "" stands for the one on which the test itself is.
func (d *drawing) hostOf(loop int, name string) string {
	name = cmp.Or(name, localhost)
	if d.several {
		return strconv.Itoa(loop) + ":" + name
	}
	return name
}

// localhost is the host of tasks of which there is no event of the kind Hosted.
const localhost = "localhost"

var outcomes = map[Kind]timeline.Outcome{
	Returned: timeline.Done, Failed: timeline.Failed, Panicked: timeline.Failed, Canceled: timeline.Canceled,
}

// row draws a thread, or another row.
func (d *drawing) row(of Event, e timeline.Event) {
	e.Thread, e.Kind, e.Elsewhere = d.rowName(of), timeline.ThreadBegin, of.What != labelThread
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

// nameOf calls the first task of a loop main, after the function that it runs. (The loop
// itself numbers all tasks without a name, as Python's does, so for the loop it is
// Task-1.)
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

// wake draws the row of the loop itself: the loop works whenever it does not sleep.
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
