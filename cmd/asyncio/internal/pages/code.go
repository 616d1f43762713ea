package pages

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/highlight"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/lessons"
)

// A listing is a program in one of the two languages, or a part of it.
type listing struct {
	language string
	file     string
	source   lessons.Source
	wide     []highlight.Line // with four columns for a tab
	narrow   []highlight.Line // with two
}

// listings returns the programs of the lesson that is shown, in Go and in Python.
func (m *Model) listings() (golang, python listing) {
	l := m.lesson()
	if m.cached.lesson != l.Name {
		m.cached.lesson = l.Name
		m.cached.golang = newListing("Go", l.GoFile(), l.Go(), m.config.Color)
		m.cached.python = newListing("Python", l.PythonFile(), l.Python(), m.config.Color)
	}
	return m.cached.golang, m.cached.python
}

func newListing(language, file string, source lessons.Source, color bool) listing {
	lexer := language
	if !color {
		lexer = "" // plain text
	}
	return listing{language, file, source, highlight.Code(lexer, source.Text(), 4), highlight.Code(lexer, source.Text(), 2)}
}

// A stand is a task on a line of the code.
type stand struct {
	name string
	tone screen.Tone
	here bool // it runs
}

// gutter is how many columns the numbers of lines and their marks take. Those of Python are
// not numbered: nobody speaks of them.
func (c listing) gutter() int {
	if c.language != "Go" {
		return 1
	}
	return len(strconv.Itoa(len(c.source.Lines))) + 1
}

// excerpt returns the lines to show where there is room for so many: all of them, or
// those that matter most, with what is between them as far as there is room. Lines are
// counted from 1.
func (c listing) excerpt(room int, touched []int) []int {
	if len(c.source.Lines) <= room {
		return c.every()
	}
	lines := c.matter(touched)
	if heads := c.withHeads(lines); len(heads) <= room {
		lines = heads
	}
	for len(lines) < room {
		from, to := c.nextGap(lines, room-len(lines))
		if from == to {
			break
		}
		if free := room - len(lines); to-from > free {
			if to > len(c.source.Lines) {
				to = from + free
			} else {
				from = to - free // what leads to the next line
			}
		}
		for n := from; n < to; n++ {
			lines = append(lines, n)
		}
		slices.Sort(lines)
	}
	return lines
}

func (c listing) every() []int {
	all := make([]int, len(c.source.Lines))
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// matter returns the lines of the focus, and those that the run touches, with the heads
// of the functions that they are in; or all, if there are none.
func (c listing) matter(touched []int) []int {
	touched = slices.DeleteFunc(slices.Clone(touched), func(n int) bool { return n < 1 || n > len(c.source.Lines) })
	lines := append(slices.Clone(c.source.Focus), c.withHeads(touched)...)
	if len(lines) == 0 {
		return c.every()
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// withHeads adds the heads of the functions that lines are in.
func (c listing) withHeads(lines []int) []int {
	all := slices.Clone(lines)
	for _, n := range lines {
		if head := c.head(n); head > 0 {
			all = append(all, head)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// head returns the line at which the function begins that a line is in, or 0.
func (c listing) head(n int) int {
	for ; n > 0; n-- {
		if line := c.source.Lines[n-1]; strings.HasPrefix(line, "func ") || strings.HasPrefix(line, "def ") || strings.HasPrefix(line, "async def ") {
			return n
		}
	}
	return 0
}

// nextGap returns which lines to add next to those that are shown, from one to before
// another: the fewest that are missing between two of them, if there is room; then what
// comes before all; then what comes after.
func (c listing) nextGap(lines []int, room int) (from, to int) {
	least := room + 1
	for i := range len(lines) - 1 {
		if gap := lines[i+1] - lines[i] - 1; gap > 0 && gap < least {
			least, from, to = gap, lines[i]+1, lines[i+1]
		}
	}
	switch {
	case to > 0:
		return from, to
	case lines[0] > 1:
		return 1, lines[0]
	case lines[len(lines)-1] < len(c.source.Lines):
		return lines[len(lines)-1] + 1, len(c.source.Lines) + 1
	}
	return 0, 0
}

// around returns so many of the lines that the line at, or the one that is nearest
// before it, is among them.
func around(lines []int, at, room int) []int {
	if len(lines) <= room {
		return lines
	}
	i := 0
	for i < len(lines)-1 && lines[i+1] <= at {
		i++
	}
	from := min(max(i-room/2, 0), len(lines)-room)
	return lines[from : from+room]
}

// draw draws some lines of the listing, with their numbers, and with who stands on them.
func (m *Model) draw(c listing, lines []int, width int) []string {
	code, stands := c.wide, m.stands(c)
	for _, line := range code {
		if line.Width() > width-c.gutter() {
			code = c.narrow
			break
		}
	}
	var drawn []string
	for _, n := range lines {
		var line highlight.Line
		if n <= len(code) {
			line = code[n-1]
		}
		drawn = append(drawn, m.codeLine(c, n, line, width, stands[n]))
	}
	return drawn
}

func (m *Model) codeLine(c listing, n int, code highlight.Line, width int, stands []stand) string {
	mark, g, paint := " ", m.glyphs, m.paint
	if slices.Contains(c.source.Focus, n) {
		mark = paint(screen.Strong, g.focus)
	}
	var tags []string
	for _, s := range stands {
		if s.here {
			mark = paint(s.tone, g.here)
			tags = slices.Insert(tags, 0, paint(s.tone, g.running+" "+view.Clean(s.name)))
		} else {
			tags = append(tags, paint(s.tone, g.stands+" "+view.Clean(s.name)))
		}
	}
	var b strings.Builder
	for _, p := range code {
		b.WriteString(paint(p.Tone, p.Text))
	}
	text := ansi.Truncate(b.String(), width-c.gutter(), g.more)
	line := mark + text
	if digits := c.gutter() - 1; digits > 0 {
		line = paint(screen.Faint, fmt.Sprintf("%*d", digits, n)) + line
	}
	room := width - c.gutter() - ansi.StringWidth(text) - 2
	tag := ""
	for _, t := range tags { // as many as there is room for
		if ansi.StringWidth(tag+" "+t) <= room {
			tag = strings.TrimLeft(tag+" "+t, " ")
		}
	}
	if tag != "" {
		line += strings.Repeat(" ", width-ansi.StringWidth(line)-ansi.StringWidth(tag)) + tag
	}
	return strings.TrimRight(line, " ")
}
