package top

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// View draws all.
func (m *Model) View() tea.View {
	v := tea.NewView(strings.Join(m.lines(), "\n"))
	v.AltScreen = true
	v.WindowTitle = "asyncio top"
	return v
}

// lines returns exactly as many lines as the window has.
func (m *Model) lines() []string {
	head := m.head()
	room := max(m.height-len(head)-footLines, 0)
	m.extent = ""
	body := m.body(room)
	foot := m.foot()
	body = body[:min(len(body), room)]
	for len(body) < room {
		body = append(body, "")
	}
	lines := append(append(head, body...), foot...)
	return view.Fit(lines[max(len(lines)-m.height, 0):], m.width)
}

// footLines is how many lines foot returns.
const footLines = 2

// rows returns how many rows of a table or lines of a page are shown at once.
func (m *Model) rows() int { return max(m.height-len(m.head())-footLines-1, 1) }

func (m *Model) head() []string {
	l := m.current()
	if l == nil {
		return []string{m.paint(screen.Title, "asyncio top")}
	}
	lines := []string{m.tabs()}
	if m.page == programs || m.page == help {
		return append(lines, m.troubles()...)
	}
	if l.shown == nil {
		return append(lines, m.paint(screen.Faint, "waiting for its state ..."))
	}
	lines = append(lines, m.health(l), m.counts(l))
	return append(lines, m.notes(l)...)
}

// tabs names the loops, and marks the one that is shown.
func (m *Model) tabs() string {
	names := make([]string, len(m.loops))
	for i, l := range m.loops {
		name := l.name(m.several(l.key.pid))
		if l.left != "" {
			name += " (ended)"
		}
		switch {
		case i == m.at && m.page != programs && len(m.loops) > 1:
			names[i] = m.paint(screen.Title, "["+name+"]")
		case i == m.at && m.page != programs:
			names[i] = m.paint(screen.Title, name)
		case alarmed(l):
			names[i] = m.paint(screen.Warning, " "+name+"! ")
		default:
			names[i] = " " + name + " "
		}
	}
	from := 0 // the first name: so that the marked one can be seen
	for from < m.at && ansi.StringWidth(strings.Join(names[from:m.at+1], "")) > m.width-2 {
		from++
	}
	line := strings.Join(names[from:], "")
	if from > 0 {
		line = "…" + line
	}
	return line
}

func alarmed(l *loop) bool {
	return l.left == "" && l.shown != nil && (l.shown.Stale || len(l.shown.Open()) > 0)
}

func (m *Model) health(l *loop) string {
	s := l.shown
	busy := fmt.Sprintf("busy %-5s", view.Percent(s.Stats.Busy))
	spark := m.paint(screen.Busy, sparkline(l.busy, max(m.width-60, 10)))
	return fmt.Sprintf("%s %s  lag p50 %s p99 %s  %s passes/s", busy, spark,
		view.Span(s.Stats.P50), view.Span(s.Stats.P99), view.Count(int64(s.Stats.Rate+0.5)))
}

func (m *Model) counts(l *loop) string {
	s := l.shown
	parts := []string{view.Count(s.Stats.Live) + " live", view.Count(s.Stats.Ready) + " ready"}
	dropped := view.Count(s.Dropped) + " dropped"
	if s.Dropped > 0 {
		dropped = m.paint(screen.Warning, dropped+"!")
	}
	parts = append(parts, dropped)
	open := s.Open()
	alarm := view.Alarm(open, false)
	count := view.Plural(len(open), "warning")
	if len(open) > 0 {
		count = m.paint(alarm.Tone, count+": "+alarm.Text)
	}
	return strings.Join(append(parts, count), "  ")
}

// maxNotes bounds how much of the window a stuck loop's stack may take; all of it is
// with the warnings.
const maxNotes = 8

