package view

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// Clean returns a text of the program's in one line and without control characters. The
// names of tasks are data, and must not be able to steer the terminal.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return '\ufffd'
		}
		return r
	}, text)
}

// CleanLines does the same to a text of several lines.
func CleanLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Clean(strings.ReplaceAll(line, "\t", "        "))
	}
	return strings.Join(lines, "\n")
}

// Span writes a duration in nanoseconds with three figures or fewer, in at most six
// columns: 950ns, 12.3µs, 4.05s, 2m05s, 3h04m, 12d03h.
func Span(ns int64) string {
	d := time.Duration(max(ns, 0))
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%dns", d)
	case d < 999500*time.Nanosecond:
		return figures(float64(d)/1e3) + "µs"
	case d < 999500*time.Microsecond:
		return figures(float64(d)/1e6) + "ms"
	case d < 59950*time.Millisecond:
		return figures(float64(d)/1e9) + "s"
	}
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 24*3600:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%02dh", s/(24*3600), s/3600%24)
}

// figures writes a number below 1000 with three figures.
func figures(x float64) string {
	switch {
	case x < 9.995:
		return strconv.FormatFloat(x, 'f', 2, 64)
	case x < 99.95:
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// Percent writes a share of 1.
func Percent(share float64) string {
	switch percent := share * 100; {
	case percent <= 0:
		return "0%"
	case percent < 0.1:
		return "<0.1%"
	case percent < 9.95:
		return fmt.Sprintf("%.1f%%", percent)
	default:
		return fmt.Sprintf("%.0f%%", percent)
	}
}

// Count writes a number with its thousands apart.
func Count[T ~int | ~int64 | ~uint64](n T) string {
	digits := strconv.FormatInt(int64(n), 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Short writes a number in at most five columns, with its first figures where it has
// more: 99999, 123k, 1.23M.
func Short(n uint64) string {
	if n < 100_000 {
		return strconv.FormatUint(n, 10)
	}
	x, unit := float64(n)/1e3, ""
	for _, unit = range []string{"k", "M", "G", "T", "P", "E"} {
		if x < 999.5 {
			break
		}
		x /= 1e3
	}
	return figures(x) + unit
}

// Plural writes a number and what it is of: "1 task", "2 tasks".
func Plural[T ~int | ~int64 | ~uint64](n T, one string) string {
	switch {
	case n == 1:
		return "1 " + one
	case strings.HasSuffix(one, "s"): // passes
		return Count(n) + " " + one + "es"
	}
	return Count(n) + " " + one + "s"
}

// Place writes a frame: "main.worker main.go:40".
func Place(f wire.Frame) string {
	if f.File == "" {
		return Clean(f.Func)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s:%d", Clean(f.Func), Clean(f.File), f.Line))
}

// A State is a snapshot, and what has to be looked up in it.
type State struct {
	*wire.Snapshot
	tasks   map[uint64]*wire.Task
	groups  map[uint64]*wire.Group
	objects map[uint64]*wire.Object
	locked  map[uint64]bool // the tasks of deadlocks
}

// Of makes a State of a snapshot, which nobody changes from now on.
func Of(s *wire.Snapshot) *State {
	st := &State{s, map[uint64]*wire.Task{}, map[uint64]*wire.Group{}, map[uint64]*wire.Object{}, map[uint64]bool{}}
	for i := range s.Tasks {
		st.tasks[s.Tasks[i].ID] = &s.Tasks[i]
	}
	for i := range s.Groups {
		st.groups[s.Groups[i].ID] = &s.Groups[i]
	}
	for i := range s.Objects {
		st.objects[s.Objects[i].ID] = &s.Objects[i]
	}
	for _, w := range st.Open() {
		for _, e := range w.Cycle {
			st.locked[e.Task] = true
		}
	}
	return st
}

// Task returns a task, or nil.
func (s *State) Task(id uint64) *wire.Task { return s.tasks[id] }

// Who names a task: "3 A".
func (s *State) Who(id uint64) string {
	if t := s.tasks[id]; t != nil {
		return fmt.Sprint(id, " ", Name(t))
	}
	return strconv.FormatUint(id, 10)
}

// Name returns the name of a task, or what stands for one that has none.
func Name(t *wire.Task) string { return cmp.Or(Clean(t.Name), "(no name)") }

// For says whom a task waits for: "3 A +2", and "↺ 3 A" if that is a deadlock.
func (s *State) For(t *wire.Task) string {
	if t.Wait == nil || len(t.Wait.By) == 0 {
		return ""
	}
	text := s.Who(t.Wait.By[0])
	if s.locked[t.ID] {
		text = "↺ " + text
	}
	if more := len(t.Wait.By) - 1; more > 0 {
		text += fmt.Sprint(" +", more)
	}
	return text
}

// Wait says what a task waits for, or why it does not run: `lock "db"`, `sleep 15s, 4s
// left`, "woken by timer".
func (s *State) Wait(t *wire.Task) string {
	text := ""
	switch {
	case t.Wait != nil:
		text = cmp.Or(Clean(t.Wait.Text), Clean(strings.TrimSpace(t.Wait.Kind+" "+t.Wait.Name)))
		if left := t.Wait.Until - s.At; t.Wait.Until != 0 && left > 0 {
			text += fmt.Sprintf(", %s left", Span(left))
		}
	case t.State == wire.Held:
		text = "the limit of its group"
	case t.State == wire.Ready && t.By != "":
		text = "woken by " + Clean(t.By)
	case t.State == wire.Done && t.Error != "":
		text = Clean(t.Error)
	}
	if t.Canceled != 0 && t.State != wire.Done {
		text = strings.TrimSuffix(fmt.Sprintf("canceled %s ago, %s", Span(s.At-t.Canceled), text), ", ")
	}
	return text
}

// Since says how long a task is in its state, or nothing if that is not known.
func (s *State) Since(t *wire.Task) string {
	since := cmp.Or(t.Since, t.Ended)
	if since == 0 {
		return ""
	}
	return Span(s.At - since)
}

// Word returns the state of a task, or how it has ended.
func Word(t *wire.Task) string {
	if t.State == wire.Done {
		return cmp.Or(Clean(t.Outcome), wire.Done)
	}
	return Clean(t.State)
}

// Group names a group: `group "workers"`.
func Group(g *wire.Group) string {
	text := cmp.Or(Clean(g.Kind), "group")
	if g.Name != "" {
		text += fmt.Sprintf(" %q", Clean(g.Name))
	}
	return text
}

// limits says how full a group is, and when it ends: "2 of at most 2, 3 held, 4s left".
func (s *State) limits(g *wire.Group) string {
	var parts []string
	if g.Limit > 0 {
		parts = append(parts, fmt.Sprintf("%d of at most %d", g.Running, g.Limit))
	}
	if g.Held > 0 {
		parts = append(parts, fmt.Sprintf("%s held", Count(g.Held)))
	}
	switch left := g.Deadline - s.At; {
	case g.Deadline != 0 && left > 0:
		parts = append(parts, Span(left)+" left")
	case g.Deadline != 0:
		parts = append(parts, "deadline reached")
	}
	if g.Errors > 0 {
		parts = append(parts, Plural(g.Errors, "error"))
	}
	return strings.Join(parts, ", ")
}
