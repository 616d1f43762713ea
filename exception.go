package asyncio

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/stacks"
)

// An ExceptionContext is what the exception handler is told: an error that no one has
// looked at, a panic, a stall (a step that blocks the loop), a deadlock, or what debug
// mode finds. In Python: the dict of loop.call_exception_handler.
type ExceptionContext struct {
	Message  string        // what happened, in a line
	Err      error         // nil where there is none, as of a stall or a deadlock
	Task     TaskInfo      // zero where it is about no task, or that is gone
	Stack    []byte        // the stack of the panic, or of what is stuck; may be nil
	Duration time.Duration // how long a stall has lasted so far
	Details  string        // of a stall and a deadlock: who waits for what, several lines
}

// String returns the context in a few lines, as the default handler logs it.
func (c ExceptionContext) String() string {
	var b strings.Builder
	b.WriteString(strings.TrimPrefix(c.Message, "asyncio: "))
	if p, isPanic := c.Err.(*PanicError); isPanic { // Message says that it panicked
		fmt.Fprintf(&b, ": %v", p.Value)
	} else if c.Err != nil {
		b.WriteString(": " + oneLine(fmt.Sprint(c.Err)))
	}
	if c.Details != "" {
		b.WriteString("\n" + c.Details)
	}
	if len(c.Stack) > 0 {
		fmt.Fprintf(&b, "\n%s", stacks.Readable(c.Stack))
	}
	if where := stacks.Where(c.Task.Created); where != "" {
		fmt.Fprintf(&b, "\n%s was created in %s", c.Task.Name, where)
	}
	return b.String()
}

// SetExceptionHandler sets the function that gets the errors that no one has looked at,
// and the other reports (see ExceptionContext); nil sets the default, which writes with
// package log. The handler is called on the loop, also for tasks that the garbage
// collector found; for a stall, which the loop itself cannot report, it is called on a
// goroutine of its own. If it panics, the default handler gets both the report and the
// panic. In Python: loop.set_exception_handler. Any goroutine may call it.
func (l *Loop) SetExceptionHandler(handler func(ExceptionContext)) {
	l.mustBe("Loop.SetExceptionHandler")
	if handler == nil {
		handler = logException
	}
	l.handler.Store(&handler)
}

// CallExceptionHandler hands an error of your own to the handler. In Python:
// loop.call_exception_handler. Any goroutine may call it.
func (l *Loop) CallExceptionHandler(c ExceptionContext) {
	l.mustBe("Loop.CallExceptionHandler")
	l.report(c)
}

func logException(c ExceptionContext) { log.Printf("asyncio: %v", c) }

func (l *Loop) report(c ExceptionContext) {
	handler := *l.handler.Load()
	defer func() {
		if v := recover(); v != nil {
			logException(c)
			logException(ExceptionContext{Message: fmt.Sprintf("panic in the exception handler: %v", v)})
		}
	}()
	handler(c)
}

// reportOfEngine reports what the engine has to report.
func (l *Loop) reportOfEngine(r engine.Report) {
	c := ExceptionContext{Message: r.Message, Err: r.Err, Stack: r.Stack, Task: TaskInfo{Name: r.Name}}
	switch {
	case r.Task == nil:
	case l.core.OnLoop():
		c.Task = infoOf(r.Task)
	default:
		c.Task = infoOfRunning(r.Task)
	}
	l.report(c)
}

func newPanicError(value any, stack []byte) error { return &PanicError{value, stack} }
