package asyncio

import (
	"errors"
	"fmt"
	"strings"

	"github.com/asyncio-go/asyncio/internal/engine"
)

var (
	// ErrCanceled is what a wait returns that was cut because its context,
	// or one of ours that it was derived from, is canceled. It is
	// context.Canceled as well, in the sense of errors.Is; why, says
	// context.Cause. A coroutine that returns it, wrapped or not, makes its
	// task canceled. In Python: asyncio.CancelledError.
	ErrCanceled error = engine.ErrCanceled

	// ErrTimeout is what WithTimeout and WaitFor return when their own
	// time is over. It is context.DeadlineExceeded as well, in the sense of
	// errors.Is, and has Timeout() true as a net.Error. In Python:
	// TimeoutError.
	ErrTimeout error = engine.ErrTimeout

	// ErrInvalidState is returned by Result of what is not done yet, and by
	// SetResult and SetError of a future that is. In Python:
	// asyncio.InvalidStateError.
	ErrInvalidState = errors.New("asyncio: invalid state: the result is not there yet, or has been set before")

	// ErrNoRunningLoop is returned by whatever suspends when its context
	// does not come from a loop that runs. In Python: RuntimeError, no
	// running event loop.
	ErrNoRunningLoop error = engine.ErrNoRunningLoop

	// ErrLoopRunning is returned by Run inside a loop that runs already.
	// In Python: RuntimeError, asyncio.run() cannot be called from a running
	// event loop.
	ErrLoopRunning = errors.New("asyncio: Run inside a running event loop: await the coroutine, or create a task for it; a loop of its own needs a goroutine of its own (ToThread)")

	// ErrLoopStopped is returned by Run when Loop.Stop ended it before its
	// main coroutine had ended. In Python: RuntimeError, event loop stopped
	// before Future completed.
	ErrLoopStopped = errors.New("asyncio: the event loop was stopped before the main coroutine ended")

	// ErrLoopClosed is returned for what is handed to a loop after its end.
	// In Python: RuntimeError, event loop is closed.
	ErrLoopClosed error = engine.ErrLoopClosed

	// ErrInterrupted is returned by Run with HandleInterrupt when Ctrl-C
	// canceled its main coroutine. In Python: KeyboardInterrupt.
	ErrInterrupted = errors.New("asyncio: interrupted")

	// ErrGoexit is the error of a task or a thread's function that ended by
	// runtime.Goexit, which t.FailNow calls.
	ErrGoexit error = engine.ErrGoexit

	// ErrExecutorShutDown is returned by Submit after Shutdown.
	ErrExecutorShutDown = errors.New("asyncio: the executor is shut down")

	// ErrNoAwaitables is returned by Race and Any of nothing.
	ErrNoAwaitables = errors.New("asyncio: nothing to wait for: pass at least one awaitable")
)

// An ExceptionGroup is several errors at once: those of the children of a
// task group, in the order in which they ended, and of its body, last. In
// Python: ExceptionGroup.
//
// errors.Is and errors.As look inside. Split and Subgroup divide it as
// except* does.
type ExceptionGroup struct {
	Message string
	Errors  []error
}

// Error returns the message and the number of errors, which is what Python has
// for str(group), and below that the errors, one to a line.
func (g *ExceptionGroup) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d %s)", g.Message, len(g.Errors), plural(len(g.Errors), "sub-exception"))
	for _, err := range g.Errors {
		b.WriteString("\n- ")
		b.WriteString(strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	return b.String()
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// Unwrap returns the errors for errors.Is and errors.As.
func (g *ExceptionGroup) Unwrap() []error { return g.Errors }

// Split divides the group into what matches and the rest. Both keep the shape of
// the group, of groups and joined errors in it, and the messages of wrappers; nil
// where nothing is left. The function is asked about leaves only, the errors below
// which nothing branches: errors.Is and errors.As look inside, and would find in
// the group whatever is somewhere in it. See also [ExceptIs] and [ExceptAs]. In
// Python: ExceptionGroup.split, whose condition is asked about groups as well.
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

// A PanicError is the error of a task that panicked. It goes where an error
// of the task would go, and Run panics with it when it gets there.
type PanicError struct {
	Value any    // what the task panicked with
	Stack []byte // the stack of the panic, as runtime/debug.Stack prints it
}

// Error returns the value and the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// A ShutdownError is returned by Run, joined with the main coroutine's own,
// when something refused to end within the grace time (see Grace). Each has
// been reported to the exception handler with its stack.
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
