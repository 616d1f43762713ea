package pages

import (
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
)

// glyphs are what the timeline is drawn with, each of them one column wide. They are the
// marks of the page, as far as characters can.
type glyphs struct {
	running, begin, moment, thread, waiting string
	ready, due, done, failed, canceled      string
	nothing, cursor, now, more, stuck       string
	rule, here, stands, bullet, focus       string
}

var unicodeGlyphs = glyphs{
	running: "█", begin: "▐", moment: "▌", thread: "▓", waiting: "─", ready: "░",
	due: "○", done: "│", failed: "✗", canceled: "⊘",
	nothing: "·", cursor: "┊", now: "▼", more: "…", stuck: "┼",
	rule: "─", here: "▶", stands: "─", bullet: "·", focus: "▎",
}

var asciiGlyphs = glyphs{
	running: "#", begin: "[", moment: "|", thread: "=", waiting: "-", ready: ".",
	due: "o", done: "+", failed: "!", canceled: "x",
	nothing: " ", cursor: ":", now: "v", more: "~", stuck: "+",
	rule: "-", here: ">", stands: "-", bullet: "-", focus: "*",
}

type cell struct {
	text string
	tone screen.Tone
}

// A chart is the timeline of a film at one moment.
type chart struct {
	film   *film
	glyphs glyphs
	paint  func(screen.Tone, string) string
	n      int           // so many events have happened
	t      time.Duration // the time since
	future bool          // what has not happened yet is drawn, pale
	scale  *scale
	name   int // columns of names
}

const (
	minName = 4
	maxName = 16
)

// names returns how many columns the names of rows take, of a chart that is so wide.
func names(f *film, width int) int {
	widest := minName
	for _, r := range f.all() {
		widest = max(widest, ansi.StringWidth(r.name))
	}
	return min(widest, maxName, width/4)
}

// all returns the rows from top to bottom.
func (f *film) all() []*row {
	rows := append([]*row{&f.loop}, f.tasks...)
	return append(rows, f.rows...)
}

// lines draws the chart in at most so many lines: the axis, then the rows. Rows for which
// there is no room are counted in the last line.
func (c *chart) lines(height int) []string {
	rows := c.film.all()
	if height < len(rows)+1 && len(c.film.tasks) > 1 {
		rows = rows[1:] // the row of the loop says nothing that is not in the others
	}
	lines := []string{c.axis()}
	for i, r := range rows {
		if len(lines) == height-1 && i < len(rows)-1 {
			left := strconv.Itoa(len(rows)-i) + " rows more, in a higher window"
			return append(lines, c.paint(screen.Faint, left))
		}
		lines = append(lines, c.row(r))
	}
	return lines
}

func (c *chart) row(r *row) string {
	name := ansi.Truncate(view.Clean(r.name), c.name, c.glyphs.more)
	pad := strings.Repeat(" ", c.name-ansi.StringWidth(name)+1)
	return strings.TrimRight(c.paint(c.nameTone(r), name)+pad+c.join(c.cells(r)), " ")
}

func (c *chart) nameTone(r *row) screen.Tone {
	if r.task == 0 {
		return screen.Strong
	}
	return c.tone(r.task)
}

func (c *chart) join(cells []cell) string {
	var b strings.Builder
	for i := 0; i < len(cells); {
		tone, piece := cells[i].tone, ""
		for ; i < len(cells) && cells[i].tone == tone; i++ {
			piece += cells[i].text
		}
		if strings.TrimSpace(piece) == "" {
			b.WriteString(piece)
			continue
		}
		b.WriteString(c.paint(tone, piece))
	}
	return b.String()
}

// taskTones tell tasks apart. Red is for what is wrong.
var taskTones = [...]screen.Tone{screen.Beside, screen.Good, screen.Number, screen.Keyword, screen.Call}

func (c *chart) tone(task uint64) screen.Tone { return taskTone(c.film, task) }

func taskTone(f *film, task uint64) screen.Tone {
	i := f.color(task)
	if i <= 0 {
		return screen.Strong
	}
	return taskTones[(i-1)%len(taskTones)]
}

// cursor is the column of the present moment.
func (c *chart) cursor() int { return c.scale.column(c.scale.now(c.n, c.t)) }

func (c *chart) cells(r *row) []cell {
	cells := make([]cell, c.scale.width)
	for i := range cells {
		cells[i] = cell{" ", screen.Text}
	}
	if r == &c.film.loop {
		c.idle(cells)
	}
	for _, s := range r.spans {
		if s.state != running {
			c.draw(cells, r, s)
		}
	}
	for _, s := range r.spans {
		if s.state == running {
			c.draw(cells, r, s)
		}
	}
	for _, m := range r.ends {
		c.end(cells, r, m)
	}
	if at := c.cursor(); cells[at].text == " " && c.n < c.film.length() {
		cells[at] = cell{c.glyphs.cursor, screen.Faint}
	}
	return cells
}

// idle draws the line of nothing to do, on which the steps come to lie.
func (c *chart) idle(cells []cell) {
	last := c.cursor()
	if c.future {
		last = c.scale.col(c.film.length())
	}
	for i := 0; i <= last; i++ {
		cells[i] = cell{c.glyphs.nothing, screen.Faint}
	}
}

