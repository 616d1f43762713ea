package pages

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// A hint is a key and what it does.
type hint struct{ key, does string }

// hints are the keys that do something on the page that is shown.
func (m *Model) hints() []hint {
	arrows := "← →"
	if m.config.ASCII {
		arrows = "<- ->"
	}
	switch m.overlay {
	case whole, help:
		hints := []hint{{"up down", "scroll"}, {"Esc", "back"}}
		if m.overlay == whole {
			hints = append(hints, hint{"L", "language"})
		}
		return append(hints, hint{"[ ]", "lesson"}, hint{"Q", "quit"})
	case form:
		return []hint{{"up down", "choose"}, {arrows, "change"}, {"0-9", "type it"}, {"R", "as it was"}, {"Enter", "run"}, {"Esc", "back"}, {"Q", "quit"}}
	case list:
		return []hint{{"up down", "choose"}, {"Enter", "go there"}, {"Esc", "back"}, {"Q", "quit"}}
	}
	hints := []hint{{"Enter", m.next()}}
	if m.phase == closed {
		return append(hints, hint{"G", "go to lesson"}, hint{"[", "back"}, hint{"Q", "quit"})
	}
	if n := len(m.lesson().Question.Choices); m.phase == asking && n > 0 {
		hints = []hint{{"1 2 3"[:2*n-1], "answer"}, {"Enter", m.next()}}
	}
	play := "play"
	if m.player.playing || m.config.Auto && m.phase != playing && !m.resting {
		play = "pause"
	}
	hints = append(hints, hint{arrows, "step"}, hint{"N", "next switch"}, hint{"space", play}, hint{"- +", "speed"})
	if m.phase != asking {
		hints = append(hints, hint{"Home End", ""}, hint{"R", "again"})
	}
	return append(hints, hint{"P", "parameters"}, hint{"L", "language"}, hint{"C", "code"}, hint{"G", "lessons"},
		hint{"[ ]", "lesson"}, hint{"?", "keys"}, hint{"Q", "quit"})
}

// next says what Enter does.
func (m *Model) next() string {
	switch {
	case m.phase == asking:
		return "run"
	case m.phase == playing:
		return "conclusion"
	case m.phase == concluded && m.at+1 < len(m.lessons):
		return "next lesson"
	}
	return "leave"
}

// foot names the keys, in two lines at most, and what went wrong with the last one.
func (m *Model) foot() []string {
	lines := m.keyLines(m.width)
	if m.message != "" {
		lines[len(lines)-1] = m.paint(screen.Warning, m.message)
	}
	return append([]string{m.rule(m.width, m.recordedWords(), m.autoWords())}, lines...)
}

// recordedWords say what is played.
func (m *Model) recordedWords() string {
	if m.overlay != none || m.phase == closed {
		return m.paint(screen.Faint, m.extent)
	}
	text := "recorded from the real loop, on its virtual clock"
	if m.width < 80 {
		text = "the real loop, on a virtual clock"
	}
	return m.paint(screen.Faint, text)
}

func (m *Model) autoWords() string {
	if !m.config.Auto {
		return ""
	}
	if m.resting {
		return m.paint(screen.Warning, "stopped: space goes on")
	}
	return m.paint(screen.Faint, "auto: space stops it")
}

func (m *Model) keyLines(width int) []string {
	lines, used := []string{""}, 0
	for _, h := range m.hints() {
		plain := strings.TrimSpace(h.key + " " + h.does)
		w := ansi.StringWidth(plain)
		if used > 0 && used+2+w > width {
			if len(lines) == 2 {
				break // ? names them all
			}
			lines, used = append(lines, ""), 0
		}
		if used > 0 {
			lines[len(lines)-1] += "  "
			used += 2
		}
		lines[len(lines)-1] += m.paint(screen.Strong, h.key) + m.paint(screen.Faint, strings.TrimSuffix(" "+h.does, " "))
		used += w
	}
	return lines
}

// keys are all keys, for the page of help.
const keys = `1 2 3        answer the question, and run the lesson
Enter        go on: run, conclusion, next lesson
← →          a step back, a step on: from event to event
N            on to where the loop runs something else
space        play, pause
- +          slower, faster
Home End     the beginning, the end
R            again, from the beginning
P            change parameters, and run again
L            the other language
C            the whole program
G            go to a lesson
[ ]          the lesson before, the next one
?            these keys
Ctrl-Z       stop the tour; fg goes on
Q, Ctrl-C    leave`

// marks explains the timeline.
func (m *Model) marks() []string {
	g := m.glyphs
	rows := []struct{ glyph, text string }{
		{g.running, "runs; the number in it says which step"},
		{g.moment, "runs, and takes no time on this clock"},
		{g.ready, "ready, but not its turn"},
		{g.waiting, "waits"},
		{g.stuck, "waits in a deadlock"},
		{g.due, "its timer is due"},
		{g.thread, "a thread, or another core, beside the loop"},
		{g.done, "done"},
		{g.failed, "failed"},
		{g.canceled, "canceled"},
		{g.nothing, "nothing to do"},
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, strings.Repeat(r.glyph, 3)+"  "+r.text)
	}
	return append(lines, "", "Each step has a column of its own, however short; else columns are time.",
		"Pale is what has not happened yet.")
}

func (m *Model) helpLines() []string {
	text := keys
	if m.config.ASCII {
		text = strings.Replace(text, "← → ", "<- -> ", 1)
		text = strings.Replace(text, "<- ->         ", "<- ->        ", 1)
	}
	lines := []string{m.paint(screen.Title, "Keys"), ""}
	lines = append(lines, strings.Split(text, "\n")...)
	lines = append(lines, "", m.paint(screen.Title, "Timeline"), "")
	return append(lines, m.marks()...)
}

func (m *Model) listLines(room int) []string {
	lines := []string{m.paint(screen.Title, "Lessons"), ""}
	width := 0
	for _, l := range m.config.All {
		width = max(width, len(l.Name))
	}
	from := min(max(m.row-room/2+2, 0), max(len(m.config.All)-room+2, 0))
	for i, l := range m.config.All[from:] {
		mark, line := "  ", strings.Repeat(" ", width-len(l.Name)+2)
		if from+i == m.row {
			mark = m.paint(screen.Strong, m.glyphs.here+" ")
			line = m.paint(screen.Strong, l.Name) + line + m.paint(screen.Strong, l.Title)
		} else {
			line = l.Name + line + m.paint(screen.Faint, l.Title)
		}
		lines = append(lines, mark+fmt.Sprintf("%3d  ", l.Number)+line)
	}
	return lines
}
