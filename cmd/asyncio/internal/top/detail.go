package top

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// detailLines returns all that is known of the selected task.
func (m *Model) detailLines(l *loop) []string {
	t := l.shown.Task(l.selected)
	if m.task != nil && m.task.ID == l.selected {
		if t == nil || !m.paused {
			t = &m.task.Task
		}
	}
	if t == nil {
		return []string{fmt.Sprintf("task %d is no longer told of", l.selected)}
	}
	lines := m.facts(l.shown, t)
	switch {
	case m.taskErr != "":
		lines = append(lines, "", m.paint(screen.Warning, view.Clean(m.taskErr)))
	case m.task == nil || m.task.ID != l.selected:
		if l.left == "" {
			lines = append(lines, "", m.paint(screen.Faint, "asking for its stack and history ..."))
		}
	default:
		lines = append(lines, m.story(l, m.task)...)
	}
	return lines
}

// facts returns what the table has of a task, in words, and more.
func (m *Model) facts(s *view.State, t *wire.Task) []string {
	lines := []string{m.paint(screen.Title, "Task "+fmt.Sprint(t.ID, " ", view.Name(t)))}
	add := func(name, value string) {
		if value != "" {
			lines = append(lines, fmt.Sprintf("%s %s", m.paint(screen.Faint, fmt.Sprintf("%-9s", name)), value))
		}
	}
	state := m.paint(view.Tone(t), view.Word(t))
	if since := s.Since(t); since != "" {
		state += " for " + since
	}
	add("state", state)
	add("wait", s.Wait(t))
	if t.Wait != nil {
		var by []string
		for _, id := range t.Wait.By[:min(len(t.Wait.By), 8)] {
			by = append(by, s.Who(id))
		}
		add("for", strings.Join(by, ", "))
	}
	parent := ""
	if t.Parent != 0 {
		parent = "by " + s.Who(t.Parent)
	}
	if t.Begun != 0 {
		parent += fmt.Sprintf(" %s ago", view.Span(s.At-t.Begun))
	}
	add("created", strings.TrimSpace(parent+" "+view.Clean(t.Place)))
	add("runs", view.Clean(t.Function))
	for i := range s.Groups {
		if g := &s.Groups[i]; g.ID == t.Group && g.ID != 0 {
			add("group", fmt.Sprintf("%s of %s", view.Group(g), s.Who(g.Owner)))
		}
	}
	add("time", fmt.Sprintf("busy %s, ready %s, waiting %s", view.Span(t.Busy), view.Span(t.Ready), view.Span(t.Waiting)))
	add("steps", fmt.Sprintf("%s, the longest %s", view.Count(t.Steps), view.Span(t.Longest)))
	add("error", view.Clean(t.Error))
	return lines
}

// story returns the stack of a task, how long its steps are, and what happened to it.
func (m *Model) story(l *loop, t *wire.TaskDetail) []string {
	var lines []string
	section := func(title string, part []string) {
		if len(part) > 0 {
			lines = append(append(lines, "", m.paint(screen.Title, title)), part...)
		}
	}
	section("Stack", view.Stack(t.Stack, m.width))
	section("Created", view.Stack(t.Created, m.width))
	section("Steps by length", m.histogram(t.Steps32))
	section("History, newest first", m.history(l.shown, t.Events))
	return lines
}

// history returns events, the newest first: one need not scroll for it.
func (m *Model) history(s *view.State, events []wire.Event) []string {
	var lines []string
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		took := ""
		if e.For > 0 {
			took = view.Span(e.For)
		}
		lines = append(lines, fmt.Sprintf("%10s ago  %6s  %s", view.Span(s.At-e.At), took, cmp.Or(view.Clean(e.Text), view.Clean(e.Kind))))
	}
	return lines
}

// histogram returns a bar for each length of step that there was, and those between.
func (m *Model) histogram(counts []uint64) []string {
	first, last, most := -1, 0, uint64(0)
	for i, n := range counts {
		if n > 0 {
			if first < 0 {
				first = i
			}
			last, most = i, max(most, n)
		}
	}
	if first < 0 {
		return nil
	}
	var lines []string
	for i := first; i <= last; i++ {
		width := int(counts[i] * uint64(max(m.width-30, 10)) / most)
		bar := strings.Repeat("█", width)
		if counts[i] > 0 && width == 0 {
			bar = "▏"
		}
		lines = append(lines, fmt.Sprintf("  < %-7s %7s %s", view.Span(1000<<i), view.Short(counts[i]), m.paint(screen.Busy, bar)))
	}
	return lines
}
