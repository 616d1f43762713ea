package engine

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/stacks"
)

// suspicions are what debug mode has noted: uses that are no errors, but seldom intended.
type suspicions struct {
	outer map[uintptr]bool // the places where a wait on an outer context was reported
	cuts  map[*Task]cuts   // for tasks whose last wait was cut as it began
}

// cuts counts how many waits of a task in a row were cut as they began.
type cuts struct {
	many   int
	yields bool // it has yielded since, and that was not cut, or not yet
}

// manyCuts is how many waits in a row may be cut as they begin, before that is reported.
// A task that cleans up needs few.
const manyCuts = 300

// SetDebug turns debug mode on or off. Loop only, or before it runs.
func (l *Loop) SetDebug(on bool) {
	l.Debug = on
	l.watched = on || l.trace != nil
}

// suspect is called in debug mode when a task suspends, on its stack.
func (l *Loop) suspect(t *Task) {
	switch w := &t.worker.wait; {
	case w.why == nil:
		l.suspectYield(t)
	case w.cut:
		l.countCut(t)
	default:
		l.uncut(t)
		if w.isOuter(w.scope) {
			l.reportOuter(t, "waits")
		}
	}
}

// suspectYield notes that the task yields. yieldCut says later whether the yield was cut.
func (l *Loop) suspectYield(t *Task) {
	switch c, spins := l.suspicions.cuts[t]; {
	case !spins:
	case c.yields:
		l.uncut(t)
	default:
		l.suspicions.cuts[t] = cuts{c.many, true}
	}
}

// yieldCut returns the error of a yield of the running task that was cut.
func (l *Loop) yieldCut(t *Task) error {
	if k := t.worker; k.crash != nil {
		k.crashes()
		return k.crash
	}
	if l.Debug {
		if c, spins := l.suspicions.cuts[t]; spins {
			l.suspicions.cuts[t] = cuts{c.many, false}
		}
		l.countCut(t)
	}
	return ErrCanceled
}

// isOuter reports whether s is outside the scope that the running task has opened last,
// and that scope is not canceled yet. s may belong to another task. Once the inner scope
// is canceled, it is right to clean up on an outer context.
func (w *Wait) isOuter(s *Scope) bool {
	inner := w.task.worker.inner
	return s != nil && inner != nil && !inner.Canceled() && !s.Canceled() && !s.isIn(inner)
}

// isIn reports whether s is other, or was opened in that.
func (s *Scope) isIn(other *Scope) bool {
	for ; s != nil; s = s.around() {
		if s == other {
			return true
		}
	}
	return false
}

// uncut notes that a wait of the task was not cut.
func (l *Loop) uncut(t *Task) { delete(l.suspicions.cuts, t) }

func (l *Loop) countCut(t *Task) {
	if l.suspicions.cuts == nil {
		l.suspicions.cuts = map[*Task]cuts{}
	}
	c := l.suspicions.cuts[t]
	if c.yields {
		c = cuts{}
	}
	c.many++
	l.suspicions.cuts[t] = c
	if c.many == manyCuts {
		l.reportLater(t, fmt.Sprintf("task %s was canceled and goes on: %d waits in a row were cut as they began; a loop that tries again must end when its context is canceled", t.Name(), manyCuts))
	}
}

// reportOuter reports, once for each place, that a task uses a context which is not
// that of the timeout or the group that it is in. The packages on top of asyncio, which
// do so on purpose, are not reported.
func (l *Loop) reportOuter(t *Task, does string) {
	at, where := placeInProgram()
	if at == 0 || l.suspicions.outer[at] {
		return
	}
	if l.suspicions.outer == nil {
		l.suspicions.outer = map[uintptr]bool{}
	}
	l.suspicions.outer[at] = true
	l.reportLater(t, fmt.Sprintf("task %s %s%s with a context from outside of the timeout or the group that it is in, whose cancellation does not reach it: pass the context that the body was given", t.Name(), does, where))
}

// reportLater reports something of the running task, as a callback: the handler is code
// of the user's.
func (l *Loop) reportLater(t *Task, message string) {
	r := Report{Message: message, Task: t, Name: t.Name(), Stack: coro.OwnStack()}
	l.CallUser(func() { l.Report(r) })
}

// placeInProgram returns where the caller was called by the program; 0 if another
// package of this module is between them.
func placeInProgram() (at uintptr, where string) {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "" || stacks.IsMachinery(f.Function):
		case stacks.IsLibrary(f.Function):
			return 0, ""
		default:
			return f.PC, fmt.Sprintf(" at %s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line)
		}
		if !more {
			return 0, ""
		}
	}
}
