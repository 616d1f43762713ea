package view

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// Tone returns the tone in which the state of a task is written.
func Tone(t *wire.Task) screen.Tone {
	switch t.State {
	case wire.Running:
		return screen.Busy
	case wire.Ready:
		return screen.Warning
	case wire.Held:
		return screen.Faint
	case wire.Done:
		if t.Outcome == wire.Failed || t.Outcome == wire.Panicked {
			return screen.Bad
		}
		return screen.Faint
	}
	return screen.Text
}

// Load tells how busy a task is: its share of the time that has passed since the picture
// before.
type Load func(t *wire.Task) float64

// TaskTable returns the table of tasks. Load is nil where there is no picture before: then
// the column has the time that a task has run in all.
func (s *State) TaskTable(tasks []*wire.Task, load Load) *Table {
	busy := Column{Head: "BUSY", Right: true}
	if load != nil {
		busy.Head = "BUSY%"
	}
	table := &Table{Columns: []Column{
		{Head: "ID", Right: true}, {Head: "NAME", Min: 10}, {Head: "STATE"}, busy,
		{Head: "WAIT", Min: 16}, {Head: "SINCE", Right: true}, {Head: "FOR", Min: 6}, {Head: "STEPS", Right: true},
	}}
	for _, t := range tasks {
		work := Span(t.Busy)
		if load != nil {
			work = strings.TrimPrefix(Percent(load(t)), "0%") // most tasks wait, and need not say so twice
		}
		wait := screen.Text
		switch {
		case s.locked[t.ID]:
			wait = screen.Bad
		case t.Canceled != 0 && t.State != wire.Done:
			wait = screen.Warning
		}
		table.Rows = append(table.Rows, []Cell{
			{strconv.FormatUint(t.ID, 10), screen.Text}, {Name(t), screen.Strong}, {Word(t), Tone(t)}, {work, screen.Text},
			{s.Wait(t), wait}, {s.Since(t), screen.Text}, {s.For(t), wait}, {strconv.FormatUint(t.Steps, 10), screen.Text},
		})
	}
	return table
}

// Shorten writes large numbers of a table of tasks with their first figures.
func (t *Table) Shorten() {
	for _, row := range t.Rows {
		if n, err := strconv.ParseUint(row[steps].Text, 10, 64); err == nil {
			row[steps].Text = Short(n)
		}
	}
}

// steps is the column of TaskTable with how often a task has run.
const steps = 7

