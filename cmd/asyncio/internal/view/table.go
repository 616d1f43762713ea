// Package view writes what consoles say for people: tables, trees and sentences, for
// commands that print them and for the one that shows them live.
package view

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// Paint returns a text in a tone, as screen.Screen does.
type Paint func(tone screen.Tone, text string) string

// A Cell is a text in a table.
type Cell struct {
	Text string
	Tone screen.Tone
}

// A Column is a column of a table. It is as wide as its texts, unless Width says
// otherwise. If there is no room, the texts of a column with Min are cut, down to Min
// columns of the screen.
type Column struct {
	Head  string
	Right bool
	Min   int
	Width int
	Mark  bool // its head stands out: what the rows are sorted by
}

// A Table is rows below heads.
type Table struct {
	Columns []Column
	Rows    [][]Cell
	Indent  int
	Narrow  bool // one column is left free between two texts, in place of two
}

func (t *Table) gap() int {
	if t.Narrow {
		return 1
	}
	return 2
}

// Lines returns the table, the heads first. Width is how wide a line may be; 0 is
// without bounds.
func (t *Table) Lines(paint Paint, width int) []string {
	widths, fits := t.widths(width)
	if !fits && !t.Narrow {
		t.Narrow = true
		widths, _ = t.widths(width)
	}
	heads := make([]Cell, len(t.Columns))
	for i, c := range t.Columns {
		heads[i] = Cell{c.Head, screen.Faint}
		if c.Mark {
			heads[i].Tone = screen.Strong
		}
	}
	lines := []string{t.line(paint, widths, heads)}
	for _, row := range t.Rows {
		lines = append(lines, t.line(paint, widths, row))
	}
	return lines
}

// widths returns how wide the columns are, and whether no text had to be cut for that.
func (t *Table) widths(limit int) (widths []int, fits bool) {
	widths = make([]int, len(t.Columns))
	total := t.Indent - t.gap()
	for i, c := range t.Columns {
		widths[i] = ansi.StringWidth(c.Head)
		for _, row := range t.Rows {
			widths[i] = max(widths[i], ansi.StringWidth(row[i].Text))
		}
		if c.Width > 0 {
			widths[i] = c.Width
		}
		total += widths[i] + t.gap()
	}
	fits = limit <= 0 || total <= limit
	for limit > 0 && total > limit {
		widest := t.widest(widths)
		if widest < 0 {
			break
		}
		widths[widest]--
		total--
	}
	return widths, fits
}

// widest returns the column that has most to give, or -1.
func (t *Table) widest(widths []int) int {
	widest, most := -1, 0
	for i, c := range t.Columns {
		if spare := widths[i] - max(c.Min, len(c.Head)); c.Min > 0 && c.Width == 0 && spare > most {
			widest, most = i, spare
		}
	}
	return widest
}

func (t *Table) line(paint Paint, widths []int, row []Cell) string {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", t.Indent))
	behind := 0 // spaces that are owed, and that nothing may follow
	for i, cell := range row {
		text := Cut(cell.Text, widths[i])
		free := widths[i] - ansi.StringWidth(text)
		if t.Columns[i].Right {
			behind, free = behind+free, 0
		}
		if text != "" {
			b.WriteString(strings.Repeat(" ", behind))
			behind = 0
		}
		b.WriteString(paint(cell.Tone, text))
		behind += free + t.gap()
	}
	return b.String()
}

// Cut shortens a text to so many columns, and shows that with an ellipsis.
func Cut(text string, width int) string { return ansi.Truncate(text, max(width, 0), "…") }

// Fit cuts every line to a width; 0 is without bounds.
func Fit(lines []string, width int) []string {
	if width <= 0 {
		return lines
	}
	for i, line := range lines {
		lines[i] = Cut(line, width)
	}
	return lines
}

// Wrap breaks a sentence into lines, each behind an indent; width 0 is without bounds.
func Wrap(text, indent string, width int) []string {
	if width <= 0 {
		return []string{indent + text}
	}
	var lines []string
	for line := range strings.Lines(ansi.Wrap(text, max(width-ansi.StringWidth(indent), 16), " ")) {
		lines = append(lines, indent+strings.TrimRight(line, " \n"))
	}
	return lines
}
