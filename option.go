package asyncio

import (
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An Option is an option of Run, RunValue, RunGroup and NewRunner. The functions
// of this package that return one make it. Where two options set the same, the
// last one counts.
type Option = config.Option

// Debug turns debug mode on: tasks remember where they were created, steps of
// 100 ms and more are reported (see SlowStep), and so are connections of package
// streams that were left open; calls from a wrong goroutine are caught on every
// architecture. In Python: debug=True.
func Debug(on bool) Option { return config.Func(func(c *config.Config) { c.Debug = on }) }

// Observe lets the hooks see the loop work.
func Observe(h *Hooks) Option { return prepare(func(l *Loop) { l.hooks = h }) }

// OnException sets the function that gets the errors which have no other
// taker; see ExceptionContext. Without one they are written with package log.
// In Python: loop.set_exception_handler.
func OnException(handler func(ExceptionContext)) Option {
	return prepare(func(l *Loop) { l.SetExceptionHandler(handler) })
}

// SlowStep turns on the stall watchdog: when one step of a task, or a
// callback, keeps the loop for d or longer, the exception handler gets the
// task's name and its stack while it is stuck. Zero is the default: 100 ms in
// debug mode, off otherwise. In Python: loop.slow_callback_duration.
func SlowStep(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("asyncio: SlowStep(%v): the threshold cannot be negative", d))
	}
	return config.Func(func(c *config.Config) { c.SlowStep = d })
}

// Grace sets how long Run waits, at its end, for canceled tasks and for the
// functions of ToThread. The default is 30 s.
func Grace(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("asyncio: Grace(%v): the time must be positive", d))
	}
	return config.Func(func(c *config.Config) { c.Grace = d })
}

// HandleInterrupt makes Ctrl-C cancel the main coroutine; Run then returns
// ErrInterrupted if that ends canceled. The second Ctrl-C ends the program. Where
// Ctrl-C is ignored, as in what a shell script starts in the background, under
// nohup, and after signal.Ignore, it stays so; who wants it there asks for it by
// name, with [Signals] or [Loop.AddSignalHandler]. In Python: what asyncio.run does
// by itself.
func HandleInterrupt() Option { return config.Func(func(c *config.Config) { c.Interrupt = true }) }

// prepare returns an option that sets something of the loop itself.
func prepare(set func(*Loop)) Option {
	return config.Func(func(c *config.Config) {
		c.Prepare = append(c.Prepare, func(l *engine.Loop) { set(loopOf(l)) })
	})
}

const (
	defaultSlowStep = 100 * time.Millisecond
	defaultGrace    = 30 * time.Second
)