// notes returns what one must know about the picture: it is not of now, it is not true.
func (m *Model) notes(l *loop) []string {
	var lines []string
	if l.left != "" {
		lines = append(lines, m.paint(screen.Bad, l.left+"; this is its last state"))
	}
	if d, silent := l.silent(m.now); silent {
		lines = append(lines, m.paint(screen.Bad, fmt.Sprintf("no news for %s: is the process stopped?", view.Span(int64(d)))))
	}
	if m.paused {
		behind := ""
		if d := l.last.At - l.shown.At; d > 0 {
			behind = fmt.Sprintf(", this is %s old", view.Span(d))
		}
		lines = append(lines, m.paint(screen.Warning, "PAUSED: the program goes on"+behind+"; p shows it again"))
	}
	if m.page != warnings { // there, all of it is below
		stuck := l.shown.Standstill(m.paint, m.width)
		lines = append(lines, stuck[:min(len(stuck), maxNotes)]...)
	}
	return append(lines, m.troubles()...)
}

func (m *Model) troubles() []string {
	if m.trouble == "" {
		return nil
	}
	return []string{m.paint(screen.Warning, strings.ReplaceAll(view.CleanLines(m.trouble), "\n", " "))}
}

// body returns what is between head and foot.
func (m *Model) body(room int) []string {
	l := m.current()
	switch {
	case m.page == help:
		return m.scrolled(strings.Split(keys, "\n"), room)
	case l == nil:
		return m.nobody()
	case m.page == programs:
		return m.programTable(room)
	case l.shown == nil:
		return nil
	}
	switch m.page {
	case tree, awaits:
		return m.scrolled(m.treeLines(l), room)
	case warnings:
		return m.scrolled(m.warningLines(l), room)
	case detail:
		return m.scrolled(m.detailLines(l), room)
	}
	return m.taskTable(l, room)
}

// A grown tree is kept until what it shows changes: making a tree of 10,000 tasks takes a
// while, and scrolling must be fast.
type grown struct {
	state *view.State
	page  page
	width int
	ended bool
	lines []string
}

func (m *Model) treeLines(l *loop) []string {
	g := &m.grown
	if g.state != l.shown || g.page != m.page || g.width != m.width || g.ended != m.ended {
		*g = grown{state: l.shown, page: m.page, width: m.width, ended: m.ended}
		if m.page == tree {
			g.lines = l.shown.Tree(m.paint, m.width, m.ended)
		} else {
			g.lines = l.shown.Awaits(m.paint, m.width)
		}
	}
	return slices.Clone(g.lines)
}

// nobody says what to do if there is no program to show.
func (m *Model) nobody() []string {
	if !m.looked {
		return []string{"looking for programs ..."}
	}
	lines := append(m.troubles(), "No program of yours with a console runs; this looks again every two seconds.", "")
	return append(lines, strings.Split(client.HowToSwitchOn, "\n")...)
}

// scrolled returns the lines of a page from where it is scrolled to.
func (m *Model) scrolled(lines []string, room int) []string {
	m.scroll = min(m.scroll, max(len(lines)-room, 0))
	if len(lines) > room {
		m.extent = fmt.Sprintf("lines %d to %d of %d", m.scroll+1, m.scroll+room, len(lines))
	}
	return lines[m.scroll:]
}

// taskTable returns the part of the table around the cursor. Widths do not depend on
// what is in it, so that nothing moves while one reads.
func (m *Model) taskTable(l *loop, room int) []string {
	visible := m.visible(l)
	if len(visible) == 0 {
		text := "no task"
		if len(m.filter) > 0 {
			text += " passes the filter; esc drops it"
		}
		return []string{m.paint(screen.Faint, text)}
	}
	m.settle(l, visible)
	rows := max(room-1, 1)
	l.offset = window(l.offset, l.row, rows, len(visible))
	part := visible[l.offset:min(l.offset+rows, len(visible))]
	table := l.shown.TaskTable(part, l.share)
	m.fix(table, l)
	table.Shorten()
	return m.marked(table.Lines(m.paint, m.width-2), l.row-l.offset)
}

