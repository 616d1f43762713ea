package pages

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// The smallest window in which a page can be read.
const (
	minWidth  = 40
	minHeight = 12
)

// Where there is more room, more is shown.
const (
	besideWidth = 140 // Go and Python side by side
	panelWidth  = 100 // the lists of the loop beside the timeline
	stripHeight = 30  // or below it
	maxProse    = 92  // longer lines are hard to follow
)

// View draws the page.
func (m *Model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	v.WindowTitle = "asyncio tour"
	return v
}

// lines returns exactly as many lines as the window has.
func (m *Model) lines() []string {
	if m.width < minWidth || m.height < minHeight {
		return m.tooSmall()
	}
	m.extent = ""
	room := m.room()
	body := m.body(room)
	body = body[:min(len(body), room)]
	for len(body) < room {
		body = append(body, "")
	}
	lines := slices.Concat([]string{m.head()}, body, m.foot())
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, m.width, m.glyphs.more)
	}
	return lines
}

// room is how many lines are between head and foot.
func (m *Model) room() int { return max(m.height-1-len(m.foot()), 1) }

func (m *Model) tooSmall() []string {
	text := fmt.Sprintf("This window has %d columns and %d rows; the tour needs %d and %d. Make it larger, or leave with Q: \"%s tour --plain\" prints the tour.",
		m.width, m.height, minWidth, minHeight, m.config.Command)
	lines := strings.Split(ansi.Wrap(text, max(m.width, 8), " "), "\n")
	return lines[:min(len(lines), max(m.height, 1))]
}

func (m *Model) paint(tone screen.Tone, text string) string { return m.config.Paint(tone, text) }

// wrap breaks a text into lines of a width that reads well.
func (m *Model) wrap(tone screen.Tone, text string) []string {
	return m.wrapTo(min(m.width-4, maxProse), tone, text)
}

func (m *Model) wrapTo(width int, tone screen.Tone, text string) []string {
	var lines []string
	for line := range strings.SplitSeq(ansi.Wrap(text, max(width, 10), " "), "\n") {
		lines = append(lines, m.paint(tone, strings.TrimSpace(line)))
	}
	return lines
}

func (m *Model) head() string {
	if m.phase == closed {
		return m.paint(screen.Title, "asyncio tour")
	}
	l := m.lesson()
	return m.paint(screen.Faint, fmt.Sprintf("Lesson %d of %d  ", l.Number, len(m.config.All))) + m.paint(screen.Title, l.Title)
}

// rule is a line across the page, or a part of it, with words in it.
func (m *Model) rule(width int, words ...string) string {
	line := ""
	for _, w := range words {
		if w != "" {
			line += m.paint(screen.Faint, m.glyphs.rule) + " " + w + " "
		}
	}
	rest := max(width-ansi.StringWidth(line), 0)
	return line + m.paint(screen.Faint, strings.Repeat(m.glyphs.rule, rest))
}

// body returns what is between head and foot.
func (m *Model) body(room int) []string {
	switch m.overlay {
	case whole:
		return m.scrolled(m.program(), room)
	case form:
		return m.scrolledTo(m.formLines(), 4+m.form.row, room)
	case list:
		return m.listLines(room)
	case help:
		return m.scrolled(m.helpLines(), room)
	}
	if m.err != nil {
		return slices.Concat([]string{""}, m.wrap(screen.Bad, "This lesson could not be recorded: "+m.err.Error()))
	}
	switch m.phase {
	case asking:
		return m.askingPage(room)
	case closed:
		return m.closedPage()
	}
	if m.player.film == nil {
		return []string{"", m.paint(screen.Faint, "the lesson runs ...")}
	}
	if m.phase == playing {
		return m.playingPage(room)
	}
	return m.concludedPage(room)
}

func (m *Model) scrolled(lines []string, room int) []string {
	m.scroll = min(m.scroll, max(len(lines)-room, 0))
	if len(lines) > room {
		m.extent = fmt.Sprintf("lines %d to %d of %d", m.scroll+1, m.scroll+room, len(lines))
	}
	return lines[m.scroll:]
}

