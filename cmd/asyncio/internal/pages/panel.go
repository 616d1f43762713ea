package pages

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
)

// lists are the three lists of the loop at one moment.
type lists struct{ running, ready, timers []string }

// listsAt writes the lists of the present moment.
func (m *Model) listsAt() lists {
	return lists{m.runningList(), m.readyList(), m.timerList()}
}

// panel is what stands beside the timeline: the lists of the loop, and why the latest
// step ran.
func (m *Model) panel(width, height int) []string {
	l := m.listsAt()
	head := func(text string) string { return m.rule(width, m.paint(screen.Title, text)) }
	const most = 4
	blocks := stack(height, []block{
		fixed([]string{head("Running now")}), m.some(l.running, most),
		fixed([]string{head("Ready queue, first to run first")}), m.some(l.ready, most),
		fixed([]string{head("Timers, earliest first")}), m.some(l.timers, most),
		fixed([]string{head("Why did it run now?")}), m.some(m.whyLines(width), 8),
	})
	lines := concat(blocks...)
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], width, m.glyphs.more)
	}
	return lines
}

// some is a block of the first lines of a list; the last one says how many are missing.
func (m *Model) some(lines []string, good int) block {
	if len(lines) == 0 {
		return block{}
	}
	return block{min: 1, good: min(good, len(lines)), want: len(lines), draw: func(height int) []string {
		if len(lines) <= height || height < 2 {
			return lines
		}
		left := fmt.Sprintf("%s %d more", m.glyphs.more, len(lines)-height+1)
		return append(lines[:height-1:height-1], m.paint(screen.Faint, left))
	}}
}

// strip is the three lists beside each other, below the timeline.
func (m *Model) strip() block {
	width := (m.width - 2*gap) / 3
	l := m.listsAt()
	const most = 4
	column := func(title string, lines []string) []string {
		return append([]string{m.rule(width, m.paint(screen.Title, title))}, m.some(lines, most).draw(min(most, len(lines)))...)
	}
	two := m.columns(column("Running now", l.running), column("Ready queue", l.ready), width, gap)
	lines := m.columns(two, column("Timers", l.timers), 2*width+gap, gap)
	for len(lines) < most+1 { // nothing moves while the lists change
		lines = append(lines, "")
	}
	return fixed(lines)
}

func (m *Model) whyBlock(width int) block {
	lines := append([]string{m.rule(width, m.paint(screen.Title, "Why did it run now?"))}, m.whyLines(width)...)
	return block{min: 2, good: 5, want: 9, draw: func(height int) []string {
		for len(lines) < height {
			lines = append(lines, "")
		}
		return lines
	}}
}

// whyLines is the chain of wakes of the latest step, the latest first.
func (m *Model) whyLines(width int) []string {
	chain := m.player.film.why(m.player.n)
	if len(chain) == 0 {
		return []string{m.paint(screen.Faint, "nothing has run yet")}
	}
	const indent = "         "
	var lines []string
	for _, l := range chain {
		text := m.paint(screen.Faint, fmt.Sprintf("%7s  ", seconds(l.at))) + view.Clean(l.text)
		detail := view.Clean(l.detail)
		switch {
		case detail == "":
		case ansi.StringWidth(text)+2+ansi.StringWidth(detail) <= width:
			text += m.paint(screen.Faint, ", "+detail)
		default:
			lines = append(lines, text)
			for part := range strings.SplitSeq(ansi.Wrap(detail, max(width-len(indent), 10), " "), "\n") {
				lines = append(lines, indent+m.paint(screen.Faint, part))
			}
			continue
		}
		lines = append(lines, text)
	}
	return lines
}
