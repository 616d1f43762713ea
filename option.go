package asyncio

import (
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/internal/door"
)

// An Option is an option of Run and NewRunner.
type Option func(*config)

type config struct {
	debug     bool
	hooks     *Hooks
	onError   func(ExceptionContext)
	slowStep  time.Duration
	grace     time.Duration
	interrupt bool
	newWorld  func() door.World
}

// Debug turns debug mode on: tasks remember where they were created, steps of
// 100 ms and more are reported (see SlowStep), and so are connections of package
// streams that were left open; calls from a wrong goroutine are caught on every
// architecture. In Python: debug=True.
func Debug(on bool) Option { return func(c *config) { c.debug = on } }

// Observe lets the hooks see the loop work.
func Observe(h *Hooks) Option { return func(c *config) { c.hooks = h } }

// OnException sets the function that gets the errors which have no other
// taker; see ExceptionContext. Without one they are written with package log.
// In Python: loop.set_exception_handler.
func OnException(handler func(ExceptionContext)) Option {
	return func(c *config) { c.onError = handler }
}

// SlowStep turns on the stall watchdog: when one step of a task, or a
// callback, keeps the loop for d or longer, the exception handler gets the
// task's name and its stack while it is stuck. Zero is the default: 100 ms in
// debug mode, off otherwise. In Python: loop.slow_callback_duration.
func SlowStep(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("asyncio: SlowStep(%v): the threshold cannot be negative", d))
	}
	return func(c *config) { c.slowStep = d }
}

// Grace sets how long Run waits, at its end, for canceled tasks and for the
// functions of ToThread. The default is 30 s.
func Grace(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("asyncio: Grace(%v): the time must be positive", d))
	}
	return func(c *config) { c.grace = d }
}

// HandleInterrupt makes Ctrl-C cancel the main coroutine; Run then returns
// ErrInterrupted if that ends canceled. The second Ctrl-C ends the program.
// In Python: what asyncio.run does by itself.
func HandleInterrupt() Option { return func(c *config) { c.interrupt = true } }

const (
	defaultSlowStep = 100 * time.Millisecond
	defaultGrace    = 30 * time.Second
)

func init() {
	door.InWorld = func(newWorld func() door.World) any {
		return Option(func(c *config) { c.newWorld = newWorld })
	}
}
