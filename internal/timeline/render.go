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

// A line is a line of the drawing, before it is colored.
type line struct {
	name  string
	role  Role // of the name
	cells []cell
	right string
}

func (o Options) layout(lines []line, timed bool) layout {
	var l layout
	for _, line := range lines {
		l.name = max(l.name, o.Text.columns(line.name))
	}
	l.name = min(l.name, max(8, o.Width/4))
	l.timed = timed && o.Width >= minTimed
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
	drawn, lanes := c.lines(rows)
	l := o.layout(drawn, c.Ticks == nil)
	s := scale{length: c.Length, width: l.bar}
	for i, r := range rows {
		if r != nil {
			drawn[i].cells = o.cells(*r, s)
		}
	}
	o.bands(c, drawn, lanes, s)
	var lines []string
	used := map[Role]bool{}
	for _, line := range drawn {
		for _, cell := range line.cells {
			used[cell.role] = true
		}
		lines = append(lines, o.line(line, l))
	}
	rule, labels := o.Glyphs.axis(s, c.Start)
	if c.Ticks != nil {
		rule, labels = o.Glyphs.ticks(s, c.Start, c.Ticks)
	}
	indent := strings.Repeat(" ", l.name+1)
	lines = append(lines, indent+o.Style(RoleAxis, rule), indent+o.Style(RoleAxis, labels))
	if o.Legend {
		lines = append(lines, o.legend(used)...)
	}
	return lines
}

// visible returns the rows that are drawn. A nil stands for the lane of the next band.
func (c Chart) visible(o Options) []*Row {
	var rows []*Row
	band := 0
	for i := range c.Rows {
		r := &c.Rows[i]
		if r.Kind == LoopRow && !o.Loop {
			continue
		}
		for band < len(c.Bands) && (r.Kind != TaskRow || band <= r.Band) {
			rows = append(rows, nil)
			band++
		}
		rows = append(rows, r)
	}
	for ; band < len(c.Bands); band++ {
		rows = append(rows, nil)
	}
	return rows
}

// lines returns the lines of rows, without what is in them, and which of them are lanes.
func (c Chart) lines(rows []*Row) (lines []line, lanes []int) {
	for i, r := range rows {
		switch {
		case r == nil:
			lines = append(lines, line{name: clean(c.Bands[len(lanes)].Name), role: RoleHost})
			lanes = append(lanes, i)
		case len(c.Bands) > 0 && r.Kind == TaskRow:
			lines = append(lines, line{name: "  " + clean(r.Name), role: RoleName, right: short(r.Lifetime())})
		default:
			lines = append(lines, line{name: clean(r.Name), role: RoleName, right: short(r.Lifetime())})
		}
	}
	return lines, lanes
}

func (o Options) line(of line, l layout) string {
	name := o.Text.truncate(of.name, l.name, o.Glyphs.Ellipsis)
	pad := strings.Repeat(" ", l.name-o.Text.columns(name)+1)
	line := o.Style(of.role, name) + pad + o.join(of.cells)
	if l.timed && of.right != "" {
		line += strings.Repeat(" ", max(1, timeWidth-len(of.right))) + o.Style(RoleAxis, of.right)
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

// heads returns the ends of messages of a kind that come from above, from below, and from
// the left.
func (g Glyphs) heads(kind MessageKind) string {
	all := g.Heads[kind][fromAbove]
	for _, side := range []int{fromBelow, fromLeft} {
		if h := g.Heads[kind][side]; !strings.Contains(all, h) {
			all += h
		}
	}
	return all
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
		{RoleElsewhere, g.Elsewhere, "works elsewhere"},
		{RoleWaiting, g.Waiting, "waits"},
		{RoleReady, g.Ready, "ready, waits for its turn"},
		{RoleDone, g.Done, "done"},
		{RoleFailed, g.Failed, "failed"},
		{RoleCanceled, g.Canceled, "canceled"},
		{RoleLane, g.Lane, "the host is up"},
		{RoleDown, g.Down, "it goes down"},
		{RoleData, g.heads(Data), "a message arrives"},
		{RoleCount, g.Heads[Data][fromAbove] + "2", "two of them"},
		{RoleConnecting, g.heads(Connecting), "connects, or accepts"},
		{RoleRefusing, g.Heads[Refusing][fromAbove], "refuses, or resets"},
		{RoleLost, g.Heads[Lost][fromAbove], "lost on its way"},
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
