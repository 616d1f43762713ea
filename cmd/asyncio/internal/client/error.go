package client

import "fmt"

// A Reason is why a console cannot be looked at. Its number is the exit status of the
// command.
type Reason int

// The reasons.
const (
	Failed    Reason = 1 // anything else
	NoProcess Reason = 3 // there is no such process, or nobody listens at the address
	NoConsole Reason = 4 // it runs no console
	Foreign   Reason = 5 // it is someone else's
)

// An Error says in a sentence why a console cannot be looked at, and what to do.
type Error struct {
	Reason Reason
	text   string
	cause  error
}

func (e *Error) Error() string { return e.text }

// Unwrap returns the error of the system, if it was one.
func (e *Error) Unwrap() error { return e.cause }

func fail(reason Reason, cause error, format string, args ...any) error {
	return &Error{reason, fmt.Sprintf(format, args...), cause}
}

// HowToSwitchOn says how a program gets a console.
const HowToSwitchOn = `a program has a console if it imports it,
    import _ "github.com/asyncio-go/asyncio/console"
and is started with ASYNCIO_CONSOLE=1 (or calls console.Start)`

func noConsole(a Address) error {
	return fail(NoConsole, nil, "%s runs no console: %s.\nIf its console is at another place, give that: unix:PATH or tcp:HOST:PORT.", a.describe(), HowToSwitchOn)
}
