package timeline

import "strings"

// Options say how a chart is drawn.
type Options struct {
	Width  int                                 // the width of the drawing, in columns
	Glyphs Glyphs                              // the characters to draw with
	Style  func(role Role, text string) string // colors a piece; nil: plain text
	Text   Segmenter                           // how wide characters are; nil: Character
	Loop   bool                                // show the row of the loop itself
	Legend bool                                // explain the characters below the drawing
}

const (
	minBar    = 16 // how many columns the time has at least, even if the drawing gets wider than asked for
	timeWidth = 7  // how wide the column at the right is: "  3.00s"
	minTimed  = 48 // how wide the drawing has to be to have that column
)

// layout is how the width is divided.
type layout struct {
	name, bar int
	timed     bool
}

func (o Options) layout(rows []Row) layout {
	var l layout
	for _, r := range rows {
		l.name = max(l.name, o.Text.columns(clean(r.Name)))
	}
	l.name = min(l.name, max(8, o.Width/4))
	l.timed = o.Width >= minTimed
	l.bar = o.Width - l.name - 1
	if l.timed {
		l.bar -= timeWidth
	}
	l.bar = max(l.bar, minBar)
	return l
}

// Render draws the chart as lines of text without newlines.
func (c Chart) Render(o Options) []string {
	if o.Style == nil {
		o.Style = func(_ Role, text string) string { return text }
	}
	if o.Text == nil {
		o.Text = Character
	}
	rows := c.visible(o)
	if len(rows) == 0 {
		return nil
	}
	l := o.layout(rows)
	s := scale{length: c.Length, width: l.bar}
	var lines []string
	used := map[Role]bool{}
	for _, r := range rows {
		cells := o.cells(r, s)
		for _, cell := range cells {
			used[cell.role] = true
		}
		lines = append(lines, o.row(r, cells, l))
	}
	rule, labels := o.Glyphs.axis(s)
	indent := strings.Repeat(" ", l.name+1)
	lines = append(lines, indent+o.Style(RoleAxis, rule), indent+o.Style(RoleAxis, labels))
	if o.Legend {
		lines = append(lines, o.legend(used)...)
	}
	return lines
}

func (c Chart) visible(o Options) []Row {
	var rows []Row
	for _, r := range c.Rows {
		if r.Kind != LoopRow || o.Loop {
			rows = append(rows, r)
		}
	}
	return rows
}

func (o Options) row(r Row, cells []cell, l layout) string {
	name := o.Text.truncate(clean(r.Name), l.name, o.Glyphs.Ellipsis)
	pad := strings.Repeat(" ", l.name-o.Text.columns(name)+1)
	line := o.Style(RoleName, name) + pad + o.join(cells)
	if l.timed {
		text := short(r.Lifetime())
		line += strings.Repeat(" ", max(1, timeWidth-len(text))) + o.Style(RoleAxis, text)
	}
	return strings.TrimRight(line, " ")
}

// join styles runs of cells that have the same role as one piece.
func (o Options) join(cells []cell) string {
	var out strings.Builder
	for i := 0; i < len(cells); {
		role, piece := cells[i].role, ""
		for ; i < len(cells) && cells[i].role == role; i++ {
			piece += cells[i].text
		}
		if strings.TrimSpace(piece) == "" {
			out.WriteString(piece)
		} else {
			out.WriteString(o.Style(role, piece))
		}
	}
	return out.String()
}

// legend explains the characters that were used, in as many lines as the
// width asks for.
func (o Options) legend(used map[Role]bool) []string {
	g := o.Glyphs
	entries := []struct {
		role        Role
		glyph, text string
	}{
		{RoleRunning, g.Running, "runs"},
		{RoleStep, g.Step, "runs for a moment"},
		{RoleThread, g.Thread, "runs on a thread"},
		{RoleWaiting, g.Waiting, "waits"},
		{RoleReady, g.Ready, "ready, waits for its turn"},
		{RoleDone, g.Done, "done"},
		{RoleFailed, g.Failed, "failed"},
		{RoleCanceled, g.Canceled, "canceled"},
	}
	lines := []string{""}
	line, width := "", 0
	for _, e := range entries {
		if !used[e.role] {
			continue
		}
		w := o.Text.columns(e.glyph) + 1 + len(e.text)
		if width > 0 && width+3+w > o.Width {
			lines, line, width = append(lines, line), "", 0
		}
		if width > 0 {
			line, width = line+"   ", width+3
		}
		line += o.Style(e.role, e.glyph) + " " + o.Style(RoleAxis, e.text)
		width += w
	}
	return append(lines, line)
}