// Alive returns the tasks that have not ended, or all of them.
func (s *State) Alive(all bool) []*wire.Task {
	var tasks []*wire.Task
	for i := range s.Tasks {
		if t := &s.Tasks[i]; all || t.State != wire.Done {
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// Orders are what tasks can be sorted by; the first is how they come.
var Orders = []string{"id", "busy", "since", "steps", "name", "state"}

// Sort sorts tasks by one of Orders: those first that one looks for, which are the
// busiest, those that wait longest, those with most steps.
func Sort(tasks []*wire.Task, order string, load Load) {
	compare := map[string]func(a, b *wire.Task) int{
		"id":    func(a, b *wire.Task) int { return 0 },
		"busy":  func(a, b *wire.Task) int { return cmp.Compare(load(b), load(a)) },
		"since": func(a, b *wire.Task) int { return cmp.Compare(begin(a), begin(b)) },
		"steps": func(a, b *wire.Task) int { return cmp.Compare(b.Steps, a.Steps) },
		"name":  func(a, b *wire.Task) int { return strings.Compare(Name(a), Name(b)) },
		"state": func(a, b *wire.Task) int { return cmp.Compare(rank(a), rank(b)) },
	}[order]
	slices.SortStableFunc(tasks, func(a, b *wire.Task) int {
		return cmp.Or(compare(a, b), cmp.Compare(a.ID, b.ID))
	})
}

// begin returns since when a task is in its state. Unknown counts as now.
func begin(t *wire.Task) int64 {
	if since := cmp.Or(t.Since, t.Ended); since != 0 {
		return since
	}
	return 1<<63 - 1
}

// rank orders states: what uses the loop first, what has ended last.
func rank(t *wire.Task) int {
	return slices.Index([]string{wire.Running, wire.Ready, wire.Held, wire.Waiting, wire.Done}, t.State)
}

// Health says in a line or two how a loop does.
func (s *State) Health() string {
	return strings.Join([]string{
		"busy " + Percent(s.Stats.Busy),
		fmt.Sprintf("%s passes/s", Count(int64(s.Stats.Rate+0.5))),
		fmt.Sprintf("lag p50 %s p99 %s", Span(s.Stats.P50), Span(s.Stats.P99)),
		Count(s.Stats.Ready) + " ready",
		Count(s.Stats.Live) + " live",
		Count(s.Dropped) + " dropped",
	}, ", ")
}

// Open returns the warnings that are not over.
func (s *State) Open() []wire.Warning {
	return slices.DeleteFunc(slices.Clone(s.Warnings), func(w wire.Warning) bool { return w.Ended != 0 })
}

// Notes returns what a reader must know before anything else: that the loop does not
// answer, that events were lost, that tasks are left out.
func (s *State) Notes(paint Paint, width int) []string {
	var lines []string
	lines = append(lines, s.Standstill(paint, width)...)
	if s.Dropped > 0 {
		lines = append(lines, paintAll(paint, screen.Warning, Wrap(fmt.Sprintf("%s lost since the console was attached: times and numbers of steps may be too low.", were(s.Dropped, "event")), "", width))...)
	}
	if s.Truncated > 0 {
		lines = append(lines, paintAll(paint, screen.Warning, Wrap(fmt.Sprintf("%s left out.", were(s.Truncated, "task")), "", width))...)
	}
	return lines
}

func were[T ~int | ~uint64](n T, one string) string {
	if n == 1 {
		return Plural(n, one) + " was"
	}
	return Plural(n, one) + " were"
}

// Standstill says in which step a loop stands that does not answer, with the stack. It is
// empty for one that does.
func (s *State) Standstill(paint Paint, width int) []string {
	if !s.Stale {
		return nil
	}
	if s.Stuck == nil {
		return paintAll(paint, screen.Bad, Wrap("The loop does not answer. What follows is its last known state.", "", width))
	}
	who := "a callback"
	if s.Stuck.Task != 0 {
		who = fmt.Sprintf("task %d %s", s.Stuck.Task, Clean(s.Stuck.Name))
	}
	text := fmt.Sprintf("The loop does not answer: %s holds it for %s now (%s). ", who, Span(s.Stuck.For), cmp.Or(Clean(s.Stuck.State), "running"))
	if s.At == 0 {
		text += "It has not answered yet, so nothing else is known of it."
	} else {
		text += "What follows is the state before."
	}
	lines := paintAll(paint, screen.Bad, Wrap(text, "", width))
	lines = append(lines, Stack(s.Stuck.Stack, width)...)
	if s.Stuck.Advice != "" {
		lines = append(lines, Wrap(Clean(s.Stuck.Advice), "  ", width)...)
	}
	return lines
}

// Stack returns the lines of a stack, its innermost call first.
func Stack(frames []wire.Frame, width int) []string {
	var lines []string
	for _, f := range frames {
		lines = append(lines, "    at "+Place(f))
	}
	return Fit(lines, width)
}

// Explain says what is wrong, where, and what to do.
func (s *State) Explain(paint Paint, width int, warnings []wire.Warning) []string {
	var lines []string
	for _, w := range warnings {
		lines = append(lines, s.warning(paint, width, &w)...)
	}
	return lines
}

func (s *State) warning(paint Paint, width int, w *wire.Warning) []string {
	head := Clean(w.Title)
	if !strings.HasPrefix(strings.ToLower(head), w.ID) {
		head = Clean(w.ID) + ": " + head
	}
	if w.Count > 1 {
		head += fmt.Sprintf(" (%d times)", w.Count)
	}
	tone := severity(w)
	if w.Ended != 0 {
		head, tone = head+", over", screen.Faint
	}
	lines := paintAll(paint, tone, Wrap(head, "", width))
	if w.Text != "" {
		lines = append(lines, Wrap(Clean(w.Text), "  ", width)...)
	}
	for _, e := range w.Cycle {
		lines = append(lines, s.edge(&e, width)...)
	}
	if w.Frame != nil && len(w.Cycle) == 0 {
		lines = append(lines, Stack([]wire.Frame{*w.Frame}, width)...)
	}
	if w.Cure != "" {
		lines = append(lines, Wrap("cure: "+Clean(w.Cure), "  ", width)...)
	}
	return lines
}

// severity tells what stops a program from what slows it down.
func severity(w *wire.Warning) screen.Tone {
	if w.ID == wire.Deadlock || w.ID == wire.NeverYields {
		return screen.Bad
	}
	return screen.Warning
}

// edge returns one wait of a deadlock: since when, and where. Whom for, the text says.
func (s *State) edge(e *wire.Edge, width int) []string {
	text := fmt.Sprintf("%d %s waits for %s", e.Task, Clean(e.Name), Clean(e.Wait))
	if e.Since != 0 {
		text += " since " + Span(s.At-e.Since)
	}
	if e.Frame != nil {
		text += " at " + Place(*e.Frame)
	}
	return Wrap(text, "    ", width)
}

func paintAll(paint Paint, tone screen.Tone, lines []string) []string {
	for i, line := range lines {
		lines[i] = paint(tone, line)
	}
	return lines
}
