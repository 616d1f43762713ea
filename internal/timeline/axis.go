package timeline

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// steps are the distances between two ticks that read well, as multiples of
// a power of ten nanoseconds.
var steps = [...]time.Duration{1, 2, 5}

// tickStep returns the smallest step whose ticks are at least apart columns from each
// other.
func (s scale) tickStep(apart int) time.Duration {
	for power := time.Duration(1); ; power *= 10 {
		for _, m := range steps {
			if s.span(m*power) >= float64(apart) || m*power >= s.length {
				return m * power
			}
		}
	}
}

func (s scale) span(d time.Duration) float64 {
	return float64(d) * float64(s.width) / float64(s.length)
}

// axis draws the line below the rows and the labels below the line. The line begins with
// the time start.
func (g Glyphs) axis(s scale, start time.Duration) (line, labels string) {
	if s.length <= 0 {
		return g.Origin + strings.Repeat(g.Line, s.width-1), tickLabel(start, start)
	}
	rule := make([]string, s.width)
	for i := range rule {
		rule[i] = g.Line
	}
	end := start + s.length
	step := s.tickStep(max(9, len(tickLabel(start, end))+2))
	text := []byte(strings.Repeat(" ", s.width))
	for t := (start + step - 1) / step * step; t <= end; t += step {
		c := s.col(t - start)
		rule[c] = g.Tick
		label := tickLabel(t, end)
		copy(text[clampLabel(c, len(label), s.width):], label)
	}
	rule[0] = g.Origin
	return strings.Join(rule, ""), strings.TrimRight(string(text), " ")
}

// ticks draws the line below the rows and the labels below the line, if the axis does not
// show time. A label for which there is no room is left out.
func (g Glyphs) ticks(s scale, start time.Duration, ticks []Tick) (line, labels string) {
	rule := slices.Repeat([]string{g.Line}, s.width)
	text := ""
	for _, t := range ticks {
		c := s.col(t.At)
		label := short(start + t.Time)
		if c < len(text)+1 && text != "" || c+len(label) > s.width {
			continue
		}
		rule[c] = g.Tick
		text += strings.Repeat(" ", c-len(text)) + label
	}
	rule[0] = g.Origin
	return strings.Join(rule, ""), text
}

// clampLabel centers a label below its tick, as far as the edges let it.
func clampLabel(col, length, width int) int {
	return max(0, min(col-length/2, width-length))
}

// tickLabel writes a time in the unit that suits the whole axis.
func tickLabel(t, length time.Duration) string {
	if t == 0 {
		return "0"
	}
	unit, name := unitOf(length)
	return strconv.FormatFloat(float64(t)/float64(unit), 'f', -1, 64) + name
}

func unitOf(d time.Duration) (time.Duration, string) {
	switch {
	case d >= time.Second:
		return time.Second, "s"
	case d >= time.Millisecond:
		return time.Millisecond, "ms"
	case d >= time.Microsecond:
		return time.Microsecond, "us"
	default:
		return 1, "ns"
	}
}

// short writes a duration with three figures: 3.00s, 250ms, 12.5us.
func short(d time.Duration) string {
	if d <= 0 {
		return "0s"
	}
	unit, name := unitOf(d)
	v := float64(d) / float64(unit)
	decimals := 2
	switch {
	case v >= 99.5:
		decimals = 0
	case v >= 9.995:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64) + name
}
