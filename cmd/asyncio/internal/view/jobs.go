package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/inspect"
)

// Jobs shows what package remote has on a server: a line that sums it up, and a table for
// each thing that there is.
func Jobs(s *inspect.State, paint Paint, width int) []string {
	lines := []string{paint(screen.Title, Cut(jobsTitle(s), limited(width)))}
	if s.Jobs > 0 && len(s.Workers) == 0 {
		lines = append(lines, Wrap(paint(screen.Warning, "No worker answers: start one with \"asyncio worker PROGRAM\"."), "", width)...)
	}
	for _, part := range []struct {
		title string
		*Table
	}{{"Queue", queueTable(s)}, {"Running", runningTable(s)}, {"Workers", workerTable(s)}, {failuresTitle(s), failureTable(s)}} {
		if len(part.Rows) > 0 {
			lines = append(lines, "", paint(screen.Strong, part.title))
			lines = append(lines, part.Lines(paint, width)...)
		}
	}
	return lines
}

// limited is a width for Cut, which has no sign for one without bounds.
func limited(width int) int {
	if width <= 0 {
		return 1 << 20
	}
	return width
}

func jobsTitle(s *inspect.State) string {
	return fmt.Sprintf("%s: %s, %s running; %s; %s failed", Clean(s.Prefix),
		Plural(s.Jobs, "job"), Count(len(s.Running)), Plural(len(s.Workers), "worker"), Count(s.Failed))
}

func failuresTitle(s *inspect.State) string {
	if uint64(len(s.Failures)) < s.Failed {
		return fmt.Sprintf("The newest %d failures", len(s.Failures))
	}
	return "Failures"
}

func text(s string) Cell { return Cell{Clean(s), screen.Text} }

func number(n int) Cell { return Cell{Count(n), screen.Text} }

// since says how long ago something was, by the clock of the server.
func since(s *inspect.State, when time.Time) Cell {
	if when.IsZero() {
		return Cell{}
	}
	return Cell{Span(int64(s.At.Sub(when))), screen.Text}
}

func queueTable(s *inspect.State) *Table {
	t := &Table{Columns: []Column{
		{Head: "FUNCTION", Min: 12}, {Head: "VERSION", Min: 7}, {Head: "WAITING", Right: true}, {Head: "OLDEST", Right: true},
		{Head: "HELD", Right: true}, {Head: "WORKERS", Right: true},
	}}
	for _, f := range s.Queue {
		name, workers := Cell{Clean(f.Name), screen.Strong}, number(f.Workers)
		if f.Name == "" {
			name = Cell{"(never served)", screen.Faint}
		}
		if f.Workers == 0 && f.Waiting > 0 {
			workers.Tone = screen.Warning
		}
		t.Rows = append(t.Rows, []Cell{name, text(f.Version), {Count(f.Waiting), screen.Text}, since(s, f.Oldest), number(f.Held), workers})
	}
	return t
}

func runningTable(s *inspect.State) *Table {
	t := &Table{Columns: []Column{
		{Head: "ID", Min: wholeID}, {Head: "FUNCTION", Min: 12}, {Head: "CLIENT", Min: 8}, {Head: "WORKER", Min: 8}, {Head: "ATTEMPT", Right: true}, {Head: "FOR", Right: true},
	}}
	for _, r := range s.Running {
		span := Cell{Span(int64(r.For)), screen.Text}
		if r.Lost {
			span = Cell{span.Text + ", lost", screen.Bad}
		}
		t.Rows = append(t.Rows, []Cell{{Clean(r.ID), screen.Strong}, text(titled(r.Function)), text(r.Client), text(r.Worker), number(r.Attempt), span})
	}
	return t
}

func workerTable(s *inspect.State) *Table {
	t := &Table{Columns: []Column{
		{Head: "WORKER", Min: 10}, {Head: "HOST", Min: 8}, {Head: "PID", Right: true}, {Head: "STATE"}, {Head: "BUSY", Right: true}, {Head: "DONE", Right: true},
		{Head: "UP", Right: true}, {Head: "FUNCTIONS", Min: 12},
	}}
	for _, w := range s.Workers {
		t.Rows = append(t.Rows, []Cell{{Clean(w.Worker), screen.Strong}, text(w.Host), text(strconv.Itoa(w.PID)), workerState(&w),
			text(fmt.Sprintf("%d/%d", len(w.Running), w.Parallel)), {Count(w.Done), screen.Text}, since(s, w.Since), text(functions(&w))})
	}
	return t
}

func workerState(w *remote.Announcement) Cell {
	if w.Draining {
		return Cell{"drains", screen.Warning}
	}
	return Cell{"serves", screen.Text}
}

func functions(w *remote.Announcement) string {
	var names []string
	for _, f := range w.Functions {
		names = append(names, titled(f))
	}
	return strings.Join(names, ", ")
}

// titled leaves out the version of a function that has only ever had one.
func titled(function string) string { return strings.TrimSuffix(function, "=1") }

func failureTable(s *inspect.State) *Table {
	t := &Table{Columns: []Column{
		{Head: "ID", Min: wholeID}, {Head: "FUNCTION", Min: 10}, {Head: "CLIENT", Min: 8}, {Head: "WORKER", Min: 8}, {Head: "ATTEMPTS", Right: true}, {Head: "AGO", Right: true}, {Head: "ERROR", Min: 16},
	}}
	for _, f := range s.Failures {
		what := Clean(f.Error)
		if f.RetryOf != "" {
			what += " (a retry of " + Clean(f.RetryOf) + ")"
		}
		t.Rows = append(t.Rows, []Cell{{Clean(f.ID), screen.Strong}, text(titled(f.Function + "=" + f.Version)), text(f.Client), text(f.Worker),
			number(f.Attempts), since(s, f.At), {what, screen.Bad}})
	}
	return t
}

// wholeID lets the ids that package remote makes stay whole: they are there to be copied.
const wholeID = 22
