package asyncio

import (
	"os"
	"time"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An Option is an option of Run, RunValue, RunGroup and NewRunner. Functions of this
// package, such as Debug, return options. If two options set the same thing, the last one
// counts.
type Option = config.Option

// Debug turns debug mode on or off; without it, the environment variable
// ASYNCIODEBUG turns it on if it is neither empty nor 0 when the loop is made.
//
// In debug mode, tasks remember where they were created, and calls from a wrong
// goroutine are caught on every architecture. These are reported to the exception
// handler: steps of 100 ms and more (see [SlowStep]); deadlocks (see
// [DetectDeadlock]); connections of package streams that were left open; a wait in the
// body of a timeout or a group that uses a context from outside the body, so that the
// timeout or group cannot cancel it (once for each place in the code); and a task that
// was canceled and goes on for hundreds of waits, each of which ends at once. A coroutine
// that was made and is never run cannot be detected: to Go it is a function value like
// any other. In Python: debug=True, PYTHONASYNCIODEBUG.
func Debug(on bool) Option { return config.Func(func(c *config.Config) { c.Debug = &on }) }

// DetectDeadlock turns on the search for deadlocks, which is also on in debug mode: when
// the loop has slept for a second and only another goroutine could wake it (no timer is
// set, no descriptor is waited for, no signal is caught and no function runs in a
// thread), the exception handler is told once what each task waits for, and where. If
// another goroutine will wake the loop, ignore the report. Python has no counterpart;
// asyncio.print_call_graph of each task comes near.
func DetectDeadlock() Option { return config.Func(func(c *config.Config) { c.Deadlocks = true }) }

// Observe makes the loop call the hooks, from its first event on. The option may be given
// several times: the hooks are called in the order of the options. nil adds none.
func Observe(h *Hooks) Option {
	return prepare(func(l *Loop) {
		if h != nil {
			l.hooks = append(l.hooks, h)
		}
	})
}

// OnException sets the function that gets the errors which have no other
// taker; see ExceptionContext. Without one they are written with package log.
// In Python: loop.set_exception_handler.
func OnException(handler func(ExceptionContext)) Option {
	return prepare(func(l *Loop) { l.SetExceptionHandler(handler) })
}

// SlowStep sets when the stall watchdog reports: when one step of a task, or a
// callback, keeps the loop for d or longer, the exception handler gets, while it is
// stuck, the task's name and stack, what it waits for outside the loop, which suspended
// task seems to hold that, and which goroutines wait for the loop meanwhile. Zero is the
// default: a second, 100 ms in debug mode. Negative is off. But if a goroutine waits for
// the loop for five seconds while the loop stays in one step, that is reported in any
// case, because it is nearly always a deadlock. In a bubble of testing/synctest, whose
// clock stands still in a step, there is no watchdog. In Python:
// loop.slow_callback_duration.
func SlowStep(d time.Duration) Option {
	return config.Func(func(c *config.Config) { c.SlowStep = d })
}

// Grace sets how long Run waits, at its end, for canceled tasks and for the
// functions of ToThread. Zero is the default, 30 s; negative means without limit.
func Grace(d time.Duration) Option {
	return config.Func(func(c *config.Config) { c.Grace = d })
}

// HandleInterrupt makes Ctrl-C cancel the main coroutine; Run then returns ErrInterrupted
// if main ends canceled. The second Ctrl-C ends the program. If Ctrl-C is ignored, as in
// programs that a shell script starts in the background, and after signal.Ignore, it
// stays ignored; to catch it all the same, use [Signals] or [Loop.AddSignalHandler]. In
// Python: what asyncio.run does by itself.
func HandleInterrupt() Option { return config.Func(func(c *config.Config) { c.Interrupt = true }) }

// prepare returns an option that sets something of the loop itself.
func prepare(set func(*Loop)) Option {
	return config.Func(func(c *config.Config) {
		c.Prepare = append(c.Prepare, func(l *engine.Loop) { set(loopOf(l)) })
	})
}

// debugByEnvironment reports whether the environment turns debug mode on.
func debugByEnvironment() bool {
	v := os.Getenv("ASYNCIODEBUG")
	return v != "" && v != "0"
}

const defaultGrace = 30 * time.Second
