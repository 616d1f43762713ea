package tour

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/highlight"
	"github.com/asyncio-go/asyncio/lessons"
)

const (
	gap = 3 // how many columns are between two programs side by side

	// minBeside is how many columns the Go program needs to stand beside the
	// Python one: then a few lines may be folded, but not many.
	minBeside = 72
)

// code shows the program in Go and in Python: side by side if the page is
// wide enough, one below the other otherwise.
func (p page) code(l lessons.Lesson) []string {
	room := p.width - len(margin) // code may go to the very edge
	python := p.listing("Python", l.PythonFile(), l.Python().Text(), room)
	if left := room - gap - python.width(); left >= minBeside {
		golang := p.listing("Go", l.GoFile(), l.Go().Text(), left)
		return p.beside(golang.fold(left), python, min(left, golang.width()))
	}
	golang := p.listing("Go", l.GoFile(), l.Go().Text(), room)
	return slices.Concat(p.block(golang.fold(room)), p.block(python.fold(room)))
}

// listing takes four columns for a tab, or two if the program does not fit
// the width otherwise.
func (p page) listing(language, file, source string, width int) listing {
	title := language + ": lessons/" + file
	if !p.color {
		language = "" // it is shown as plain text
	}
	wide := listing{title, highlight.Code(language, source, 4)}
	if wide.width() <= width {
		return wide
	}
	return listing{title, highlight.Code(language, source, 2)}
}

func (p page) block(s listing) []string {
	lines := p.heading(s.title)
	for _, line := range s.lines {
		lines = append(lines, strings.TrimRight(margin+p.ink(line), " "))
	}
	return append(lines, "")
}

func (p page) beside(left, right listing, width int) []string {
	space := strings.Repeat(" ", gap)
	rest := p.width - 2*len(margin) - width - gap
	lines := []string{margin + p.head(left.title, width) + space + p.head(right.title, rest), ""}
	for i := range max(len(left.lines), len(right.lines)) {
		line := margin + pad(p.ink(at(left.lines, i)), width) + space + p.ink(at(right.lines, i))
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return append(lines, "")
}

func at(lines []highlight.Line, i int) highlight.Line {
	if i < len(lines) {
		return lines[i]
	}
	return nil
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

func (p page) ink(line highlight.Line) string {
	var b strings.Builder
	for _, piece := range line {
		b.WriteString(p.paint(piece.Tone, piece.Text))
	}
	return b.String()
}
