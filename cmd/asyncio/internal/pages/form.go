package pages

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// A paramForm changes the parameters of a lesson.
type paramForm struct {
	row    int
	values map[string]string
	typing bool
	text   string // what is typed
	wrong  bool   // it is no value: the next key begins anew
	err    string
}

// shownValue is how a value is shown: the labels are read as questions, so yes or no.
func shownValue(p lesson.Param, value string) string {
	switch {
	case p.Kind == lesson.KindBool && value == "true":
		return "yes"
	case p.Kind == lesson.KindBool && value == "false":
		return "no"
	}
	return value
}

func (m *Model) openForm() {
	l := m.lesson()
	if len(l.Params) == 0 {
		m.message = "this lesson has no parameters"
		return
	}
	m.turn(form)
	m.form = paramForm{values: maps.Clone(m.values[l.Name])}
}

// value returns what a parameter is set to.
func value(values map[string]string, p lesson.Param) string {
	if v, ok := values[p.Name]; ok {
		return v
	}
	return p.Default
}

func (m *Model) pressedInForm(k tea.KeyPressMsg, key string) tea.Cmd {
	params := m.lesson().Params
	f := &m.form
	f.err = ""
	switch key {
	case "esc", "p":
		m.overlay = none
	case "up", "k", "shift+tab":
		f.row = max(f.row-1, 0)
	case "down", "j", "tab":
		f.row = min(f.row+1, len(params)-1)
	case "left", "-":
		f.change(params[f.row], -1)
	case "right", "+", "=", "space":
		f.change(params[f.row], 1)
	case "r":
		f.values = map[string]string{}
	case "enter":
		return m.rerun()
	default:
		if text := k.Text; text != "" && params[f.row].Kind != lesson.KindBool && params[f.row].Kind != lesson.KindChoice {
			f.typing, f.text = true, ""
			return m.typed(k)
		}
	}
	return nil
}

// typed takes a key while a value is typed.
func (m *Model) typed(k tea.KeyPressMsg) tea.Cmd {
	f := &m.form
	f.err = ""
	if f.wrong && k.Text != "" {
		f.text = ""
	}
	f.wrong = false
	switch k.String() {
	case "esc":
		f.typing = false
	case "backspace":
		if f.text != "" {
			f.text = f.text[:len(f.text)-1]
		}
	case "enter", "up", "down", "tab":
		f.settle(m.lesson().Params[f.row])
	default:
		if len(f.text) < 12 && len(k.Text) == 1 && k.Text > " " {
			f.text += k.Text
		}
	}
	return nil
}

// settle takes what was typed, if it is a value.
func (f *paramForm) settle(p lesson.Param) {
	text := f.text
	if _, err := strconv.ParseFloat(text, 64); err == nil && p.Kind == lesson.KindDuration {
		text += "s"
	}
	if err := p.Check(text); err != nil {
		f.err, f.wrong = err.Error(), true
		return
	}
	f.values[p.Name], f.typing = text, false
}

// change moves a value by a step, within its bounds.
func (f *paramForm) change(p lesson.Param, by int) {
	now, next := value(f.values, p), ""
	switch p.Kind {
	case lesson.KindDuration:
		d, step := duration(now), duration(p.Step)
		next = min(max(d+time.Duration(by)*step, duration(p.Min)), duration(p.Max)).String()
	case lesson.KindInt:
		n, step := number(now), max(number(p.Step), 1)
		next = strconv.Itoa(min(max(n+by*step, number(p.Min)), number(p.Max)))
	case lesson.KindBool:
		next = strconv.FormatBool(now != "true")
	default:
		i := slices.Index(p.Choices, now) + by
		next = p.Choices[(i+len(p.Choices))%len(p.Choices)]
	}
	f.values[p.Name] = next
}

func duration(text string) time.Duration {
	d, _ := time.ParseDuration(text) // the lessons' tests check what they declare
	return d
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// rerun runs the lesson with the values of the form.
func (m *Model) rerun() tea.Cmd {
	l := m.lesson()
	if err := lesson.Check(l.Params, m.form.values); err != nil {
		m.form.err = err.Error()
		return nil
	}
	for _, p := range l.Params {
		if m.form.values[p.Name] == p.Default {
			delete(m.form.values, p.Name)
		}
	}
	m.values[l.Name] = m.form.values
	delete(m.guesses, l.Name)
	m.phase, m.overlay = playing, none
	return m.record(true)
}

func (m *Model) formLines() []string {
	l := m.lesson()
	lines := []string{m.paint(screen.Title, "Parameters of "+l.Name), "",
		"The lesson runs again with them, on the real loop, and is recorded anew.", ""}
	width := 0
	for _, p := range l.Params {
		width = max(width, len(p.Label))
	}
	for i, p := range l.Params {
		set := value(m.form.values, p)
		mark, text := "  ", shownValue(p, set)
		if i == m.form.row {
			mark = m.glyphs.here + " "
			if m.form.typing {
				text = m.form.text + "_"
			}
		}
		bounds := strings.Join(p.Choices, ", ")
		if p.Kind == lesson.KindBool {
			bounds = "yes, no"
		}
		if p.Min != "" {
			bounds = p.Min + " to " + p.Max
		}
		line := fmt.Sprintf("%-*s  %-8s", width, p.Label, text)
		if i == m.form.row {
			line = m.paint(screen.Strong, line)
		}
		note := ""
		if set != p.Default && p.Default != "" {
			note = ", was " + shownValue(p, p.Default)
		}
		lines = append(lines, mark+line+"  "+m.paint(screen.Faint, bounds+note))
	}
	lines = append(lines, "")
	if m.form.err != "" {
		lines = append(lines, m.wrap(screen.Bad, m.form.err)...)
	}
	return lines
}
