package asyncio

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/stacks"
)

var (
	// ErrCanceled is what a wait returns that was cut: it ended early because its
	// context, or a context of this package that it was derived from, was canceled. It is
	// context.Canceled as well, in the sense of errors.Is; context.Cause says why it was
	// canceled. If a coroutine returns it, wrapped or not, its task counts as canceled.
	// In Python: asyncio.CancelledError.
	ErrCanceled error = engine.ErrCanceled

	// ErrTimeout is what WithTimeout and WaitFor return when their own time is over. It
	// is context.DeadlineExceeded as well, in the sense of errors.Is, and its method
	// Timeout returns true, as that of a net.Error does. In Python: TimeoutError.
	ErrTimeout error = engine.ErrTimeout

	// ErrInvalidState is returned by Result of a task or future that is not done yet
	// (await it, or ask Done), and by SetResult and SetError of a future that is done
	// already. In Python: asyncio.InvalidStateError.
	ErrInvalidState = errors.New("asyncio: invalid state: await it before you ask for its result, and set that once only")

	// ErrNoRunningLoop is returned by functions that suspend, when their context does not
	// come from a running loop: call them in a coroutine that Run runs, with the context
	// that the coroutine was given. In Python: RuntimeError, no running event loop.
	ErrNoRunningLoop error = engine.ErrNoRunningLoop

	// ErrLoopRunning is returned by Run inside a running loop: await the coroutine there,
	// or create a task for it. A second loop needs a goroutine of its own, such as that
	// of ToThread. In Python: RuntimeError, asyncio.run() cannot be called from a running
	// event loop.
	ErrLoopRunning = errors.New("asyncio: the event loop is running already: await the coroutine in it, or create a task for it")

	// ErrLoopStopped is returned by Run when Loop.Stop ended it before its
	// main coroutine had ended. In Python: RuntimeError, event loop stopped
	// before Future completed.
	ErrLoopStopped = errors.New("asyncio: the event loop was stopped before the main coroutine ended")

	// ErrLoopClosed is returned by functions that hand something to a loop that has
	// ended. In Python: RuntimeError, event loop is closed.
	ErrLoopClosed error = engine.ErrLoopClosed

	// ErrInterrupted is returned by Run with HandleInterrupt when Ctrl-C
	// canceled its main coroutine. In Python: KeyboardInterrupt.
	ErrInterrupted = errors.New("asyncio: interrupted")

	// ErrGoexit is the error of a task, or of a function of ToThread, that ended by
	// runtime.Goexit, which t.FailNow calls.
	ErrGoexit error = engine.ErrGoexit

	// ErrExecutorShutDown is returned by Submit after Shutdown.
	ErrExecutorShutDown = errors.New("asyncio: the executor is shut down")

	// ErrNoAwaitables is returned by Race and Any without arguments: they need at least
	// one awaitable.
	ErrNoAwaitables = errors.New("asyncio: nothing to wait for")
)

// A PanicError is the error of a task that panicked. It goes where an error of the task
// would go, and Run panics with it if main's error holds it. Printed with %v it is one
// line; %+v adds the stack, without the frames of the loop.
type PanicError struct {
	Value any    // what the task panicked with
	Stack []byte // the stack of the panic, as runtime/debug.Stack prints it
}

// Error returns the value, in one line; %+v prints the stack as well.
func (e *PanicError) Error() string { return "panicked: " + oneLine(fmt.Sprint(e.Value)) }

// Format prints the value in one line, and for %+v the stack below it.
func (e *PanicError) Format(f fmt.State, verb rune) {
	type original = PanicError
	type PanicError original // has no Format, and the name that %#v prints
	formatError(f, verb, e, e.writeAll, (*PanicError)(e))
}

func (e *PanicError) writeAll(b *strings.Builder) {
	fmt.Fprintf(b, "panicked: %v", e.Value)
	if len(e.Stack) > 0 {
		fmt.Fprintf(b, "\n%s", stacks.Readable(e.Stack))
	}
}

// A ShutdownError is returned by Run, joined with the error of the main coroutine, when
// tasks or functions of ToThread did not end within the grace time (see Grace). Each of
// them has been reported to the exception handler with its stack.
type ShutdownError struct {
	Tasks   []string // names of tasks, which were then ended by force
	Threads []string // names of threads whose function still runs
}

// Error names what refused to end.
func (e *ShutdownError) Error() string {
	var parts []string
	if len(e.Tasks) > 0 {
		parts = append(parts, plural(len(e.Tasks), "task")+" "+strings.Join(e.Tasks, ", "))
	}
	if len(e.Threads) > 0 {
		parts = append(parts, plural(len(e.Threads), "thread")+" "+strings.Join(e.Threads, ", "))
	}
	return "asyncio: did not end when canceled: " + strings.Join(parts, "; ")
}

// join is errors.Join with an error that prints in one line, and that is not one of
// several if there is only one.
func join(errs ...error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return &joined{errs}
}

type joined struct{ errs []error }

func (j *joined) Error() string   { return oneLine(errors.Join(j.errs...).Error()) }
func (j *joined) Unwrap() []error { return j.errs }