func (c *chart) draw(cells []cell, r *row, s span) {
	first, end := c.scale.col(s.from), c.scale.col(s.to)
	if s.state == running || s.state == beside {
		end = min(max(end, first+1), len(cells))
	}
	if s.due && s.until > 0 && s.until < c.film.at(s.to) { // the loop was busy, and saw it late
		late := max(c.scale.column(c.scale.place(s.until)), first)
		c.fill(cells[:end], late, s.from, cell{c.glyphs.ready, screen.Warning})
		end = late
	}
	if end <= first {
		return
	}
	c.fill(cells[:end], first, s.from, cell{c.glyph(s), c.spanTone(r, s)})
	if (r == &c.film.loop || s.state == beside) && end-first > 2 {
		cells[first].text = c.edge(cells[first]) // one sees where one ends and the next begins
	}
	if s.stuck > 0 && s.stuck <= c.n {
		c.stuck(cells[:end], c.scale.col(s.stuck))
	}
	if s.due && (s.to <= c.n || c.future || end-1 < c.cursor()) {
		cells[end-1].text = c.glyphs.due
	}
	c.label(cells[first:end], r, s)
}

// fill draws a span that begins with an event, from a column to the end of the cells:
// what has happened, and pale what has not.
func (c *chart) fill(cells []cell, first, event int, as cell) {
	for i := first; i < len(cells); i++ {
		switch {
		case event <= c.n && i <= c.cursor():
			cells[i] = as
		case c.future:
			cells[i] = cell{as.text, screen.Faint}
		}
	}
}

// stuck marks the part of a wait that is a deadlock.
func (c *chart) stuck(cells []cell, first int) {
	for i := first; i < len(cells) && i <= c.cursor(); i++ {
		cells[i].tone = screen.Bad
		if i%4 == 0 {
			cells[i].text = c.glyphs.stuck
		}
	}
}

func (c *chart) edge(first cell) string {
	if first.text == c.glyphs.running || first.text == c.glyphs.thread {
		return c.glyphs.begin
	}
	return first.text
}

func (c *chart) glyph(s span) string {
	g := c.glyphs
	switch s.state {
	case running:
		if c.film.at(s.to) == c.film.at(s.from) {
			return g.moment
		}
		return g.running
	case ready:
		return g.ready
	case beside:
		return g.thread
	}
	return g.waiting
}

func (c *chart) spanTone(r *row, s span) screen.Tone {
	if s.state == running || s.state == beside {
		if s.task == 0 {
			return screen.Strong
		}
		return c.tone(s.task)
	}
	if s.state == ready {
		return screen.Warning
	}
	return c.tone(r.task)
}

// label writes into a span what it is: which step, of whom, or what the task waits for.
// Only what has happened whole, or is drawn pale, has one.
func (c *chart) label(cells []cell, r *row, s span) {
	if !c.future && s.to > c.n {
		return
	}
	switch {
	case s.state == running && r == &c.film.loop && s.task != 0, s.state == beside:
		c.write(cells, s, taskName(c.film.rec, s.task))
	case s.state == running && s.task != 0:
		c.write(cells, s, strconv.Itoa(s.step))
	case !c.write(cells, s, s.label):
		c.write(cells, s, s.short)
	}
}

// write puts a text into the middle of a span, if there is room for it.
func (c *chart) write(cells []cell, s span, text string) bool {
	text = view.Clean(text)
	room := len(cells) - 2
	if s.state == waiting && text != "" {
		text, room = " "+text+" ", len(cells)-3
	}
	w := ansi.StringWidth(text)
	if w == 0 || w != len([]rune(text)) || w > room {
		return false
	}
	at := (len(cells) - w) / 2
	for i, char := range []rune(text) {
		cells[at+i].text = string(char)
		if s.state == running && cells[at+i].tone != screen.Faint {
			cells[at+i].tone = screen.Text
		}
	}
	return true
}

func (c *chart) end(cells []cell, r *row, m mark) {
	at := c.scale.col(m.at)
	if k := len(r.spans); k > 0 {
		last := r.spans[k-1]
		at = max(at, c.scale.col(last.to))
		if at == c.scale.col(last.from) {
			at++ // the step before it has the column
		}
	}
	glyph, tone := c.glyphs.done, c.tone(r.task)
	switch m.how {
	case "failed", "panicked":
		glyph, tone = c.glyphs.failed, screen.Bad
	case "canceled":
		glyph, tone = c.glyphs.canceled, screen.Warning
	}
	if at >= len(cells) || m.at > c.n && !c.future {
		return
	}
	if m.at > c.n {
		tone = screen.Faint
	}
	cells[at] = cell{glyph, tone}
}

// axis draws the times above the rows, and the present moment.
func (c *chart) axis() string {
	cells := make([]cell, c.scale.width)
	for i := range cells {
		cells[i] = cell{" ", screen.Faint}
	}
	length := c.film.at(c.film.length())
	free := 0
	for t, step := time.Duration(0), tick(length, c.scale.width); t <= length; t += step {
		text := seconds(t)
		at := min(c.scale.column(c.scale.place(t)), len(cells)-len(text))
		if now := c.cursor(); at >= free && (now < at || now > at+len(text)) {
			for i, char := range text {
				cells[at+i].text = string(char)
			}
			free = at + len(text) + 1
		}
		if step == 0 {
			break
		}
	}
	cells[c.cursor()] = cell{c.glyphs.now, screen.Strong}
	return strings.TrimRight(strings.Repeat(" ", c.name+1)+c.join(cells), " ")
}

// tick returns how far apart the times on the axis are.
func tick(length time.Duration, width int) time.Duration {
	const apart = 9 // columns
	for power := time.Microsecond; ; power *= 10 {
		for _, m := range []time.Duration{1, 2, 5} {
			if step := m * power; step >= length || int64(step)*int64(width)/int64(length) >= apart {
				return step
			}
		}
	}
}
