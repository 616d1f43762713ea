package timeline

import (
	"cmp"
	"slices"
	"time"
)

// Since returns the last part of the chart, from a time on, without the rows of tasks
// that had ended before. Its axis says the times of the whole chart.
func (c Chart) Since(from time.Duration) Chart {
	from = min(max(from, 0), c.Length)
	part := Chart{Start: c.Start + from, Length: c.Length - from}
	if c.Ticks != nil {
		part.Start, part.Ticks = c.Start, ticksSince(c.Ticks, from)
	}
	for _, r := range c.Rows {
		if r = r.since(from); r.Kind != TaskRow || len(r.Spans)+len(r.Marks) > 0 {
			part.Rows = append(part.Rows, r)
		}
	}
	for _, b := range c.Bands {
		up := b.Up
		b.Up = nil
		for _, p := range up {
			b.Up = append(b.Up, Period{p.From - from, p.To - from})
		}
		part.Bands = append(part.Bands, b)
	}
	for _, m := range c.Messages {
		m.Sent -= from
		m.Arrives -= from
		if m.Sent >= 0 || m.Arrives >= 0 && m.Kind != Lost {
			part.Messages = append(part.Messages, m)
		}
	}
	return part
}

// ticksSince returns the ticks of the last part, which begins with the last one before it.
func ticksSince(ticks []Tick, from time.Duration) []Tick {
	part := []Tick{}
	for _, t := range ticks {
		if t.At -= from; t.At <= 0 {
			t.At, part = 0, part[:0]
		}
		part = append(part, t)
	}
	return part
}

func (r Row) since(from time.Duration) Row {
	spans, marks := r.Spans, r.Marks
	r.Spans, r.Marks = nil, nil
	for _, s := range spans {
		if s.To > from || s.From == from {
			s.From, s.To = max(s.From-from, 0), s.To-from
			r.Spans = append(r.Spans, s)
		}
	}
	for _, m := range marks {
		if m.At >= from {
			m.At -= from
			r.Marks = append(r.Marks, m)
		}
	}
	return r
}

// Busiest takes out rows of tasks, and bands with all that is in them, so that no more
// than the given numbers are left: the tasks that ran for the longest time, and the hosts
// that sent and got the most. The first band always stays. It returns how many of each it
// has taken out.
func (c *Chart) Busiest(tasks, bands int) (hiddenTasks, hiddenBands int) {
	hiddenBands = c.fewerBands(bands)
	rows := make([]*Row, 0, len(c.Rows))
	for i := range c.Rows {
		if c.Rows[i].Kind == TaskRow {
			rows = append(rows, &c.Rows[i])
		}
	}
	if len(rows) <= tasks {
		return 0, hiddenBands
	}
	slices.SortStableFunc(rows, func(a, b *Row) int { return cmp.Compare(b.Busy(), a.Busy()) })
	drawn := map[*Row]bool{}
	for _, row := range rows[:tasks] {
		drawn[row] = true
	}
	var kept []Row
	for i := range c.Rows {
		if row := &c.Rows[i]; row.Kind != TaskRow || drawn[row] {
			kept = append(kept, *row)
		}
	}
	c.Rows = kept
	return len(rows) - tasks, hiddenBands
}

func (c *Chart) fewerBands(most int) (hidden int) {
	if hidden = len(c.Bands) - most; hidden <= 0 {
		return 0
	}
	messages, order := make([]int, len(c.Bands)), make([]int, len(c.Bands))
	for _, m := range c.Messages {
		messages[m.From]++
		messages[m.To]++
	}
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order[1:], func(a, b int) int { return cmp.Compare(messages[b], messages[a]) })
	order = order[:most]
	slices.Sort(order)
	places := make([]int, len(c.Bands)) // from 1; 0: it is taken out
	var bands []Band
	for i, place := range order {
		places[place] = i + 1
		bands = append(bands, c.Bands[place])
	}
	c.Bands = bands
	c.Messages = slices.DeleteFunc(c.Messages, func(m Message) bool { return places[m.From] == 0 || places[m.To] == 0 })
	for i := range c.Messages {
		m := &c.Messages[i]
		m.From, m.To = places[m.From]-1, places[m.To]-1
	}
	c.Rows = slices.DeleteFunc(c.Rows, func(r Row) bool { return r.Kind == TaskRow && places[r.Band] == 0 })
	for i := range c.Rows {
		if r := &c.Rows[i]; r.Kind == TaskRow {
			r.Band = places[r.Band] - 1
		}
	}
	return hidden
}
