package pages

import (
	"fmt"
	"maps"
	"slices"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// state returns how things stand at the moment that is shown.
func (m *Model) state() *recording.State {
	p := &m.player
	if p.state == nil || p.stateAt != p.n {
		s := p.film.states.At(p.n)
		p.state, p.stateAt = &s, p.n
	}
	return p.state
}

// name paints the name of a task in its color.
func (m *Model) name(task uint64) string {
	return m.paint(taskTone(m.player.film, task), view.Clean(taskName(m.player.film.rec, task)))
}

// runningList says what the loop runs, and what is busy beside it.
func (m *Model) runningList() []string {
	s := m.state()
	var lines []string
	switch r := s.Running; {
	case r != nil && r.Task != 0:
		lines = []string{m.name(r.Task) + m.paint(screen.Faint, m.runningWords(r))}
	case r != nil:
		lines = []string{"callback " + view.Clean(r.Callback) + m.paint(screen.Faint, m.runningWords(r))}
	case s.Sleeping != nil && s.Sleeping.Until > 0:
		lines = []string{m.paint(screen.Faint, "nothing: sleeps until "+seconds(s.Sleeping.Until))}
	case s.Sleeping != nil:
		lines = []string{m.paint(screen.Faint, "nothing: waits for the world")}
	default:
		lines = []string{m.paint(screen.Faint, "nothing")}
	}
	for _, key := range slices.Sorted(maps.Keys(s.Rows)) {
		line := view.Clean(key)
		if task := s.Rows[key].Task; task != 0 {
			line += m.paint(screen.Faint, " for ") + m.name(task)
		}
		lines = append(lines, line)
	}
	return lines
}

func (m *Model) runningWords(r *recording.Running) string {
	words := ""
	if r.Step > 0 {
		words += fmt.Sprintf("  step %d", r.Step)
	}
	if r.Line > 0 {
		words += "  " + line(r.Line)
	}
	return words
}

// readyList is the ready queue.
func (m *Model) readyList() []string {
	var lines []string
	for _, q := range m.state().Ready {
		text := m.item(&recording.Item{Kind: q.Kind, Task: q.Task, Name: q.Name})
		if since := m.player.t - q.Since; since > 0 {
			text += m.paint(screen.Faint, "  for "+seconds(since))
		}
		lines = append(lines, text)
	}
	if lines == nil {
		return []string{m.paint(screen.Faint, "empty")}
	}
	return lines
}

func (m *Model) item(i *recording.Item) string {
	switch {
	case i.Kind == "task":
		return m.name(i.Task)
	case i.Task != 0:
		return i.Kind + " of " + m.name(i.Task)
	}
	return view.Clean(itemName(m.player.film.rec, i))
}

// timerList is the timers that are set.
func (m *Model) timerList() []string {
	var lines []string
	for _, t := range m.state().Timers {
		text := view.Clean(t.For)
		if t.Task != 0 {
			text = m.name(t.Task)
			if t.For != "sleep" {
				text += " " + view.Clean(t.For)
			}
		}
		lines = append(lines, text+m.paint(screen.Faint, fmt.Sprintf("  at %s, in %s", seconds(t.At), seconds(max(t.At-m.player.t, 0)))))
	}
	if lines == nil {
		return []string{m.paint(screen.Faint, "none")}
	}
	return lines
}

// line returns the line that the program has come to, or 0.
func (m *Model) line() int {
	at := m.player.film.last(m.player.n, func(e *recording.Event) bool { return e.Line > 0 })
	if at == 0 {
		return 0
	}
	return m.player.film.rec.Events[at-1].Line
}

// stands returns who stands on which line of the program in Go.
func (m *Model) stands(c listing) map[int][]stand {
	if m.player.film == nil || m.phase == asking || c.language != "Go" {
		return nil
	}
	s := m.state()
	stands := map[int][]stand{}
	for _, id := range slices.Sorted(maps.Keys(s.Tasks)) {
		t := s.Tasks[id]
		here := s.Running != nil && s.Running.Task == id
		if t.State == recording.StateDone && !here || t.Line == 0 {
			continue
		}
		stands[t.Line] = append(stands[t.Line], stand{taskName(m.player.film.rec, id), taskTone(m.player.film, id), here})
	}
	if r := s.Running; r != nil && r.Task == 0 && r.Line > 0 {
		stands[r.Line] = append(stands[r.Line], stand{"callback", screen.Strong, true})
	}
	return stands
}
