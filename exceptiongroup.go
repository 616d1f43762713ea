package asyncio

import (
	"fmt"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An ExceptionGroup is several errors at once: those of the tasks of a group, in the
// order in which they ended, and last that of its body. In Python: ExceptionGroup.
//
// errors.Is and errors.As look inside. Split and Subgroup divide it as
// except* does. With %v it prints one line; with %+v each error has its own lines, with
// the stack if it is a panic.
type ExceptionGroup struct {
	Message string
	Errors  []error

	// Tasks names the tasks that the errors come from, in the order of Errors; "" is
	// for one that comes from no task, as the body's. It may be shorter than Errors.
	Tasks []string
}

// maxListed bounds how many errors of a group Error lists: a line of a log is no place
// for thousands.
const maxListed = 20

// Error returns one line: the message and the number of errors, as str(group) in Python,
// and the errors, each with the name of its task in brackets. If there are more than 20
// errors it leaves some out; %+v prints them all.
func (g *ExceptionGroup) Error() string {
	var b strings.Builder
	b.WriteString(oneLine(g.title()))
	b.WriteString(" [")
	for i, err := range g.Errors {
		if i > 0 {
			b.WriteString("; ")
		}
		if left := len(g.Errors) - i; i == maxListed && left > 1 {
			fmt.Fprintf(&b, "and %d more", left)
			break
		}
		writeOrigin(&b, oneLine(g.task(i)))
		b.WriteString(oneLine(fmt.Sprint(err)))
	}
	b.WriteString("]")
	return b.String()
}

func (g *ExceptionGroup) title() string {
	return fmt.Sprintf("%s (%d %s)", g.Message, len(g.Errors), plural(len(g.Errors), "sub-exception"))
}

// task returns the name of the task that an error comes from; "" if none is known.
func (g *ExceptionGroup) task(i int) string {
	if i >= len(g.Tasks) {
		return ""
	}
	return g.Tasks[i]
}

func (g *ExceptionGroup) add(task string, err error) {
	g.Errors = append(g.Errors, err)
	g.Tasks = append(g.Tasks, task)
}

func writeOrigin(b *strings.Builder, task string) {
	if task != "" {
		b.WriteString(task)
		b.WriteString(": ")
	}
}

// Format prints the group in one line, and for %+v with lines for each error.
func (g *ExceptionGroup) Format(f fmt.State, verb rune) {
	type original = ExceptionGroup
	type ExceptionGroup original // has no Format, and the name that %#v prints
	formatError(f, verb, g, g.writeAll, (*ExceptionGroup)(g))
}

func (g *ExceptionGroup) writeAll(b *strings.Builder) {
	b.WriteString(g.title())
	for i, err := range g.Errors {
		b.WriteString("\n- ")
		writeOrigin(b, g.task(i))
		b.WriteString(indent(allOf(err)))
	}
}

// allOf prints an error with %+v. What wraps or joins errors knows only a line of each:
// the groups and panics in it follow.
func allOf(err error) string {
	text := fmt.Sprintf("%+v", err)
	if _, formats := err.(fmt.Formatter); formats {
		return text
	}
	for _, e := range detailedIn(err) {
		text += indent("\n" + fmt.Sprintf("%+v", e))
	}
	return text
}

// detailedIn returns the outermost groups and panics in err.
func detailedIn(err error) (all []error) {
	switch x := err.(type) {
	case *ExceptionGroup, *PanicError:
		return []error{err}
	case interface{ Unwrap() error }:
		return detailedIn(x.Unwrap())
	case interface{ Unwrap() []error }:
		for _, e := range x.Unwrap() {
			all = append(all, detailedIn(e)...)
		}
	}
	return all
}

func indent(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

// formatError is the Format method of an error that has one line for %v and all it
// knows for %+v. plain is the value as %#v and verbs that are not for errors print it.
func formatError(f fmt.State, verb rune, err error, writeAll func(*strings.Builder), plain any) {
	var b strings.Builder
	switch {
	case verb == 'v' && f.Flag('+'):
		writeAll(&b)
		_, _ = f.Write([]byte(b.String()))
	case verb == 'v' && !f.Flag('#'), verb == 's', verb == 'q', verb == 'x', verb == 'X':
		fmt.Fprintf(f, fmt.FormatString(f, verb), err.Error())
	default:
		fmt.Fprintf(f, fmt.FormatString(f, verb), plain)
	}
}

// oneLine joins the lines of a text, for errors.Join and others print several.
func oneLine(text string) string {
	if !strings.Contains(text, "\n") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return line == "" }), "; ")
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// groupOf returns the errors of the tasks that have failed, and that of the body, if
// it has one.
func groupOf(message string, failed []*engine.Task, body error) *ExceptionGroup {
	g := &ExceptionGroup{Message: message}
	for _, t := range failed {
		g.add(t.Name(), t.Err())
	}
	if body != nil {
		g.add("", body)
	}
	return g
}

// with returns the group with only those of its errors that are left.
func (g *ExceptionGroup) with(left []branch) *ExceptionGroup {
	part := &ExceptionGroup{Message: g.Message}
	for _, b := range left {
		part.add(g.task(b.index), b.err)
	}
	return part
}

// Unwrap returns the errors for errors.Is and errors.As.
func (g *ExceptionGroup) Unwrap() []error { return g.Errors }

// Split divides the group into the errors that match and the rest. Both halves keep the
// shape of the group, of the groups and joined errors in it, and the messages of
// wrappers; a half without errors is nil. The function is asked about leaves only, the
// errors below which nothing branches: errors.Is and errors.As look inside an error, so
// for a whole group they would find anything that is somewhere in it. See also [ExceptIs]
// and [ExceptAs]. In Python: ExceptionGroup.split, whose condition is asked about groups
// as well.
func (g *ExceptionGroup) Split(match func(error) bool) (matching, rest error) {
	if match == nil {
		panic(nilFunction)
	}
	return splitLeaves(g, match)
}

// Subgroup returns what matches, in the shape of the group, or nil. In
// Python: ExceptionGroup.subgroup.
func (g *ExceptionGroup) Subgroup(match func(error) bool) error {
	matching, _ := g.Split(match)
	return matching
}
