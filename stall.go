package asyncio

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/stacks"
)

// A stall is a step that lasts too long.
type stall struct {
	loop   *Loop
	step   engine.Step
	lasted time.Duration
	proven bool // a goroutine has waited for the loop for so long that it is a deadlock if the step is blocked

	all [][]byte // the stacks of all goroutines
}

// report tells the exception handler, if the step still lasts.
func (s *stall) report() {
	if c, stuck := s.look(); stuck {
		s.loop.report(c)
	}
}

// lookAtStall describes a step that has lasted for a while; false if it is over.
func (l *Loop) lookAtStall(step engine.Step) (c ExceptionContext, stuck bool) {
	s := stall{loop: l, step: step, lasted: stuckAfter}
	return s.look()
}

// look describes the stall; false if it is over.
func (s *stall) look() (c ExceptionContext, stuck bool) {
	dump := coro.AllStacks()
	if s.loop.core.Look() != s.step {
		return c, false // the loop went on meanwhile, so the stack is of another step
	}
	s.all = bytes.Split(dump, []byte("\n\n"))
	stack := coro.Find(dump, s.step.Goroutine)
	at := stacks.Parse(stack)
	id, parent, name, created := s.step.Task()
	c = ExceptionContext{
		Task:     TaskInfo{ID: id, Name: name, Parent: parent, State: TaskRunning, Created: created},
		Stack:    stacks.Readable(stack),
		Duration: s.lasted,
		Details:  s.explain(at),
	}
	who := "a callback"
	if id != 0 {
		who = "task " + name
	} else {
		c.Task = TaskInfo{}
	}
	c.Message = fmt.Sprintf("%s has kept the loop for %v without suspending: nothing else can run; %s",
		who, s.lasted.Round(time.Millisecond), at.Advice())
	if s.proven && at.Blocked() && at.State != "sleep" { // else it will go on by itself
		c.Message = "deadlock: " + c.Message
	}
	return c, true
}

// explain says what the step waits for, who seems to hold that, and who waits for the
// loop meanwhile.
func (s *stall) explain(stuck stacks.Goroutine) string {
	var b strings.Builder
	at := ""
	if place := stuck.Place(); place != "" {
		at = " in " + place
	}
	if stuck.Blocked() {
		fmt.Fprintf(&b, "it waits outside the loop: %s%s\n", stuck.State, at)
	} else if stuck.State != "" {
		fmt.Fprintf(&b, "it is not blocked: its goroutine is %s%s\n", stuck.State, at)
	}
	if stuck.WaitsForMutex() {
		s.explainMutex(&b, stuck)
	}
	s.explainDependents(&b, stuck)
	return strings.TrimSuffix(b.String(), "\n")
}

// linesShown bounds how many goroutines of a kind an explanation names.
const linesShown = 10

// explainMutex names the suspended tasks that seem to hold a mutex. It first suspects
// tasks that were given a pointer to the mutex, or to the struct that it is a part of,
// and otherwise tasks that are in the same function.
func (s *stall) explainMutex(b *strings.Builder, stuck stacks.Goroutine) {
	mutex := stuck.Mutex()
	var holders, alike []string
	for _, block := range s.all {
		header, _, _ := bytes.Cut(block, []byte("\n"))
		if !bytes.Contains(header, []byte("[coroutine")) {
			continue
		}
		switch g := stacks.Parse(block); {
		case mutex != 0 && g.Mentions(mutex):
			holders = append(holders, s.line(header, g))
		case stuck.Place() != "" && g.IsIn(stuck):
			alike = append(alike, s.line(header, g))
		}
	}
	if len(holders) > 0 {
		write(b, holders, "a suspended task seems to hold that mutex: %s\n")
	} else {
		write(b, alike, "a suspended task is in the same function and may hold that mutex: %s\n")
	}
}

// explainDependents names the goroutines that wait for the loop, and says through which
// method.
func (s *stall) explainDependents(b *strings.Builder, stuck stacks.Goroutine) {
	var waiting []string
	for _, d := range s.loop.core.Dependents() {
		header := fmt.Appendf(nil, "goroutine %d ", d.Goroutine())
		for _, block := range s.all {
			if bytes.HasPrefix(block, header) {
				g := stacks.Parse(block)
				waiting = append(waiting, fmt.Sprintf("%s in %s", s.line(header, g), g.Entry()))
			}
		}
	}
	write(b, waiting, "this waits for the loop: %s\n")
	if len(waiting) > 0 && stuck.Blocked() {
		b.WriteString("if the one waits for the other, neither will ever go on\n")
	}
}

// line is a goroutine in a line.
func (s *stall) line(header []byte, g stacks.Goroutine) string {
	name := "goroutine " + strings.Fields(string(header))[1]
	if path := g.Path(pathShown); path != "" {
		name += ", " + path
	}
	return name
}

// pathShown bounds how many functions of a goroutine are named.
const pathShown = 5

// write writes one line for each, up to a limit, and then says how many more there are.
func write(b *strings.Builder, lines []string, format string) {
	for i, line := range lines {
		if i == linesShown {
			fmt.Fprintf(b, "and %d more\n", len(lines)-i)
			return
		}
		fmt.Fprintf(b, format, line)
	}
}
