package asyncio

import (
	"fmt"
	"strings"

	"github.com/asyncio-go/asyncio/internal/stacks"
)

// detects reports whether the loop looks for deadlocks. A virtual world (clock and
// network of a test) finds them itself.
func (l *Loop) detects() bool {
	return l.config.NewWorld == nil && (l.config.Deadlocks || l.debugAtStart)
}

// deadlockCheck is an event that searches a loop for a deadlock. It is posted to a loop
// that has slept for a while.
type deadlockCheck watch

func (e *deadlockCheck) Fire() {
	w := (*watch)(e)
	l := w.loop
	w.checked.Store(l.core.Look().Number)
	if !l.deadlocked && l.core.Stranded() && len(l.signals) == 0 && l.catching == 0 && !l.servesGroup() {
		l.deadlocked = true
		l.core.CallUser(l.reportDeadlock)
	}
}

// servesGroup reports whether the loop only runs what other loops send to it.
func (l *Loop) servesGroup() bool {
	for t := range l.core.Tasks {
		if t.WaitsFor() == labelGroupEnds {
			return true
		}
	}
	return false
}

// reportDeadlock says what the tasks wait for.
func (l *Loop) reportDeadlock() {
	tasks := l.tasksByAge()
	many := "1 task waits"
	if len(tasks) != 1 {
		many = fmt.Sprintf("%d tasks wait", len(tasks))
	}
	var b strings.Builder
	for i, t := range tasks {
		info := infoOf(t)
		fmt.Fprintf(&b, "%s waits for %s\n", info.Name, info.WaitingOn)
		if i < deadlockStacks {
			b.WriteString(stacks.OfProgram(t.Stack()))
		}
		if where := stacks.Where(info.Created); where != "" {
			fmt.Fprintf(&b, "  created in %s\n", where)
		}
	}
	l.report(ExceptionContext{
		Message: "deadlock, unless another goroutine wakes the loop: nothing else can, and " + many,
		Details: strings.TrimSuffix(b.String(), "\n"),
	})
}

// deadlockStacks bounds the stacks in a report.
const deadlockStacks = 32
