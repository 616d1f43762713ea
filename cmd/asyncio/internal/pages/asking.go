package pages

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// askingPage is the first page of a lesson: what it is about, the code that matters, and
// the question.
func (m *Model) askingPage(room int) []string {
	l := m.lesson()
	idea := m.wrap(screen.Text, l.Idea)
	question := m.question()
	code := m.codeBlock(3, nil, 0)
	blocks := stack(room, []block{
		fixed(question), fixed(idea), code,
		late(""), late(""), late(""),
	})
	return concat(blocks[3], blocks[1], blocks[4], blocks[2], blocks[5], blocks[0])
}

func concat(blocks ...[]string) []string {
	var lines []string
	for _, b := range blocks {
		lines = append(lines, b...)
	}
	return lines
}

// question is the question with its choices: in one line, if they fit, else below it.
func (m *Model) question() []string {
	q := m.lesson().Question
	if q.Text == "" {
		return m.wrap(screen.Strong, "Enter runs it.")
	}
	lines := m.wrap(screen.Strong, q.Text)
	var choices []string
	for i, c := range q.Choices {
		choices = append(choices, m.paint(screen.Title, fmt.Sprint(i+1))+" "+c)
	}
	if one := strings.Join(choices, "    "); ansi.StringWidth(one) <= m.width-4 {
		return append(lines, "  "+one)
	}
	for _, c := range choices {
		lines = append(lines, strings.Split(ansi.Wrap("  "+c, m.width-2, " "), "\n")...)
	}
	return lines
}

func (m *Model) closedPage() []string {
	text := "That was the tour: " + plural(len(m.lessons), "lesson") + ". The programs are in the folder lessons of the module."
	if len(m.lessons) < len(m.config.All) {
		text = "These were the lessons that you asked for. The programs are in the folder lessons of the module."
	}
	lines := append([]string{""}, m.wrap(screen.Text, text)...)
	lines = append(lines, "")
	lines = append(lines, m.wrap(screen.Text, fmt.Sprintf("%q plays one of them again, %q names them all.", m.config.Command+" tour gather", m.config.Command+" tour list"))...)
	return append(lines, "", m.paint(screen.Faint, "Enter leaves, G goes to any lesson, [ back to the last one."))
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