// fix gives every column its width: the columns with words share the width that the
// numbers leave.
func (m *Model) fix(table *view.Table, l *loop) {
	table.Narrow = m.width < 100
	gap := 2
	if table.Narrow {
		gap = 1
	}
	digits := 2
	for i := range l.shown.Tasks {
		digits = max(digits, len(strconv.FormatUint(l.shown.Tasks[i].ID, 10)))
	}
	widths := []int{digits, 0, 8, 5, 0, 6, 0, 5}
	free := m.width - 2 - gap*(len(widths)-1)
	for _, w := range widths {
		free -= w
	}
	free = max(free, 24)
	widths[1], widths[6] = free*3/10, free/4
	widths[4] = free - widths[1] - widths[6]
	for i := range table.Columns {
		table.Columns[i].Width = widths[i]
	}
	head := map[string]int{"id": 0, "name": 1, "state": 2, "busy": 3, "since": 5, "steps": 7}[view.Orders[m.order]]
	table.Columns[head].Mark = true
}

// window returns where a window of so many rows begins, so that the cursor is in it.
func window(offset, cursor, rows, total int) int {
	offset = min(max(offset, cursor-rows+1), cursor)
	return max(min(offset, total-rows), 0)
}

// marked puts a mark before the selected row, the first of which is below the heads.
func (m *Model) marked(lines []string, selected int) []string {
	for i, line := range lines {
		if i-1 != selected {
			lines[i] = "  " + line
			continue
		}
		lines[i] = "> " + line
		if m.color {
			text := "> " + ansi.Strip(line)
			text += strings.Repeat(" ", max(m.width-ansi.StringWidth(text), 0))
			lines[i] = lipgloss.NewStyle().Reverse(true).Render(text)
		}
	}
	return lines
}

func (m *Model) programTable(room int) []string {
	table := &view.Table{Columns: []view.Column{
		{Head: "PROGRAM", Min: 12}, {Head: "LIVE", Right: true}, {Head: "READY", Right: true}, {Head: "BUSY", Right: true},
		{Head: "", Width: 16}, {Head: "LAG", Right: true}, {Head: "WARNINGS", Min: 12},
	}}
	for _, l := range m.loops {
		row := make([]view.Cell, len(table.Columns))
		row[0] = view.Cell{Text: l.name(m.several(l.key.pid)), Tone: screen.Strong}
		if s := l.shown; s != nil {
			row[1], row[2] = view.Cell{Text: view.Count(s.Stats.Live)}, view.Cell{Text: view.Count(s.Stats.Ready)}
			row[3], row[4] = view.Cell{Text: view.Percent(s.Stats.Busy)}, view.Cell{Text: sparkline(l.busy, 16), Tone: screen.Busy}
			row[5], row[6] = view.Cell{Text: view.Span(s.Stats.P99)}, view.Alarm(s.Open(), s.Stale)
		}
		if l.left != "" {
			row[6] = view.Cell{Text: "ended at " + l.heard.Format("15:04:05"), Tone: screen.Bad}
		} else if d, silent := l.silent(m.now); silent {
			row[6] = view.Cell{Text: "no news for " + view.Span(int64(d)), Tone: screen.Bad}
		}
		table.Rows = append(table.Rows, row)
	}
	m.row = min(m.row, len(m.loops)-1)
	lines := m.marked(table.Lines(m.paint, m.width-2), m.row)
	rows := max(room-1, 1)
	from := window(0, m.row, rows, len(m.loops))
	return append(lines[:1:1], lines[1+from:]...)
}

func (m *Model) warningLines(l *loop) []string {
	var lines []string
	if l.shown.Stale {
		lines = append(l.shown.Standstill(m.paint, m.width), "")
	}
	if len(l.shown.Warnings) == 0 {
		return append(lines, m.paint(screen.Good, "Nothing is wrong, as far as the console can tell."))
	}
	return append(lines, l.shown.Explain(m.paint, m.width, sorted(l.shown.Warnings))...)
}

