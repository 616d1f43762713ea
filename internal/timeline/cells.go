package timeline

import "time"

// cell is one column of a row. The columns that a wide character covers
// beyond its first have no text.
type cell struct {
	text string
	role Role
}

// scale maps time to columns.
type scale struct {
	length time.Duration
	width  int
}

func (s scale) col(t time.Duration) int {
	if s.length <= 0 {
		return 0
	}
	// In floating point, because hours in nanoseconds times columns overflow.
	c := int(float64(t) * float64(s.width) / float64(s.length))
	return min(max(c, 0), s.width-1)
}

// from is the time at which a column begins.
func (s scale) from(col int) time.Duration {
	return time.Duration(float64(col) * float64(s.length) / float64(s.width))
}

// share is how the time of one column is divided among the states.
type share struct {
	time [3]time.Duration // indexed by State
	ran  bool             // it ran for a moment, which may be no time at all
}

// shares divides a row's spans among the columns.
func (s scale) shares(spans []Span) []share {
	shares := make([]share, s.width)
	for _, span := range spans {
		for c := s.col(span.From); c <= s.col(span.To); c++ {
			begin, end := max(span.From, s.from(c)), min(span.To, s.from(c+1))
			shares[c].time[span.State] += max(0, end-begin)
		}
		// A longer run shows by its share of the columns it touches.
		if span.State == Running && span.To-span.From < s.from(1) {
			shares[s.col(span.From+(span.To-span.From)/2)].ran = true
		}
	}
	return shares
}

// draw returns what a column looks like. It always shows that something ran, however
// short; of the other states, the longer one is shown.
func (g Glyphs) draw(sh share, width time.Duration, kind RowKind) cell {
	switch {
	case sh.time[Running] > 0 && sh.time[Running]*2 >= width:
		return g.running(kind)
	case sh.ran:
		return cell{g.Step, RoleStep}
	case sh.time[Ready] > sh.time[Waiting]:
		return cell{g.Ready, RoleReady}
	case sh.time[Waiting] > 0:
		return cell{g.Waiting, RoleWaiting}
	default:
		return cell{" ", RoleNone}
	}
}

// cells draws a row without its name.
func (o Options) cells(r Row, s scale) []cell {
	g := o.Glyphs
	width := max(s.from(1), 1)
	cells := make([]cell, s.width)
	for c, sh := range s.shares(r.Spans) {
		cells[c] = g.draw(sh, width, r.Kind)
	}
	for _, m := range r.Marks {
		if m.Outcome != Open {
			cells[s.col(m.At)] = g.outcome(m.Outcome)
		}
	}
	for _, span := range r.Spans {
		if span.State == Waiting {
			o.label(cells, clean(span.On), s.col(span.From), s.col(span.To))
		}
	}
	return cells
}

// label writes what a task waits for into the columns in which it waits, if
// there is room for enough of it to be read.
func (o Options) label(cells []cell, text string, first, last int) {
	for first < last && cells[first].role != RoleWaiting {
		first++
	}
	for last > first && cells[last].role != RoleWaiting {
		last--
	}
	const frame = 4 // a column of line and a space on either side
	room := last - first + 1 - frame
	if width := o.Text.columns(text); width == 0 || room < min(width, 12) {
		return
	}
	at := first + 1
	at = o.put(cells, at, " ")
	at = o.put(cells, at, o.Text.truncate(text, room, o.Glyphs.Ellipsis))
	o.put(cells, at, " ")
}

// put writes text into cells from column at on and returns the column after
// it.
func (o Options) put(cells []cell, at int, text string) int {
	for text != "" {
		cluster, width := o.Text(text)
		cells[at] = cell{cluster, RoleLabel}
		for i := 1; i < width; i++ {
			cells[at+i] = cell{"", RoleLabel}
		}
		at += width
		text = text[len(cluster):]
	}
	return at
}
