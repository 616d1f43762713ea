package asyncio

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Timeout is the deadline of a WithTimeout or WithTimeoutAt. The body gets it from
// TimeoutOf, to look at the deadline and to move it. In Python: asyncio.Timeout. For the
// loop only.
type Timeout struct{ core engine.Timeout }

// TimeoutOf returns the timeout of the innermost WithTimeout or WithTimeoutAt that ctx is
// in, and nil if there is none. A task of a group that was made inside the timeout is in
// it, and so is a function that ToThread runs; a task of CreateTask is not. Any goroutine
// may call it, and it does not suspend; the methods of what it returns are for the loop
// only. In Python: the value of async with asyncio.timeout(d) as t.
func TimeoutOf(ctx context.Context) *Timeout {
	t, _ := engine.TimeoutOf(ctx).(*Timeout)
	return t
}

// WithTimeout runs body in the calling task, with a context that is canceled
// after d. When the body then returns because of it, with an error all of
// whose leaves are ErrCanceled, WithTimeout returns ErrTimeout instead. If the body
// returns nil or another error, WithTimeout returns that. If ctx is canceled as well, it
// returns the error of that cancellation. When the time is over, context.Cause returns in
// the body an error that is ErrTimeout, in the sense of errors.Is.
//
// If d is not positive, the body runs up to its first suspension that has to
// wait. Entering and leaving do not suspend. In the body, TimeoutOf returns the timeout:
// its Reschedule moves the deadline, and after a call into a library that hides the error
// of its context, its Expired reports whether the time is over. In Python: async with
// asyncio.timeout(d).
func WithTimeout(ctx context.Context, d time.Duration, body func(ctx context.Context) error) error {
	t := new(Timeout)
	if err := t.enter(ctx, "WithTimeout", body); err != nil {
		return err
	}
	t.core.SetAfter(d)
	return t.run(body)
}

// WithTimeoutAt is WithTimeout with a point of time, by the loop's clock; a time that has
// passed expires at once. The zero time means no deadline until Reschedule sets one. For
// a time without a monotonic reading, such as one of time.Date, the wall clock at this
// moment says how far from now it is, as with package net. In a test on virtual time,
// such a time is one of the virtual clock; a time from time.Now is as far ahead there as
// it is by the real clock. In Python: async with asyncio.timeout_at(when).
func WithTimeoutAt(ctx context.Context, when time.Time, body func(ctx context.Context) error) error {
	t := new(Timeout)
	if err := t.enter(ctx, "WithTimeoutAt", body); err != nil {
		return err
	}
	t.core.Set(when)
	return t.run(body)
}

func (t *Timeout) enter(ctx context.Context, op string, body func(context.Context) error) error {
	if body == nil {
		panic(nilFunction)
	}
	t.core.Owner = t
	return t.core.Open(ctx, op)
}

func (t *Timeout) run(body func(context.Context) error) (err error) {
	// Deferred, so that a panic leaves the scope as well.
	defer func() { err = t.core.Leave(err) }()
	return body(t.core.Context())
}

// When returns the deadline, and false if there is none.
func (t *Timeout) When() (time.Time, bool) {
	if t == nil {
		panic("asyncio: Timeout.When of nil: TimeoutOf returns nil where there is no WithTimeout")
	}
	return t.core.When()
}

// Reschedule moves the deadline; the zero time removes it. A deadline that has passed
// expires in the next pass. Once the timeout has expired, Reschedule does nothing; after
// the body has returned, it panics. A context with a timeout of the standard library that
// was derived from the body's context before keeps the deadline that it saw then.
func (t *Timeout) Reschedule(when time.Time) {
	t.check("Timeout.Reschedule")
	switch {
	case t.core.Over:
		panic("asyncio: Reschedule of a timeout whose body has returned: call it in the body")
	case t.core.Expired:
	default:
		t.core.Set(when)
	}
}

// Expired reports whether the time was over before the body returned.
func (t *Timeout) Expired() bool {
	t.check("Timeout.Expired")
	return t.core.Expired
}

func (t *Timeout) check(op string) {
	if t == nil || !t.core.Opened() {
		panic("asyncio: " + op + " of a Timeout that is not open: use what TimeoutOf returns in the body of WithTimeout")
	}
	t.core.Loop().Check(op)
}