// sorted puts what is over behind what is not.
func sorted(all []wire.Warning) []wire.Warning {
	var open, over []wire.Warning
	for _, w := range all {
		if w.Ended == 0 {
			open = append(open, w)
		} else {
			over = append(over, w)
		}
	}
	return append(open, over...)
}

// foot returns what is asked or said, and the keys.
func (m *Model) foot() []string {
	line := ""
	switch {
	case m.asking:
		name := ""
		if l := m.find(m.askLoop); l != nil {
			name = fmt.Sprintf("task %s of %s", l.shown.Who(m.askTask), l.name(false))
		}
		line = m.paint(screen.Warning, "Cancel "+name+"? y: yes, any other key: no")
	case m.typing:
		line = m.input.View()
		if m.message != "" {
			return []string{line, m.paint(screen.Warning, view.Clean(m.message))}
		}
	case m.message != "":
		line = m.paint(screen.Warning, view.Clean(m.message))
	case m.extent != "":
		line = m.paint(screen.Faint, m.extent)
	case len(m.filter) > 0 && m.page == tasks && m.current() != nil && m.current().shown != nil:
		line = fmt.Sprintf("filter %s: %d of %s (esc: all)", view.Clean(m.input.Value()), len(m.visible(m.current())), view.Plural(len(m.current().shown.Alive(m.ended)), "task"))
	}
	return []string{line, m.paint(screen.Faint, m.hints())}
}

// hints names the keys that are of use, as many as fit, the most useful first.
func (m *Model) hints() string {
	if m.typing {
		return "enter keep the filter  esc drop it"
	}
	const last = "? help  q quit"
	line := ""
	for _, hint := range m.useful() {
		if ansi.StringWidth(line+hint+last)+4 <= m.width {
			line += hint + "  "
		}
	}
	return line + last
}

func (m *Model) useful() []string {
	switch {
	case m.current() == nil || m.page == help:
		return nil
	case m.page == programs:
		return []string{"↑↓ choose", "enter open", "x forget ended", "p pause"}
	case m.page == tasks && len(m.loops) > 1:
		return []string{"tab next", "/ filter", "s sort:" + view.Orders[m.order], "enter detail", "w warnings", "t tree", "p pause", "c cancel"}
	case m.page == tasks:
		return []string{"/ filter", "s sort:" + view.Orders[m.order], "enter detail", "w warnings", "t tree", "p pause", "c cancel"}
	case m.page == tree:
		return []string{"t by waits", "↑↓ scroll", "esc back", "p pause"}
	case m.page == awaits:
		return []string{"t table", "↑↓ scroll", "esc back", "p pause"}
	case m.page == detail:
		return []string{"↑↓ scroll", "esc back", "c cancel", "p pause"}
	}
	return []string{"↑↓ scroll", "esc back"}
}

const keys = `Pages
  enter   the selected task: stack, history, how long its steps are
  w       warnings: what is wrong, where, and what to do
  t       tree of tasks by groups; again: by who waits for whom; again: table
  o       all programs; x forgets those that have ended
  esc     back
  tab     the next loop or program; shift+tab the one before; 1 to 9

The table
  ↑ ↓ pgup pgdn home end   select
  /       filter: a text, or name:TEXT state:TEXT wait:TEXT id:N, or several
  s S     sort: id, busy, since, steps, name, state
  a       tasks that have ended as well
  p       pause the picture; the program goes on
  c       ask the selected task to end; asks first

Columns
  BUSY%   its share of the last second      WAIT    for what it waits
  SINCE   how long it is in its state       FOR     whom; ↺ is a deadlock
  STEPS   how often it has run              dropped events that were lost
  lag     how long tasks wait for their turn: half at most p50, 99 % at most p99`
