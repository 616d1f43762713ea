package tour

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/highlight"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/lessons"
)

const (
	margin   = "  "
	maxProse = 92 // how many columns prose has at most; longer lines are hard to follow
)

// page lays out text for a screen of a certain width.
type page struct {
	out   io.Writer
	paint func(screen.Tone, string) string
	color bool
	width int
	ascii bool
}

func (t *Tour) page() page {
	s := t.Screen
	return page{out: s, paint: s.Paint, color: s.Color(), width: s.Width(), ascii: t.ASCII}
}

// show writes blocks of lines.
func (p page) show(blocks ...[]string) error {
	var text strings.Builder
	for _, lines := range blocks {
		for _, line := range lines {
			text.WriteString(line + "\n")
		}
	}
	_, err := io.WriteString(p.out, text.String())
	return err
}

// opening is the top of a lesson: its name, title and idea.
func (p page) opening(l lessons.Lesson) []string {
	name := fmt.Sprintf("%d. %s", l.Number, l.Name)
	top := []string{p.rule(name, p.width), ""}
	return slices.Concat(top, p.wrap(screen.Strong, l.Title), p.prose(l.Idea))
}

// prose is a paragraph, with an empty line after it.
func (p page) prose(text string) []string { return p.wrap(screen.Text, text) }

// question is what is asked before the run, with the choices.
func (p page) question(l lessons.Lesson) []string {
	if l.Question.Text == "" {
		return nil
	}
	lines := p.wrap(screen.Strong, l.Question.Text)
	lines = lines[:len(lines)-1]
	for i, choice := range l.Question.Choices {
		lines = append(lines, strings.TrimSuffix(strings.Join(p.wrap(screen.Text, fmt.Sprintf("%d  %s", i+1, choice)), "\n"), "\n"))
	}
	return append(lines, "")
}

// answer is the right choice, where the parameters are those that it is right for.
func (p page) answer(l lessons.Lesson, values map[string]string) []string {
	q := l.Question
	if q.Text == "" || len(values) > 0 {
		return nil
	}
	return p.wrap(screen.Strong, q.Text+" "+q.Choices[q.Right]+".")
}

// conclusion is what the lesson shows as it is: with other parameters, the run may have
// shown something else.
func (p page) conclusion(l lessons.Lesson, values map[string]string) []string {
	if len(values) > 0 {
		return p.prose("Without changes: " + l.Conclusion)
	}
	return p.prose(l.Conclusion)
}

// try says what to change, and how the parameters are named for that.
func (p page) try(l lessons.Lesson, command string) []string {
	var lines []string
	if l.Try != "" {
		lines = p.prose("Try: " + l.Try)
	}
	if len(l.Params) == 0 {
		return lines
	}
	set := make([]string, len(l.Params))
	for i, param := range l.Params {
		set[i] = param.Name + "=" + param.Default
	}
	return append(lines, p.prose(fmt.Sprintf("Parameters: %s; to change one: %q.",
		strings.Join(set, ", "), command+" tour "+l.Name+" --set "+set[0]))...)
}

func (p page) wrap(tone screen.Tone, text string) []string {
	width := min(p.width-2*len(margin), maxProse)
	var lines []string
	for line := range strings.SplitSeq(ansi.Wrap(text, width, " "), "\n") {
		lines = append(lines, margin+p.paint(tone, strings.TrimSpace(line)))
	}
	return append(lines, "")
}

// rule is the line across the page at which a lesson begins.
func (p page) rule(name string, width int) string {
	thick := "━"
	if p.ascii {
		thick = "="
	}
	if name == "" {
		return p.paint(screen.Faint, strings.Repeat(thick, width))
	}
	rest := width - ansi.StringWidth(name) - 5
	return p.paint(screen.Faint, thick+thick+thick) + " " + p.paint(screen.Title, name) + " " +
		p.paint(screen.Faint, strings.Repeat(thick, max(0, rest)))
}

// heading is a line above a part of a lesson.
func (p page) heading(name string) []string {
	return []string{margin + p.head(name, p.width-2*len(margin)), ""}
}

func (p page) head(name string, width int) string {
	thin, more := "─", "…"
	if p.ascii {
		thin, more = "-", "~"
	}
	name = ansi.Truncate(name, width, more)
	rest := width - ansi.StringWidth(name) - 1
	return p.paint(screen.Title, name) + " " + p.paint(screen.Faint, strings.Repeat(thin, max(0, rest)))
}

// listing is a program in one of the two languages.
type listing struct {
	title string
	lines []highlight.Line
}

func (s listing) width() int {
	width := ansi.StringWidth(s.title)
	for _, line := range s.lines {
		width = max(width, line.Width())
	}
	return width
}

func (s listing) fold(width int) listing {
	var folded []highlight.Line
	for _, line := range s.lines {
		folded = append(folded, line.Fold(width)...)
	}
	return listing{s.title, folded}
}