func (m *Model) scrolledTo(lines []string, row, room int) []string {
	from := min(max(row-room+2, 0), max(len(lines)-room, 0))
	return lines[from:]
}

// sideBySide tells whether there is room for both programs.
func (m *Model) sideBySide() bool { return m.width >= besideWidth }

// program is the whole program, in one language or both.
func (m *Model) program() []string {
	if m.sideBySide() {
		left, right := m.listings()
		if left.width()+codeGap+right.width() > m.width {
			return append(m.allOf(left, m.width), m.allOf(right, m.width)...)
		}
		return m.columns(m.allOf(left, m.half()), m.allOf(right, m.width-m.half()-codeGap), m.half(), codeGap)
	}
	return m.allOf(m.shown(), m.width)
}

// These are the columns between two parts of a page, and between two programs: they have
// just room for the widest that the lessons may have.
const (
	gap     = 3
	codeGap = 2
)

// half is how wide the left of two programs is: each has what it needs, if there is room
// for both, and else the right one has.
func (m *Model) half() int {
	golang, python := m.listings()
	left, right := golang.width(), python.width()
	if free := m.width - codeGap - left - right; free >= 0 {
		return left + free/2
	}
	return max(m.width-codeGap-right, (m.width-codeGap)/2)
}

// width is how wide a listing is at least.
func (c listing) width() int {
	width := 0
	for _, line := range c.narrow {
		width = max(width, line.Width())
	}
	return width + c.gutter()
}

// shown returns the program in the language that is shown.
func (m *Model) shown() listing {
	golang, python := m.listings()
	if m.python {
		return python
	}
	return golang
}

func (m *Model) allOf(c listing, width int) []string {
	return append([]string{m.codeRule(c, width)}, m.draw(c, c.every(), width)...)
}

// columns puts two blocks beside each other.
func (m *Model) columns(left, right []string, width, gap int) []string {
	var lines []string
	for i := range max(len(left), len(right)) {
		line := ""
		if i < len(left) {
			line = ansi.Truncate(left[i], width, m.glyphs.more)
		}
		if i < len(right) && right[i] != "" {
			line += strings.Repeat(" ", max(width-ansi.StringWidth(line), 0)+gap) + right[i]
		}
		lines = append(lines, line)
	}
	return lines
}

// codeBlock is the code of a page: as much as there is room for, and at least a few
// lines around the one at.
func (m *Model) codeBlock(least int, touched []int, at int) block {
	golang, python := m.listings()
	part := func(c listing, height, width, at int, touched []int) []string {
		return m.draw(c, around(c.excerpt(height, touched), at, height), width)
	}
	if m.sideBySide() {
		good := max(len(golang.matter(touched)), len(python.matter(nil)))
		want := max(len(golang.source.Lines), len(python.source.Lines))
		return block{min: least + 1, good: good + 1, want: want + 1, draw: func(height int) []string {
			right := m.width - m.half() - codeGap
			heads := m.columns([]string{m.codeRule(golang, m.half())}, []string{m.codeRule(python, right)}, m.half(), codeGap)
			return append(heads, m.columns(part(golang, height-1, m.half(), at, touched), part(python, height-1, right, 0, nil), m.half(), codeGap)...)
		}}
	}
	c := m.shown()
	if m.python {
		touched, at = nil, 0
	}
	matter := len(c.matter(touched))
	return block{min: least, good: min(matter, 12), want: len(c.source.Lines), draw: func(height int) []string {
		return part(c, height, m.width, at, touched)
	}}
}

func (m *Model) codeRule(c listing, width int) string {
	return m.rule(width, m.paint(screen.Title, c.language), m.paint(screen.Faint, "lessons/"+c.file))
}

// spaced puts an empty line in front of a block, if there is one.
func spaced(lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	return append([]string{""}, lines...)
}
