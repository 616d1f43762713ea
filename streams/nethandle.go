package streams

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A netHandle is what Conn, PacketConn and Listener have in common: a Handle
// whose errors are like those of package net.
type netHandle[E conn.Endpoint] struct {
	conn.Handle[E]
	network string
	local   net.Addr
	remote  net.Addr // nil: there is none
}

func newNetHandle[E conn.Endpoint](owner *conn.Owner, end E, network string, local, remote net.Addr) netHandle[E] {
	return netHandle[E]{conn.Handle[E]{Owner: owner, End: end}, network, local, remote}
}

// do makes a call that does not suspend on the loop, from any goroutine or
// callback.
func (h *netHandle[E]) do(op string, call func() error) error {
	return h.opError(op, h.Owner.Do(call))
}

// set sets an option. On a goroutine that is not the loop's it does not wait for
// the loop, which may be waiting for that goroutine; an error is then reported to
// the exception handler.
func (h *netHandle[E]) set(option func() error) error {
	if h.Owner.Core().OnLoop() {
		return h.opError("set", option())
	}
	return h.opError("set", h.Owner.Core().Post(&optionEvent{h.Owner.Loop(), option}))
}

// An optionEvent sets an option for another goroutine.
type optionEvent struct {
	loop *asyncio.Loop
	set  func() error
}

// Fire sets it.
func (e *optionEvent) Fire() {
	if err := e.set(); err != nil && !errors.Is(err, net.ErrClosed) {
		e.loop.CallExceptionHandler(asyncio.ExceptionContext{
			Message: "an option of a connection, which another goroutine has set, was refused", Err: err,
		})
	}
}

// Origin tells observers what woke a task.
func (e *optionEvent) Origin() engine.Ref { return engine.Ref{Label: originOption} }

var originOption = engine.NewLabel("option")

// opError turns an error of an endpoint into one like those of package net.
func (h *netHandle[E]) opError(op string, err error) error {
	return h.wrap(op, err, cutShort{})
}

// wrap is opError; cut says what an error is after a cancellation.
func (h *netHandle[E]) wrap(op string, err error, cut cutShort) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: h.network, Source: h.local, Addr: h.remote, Err: reason(err, cut)}
}

// reason returns the error for an OpError to wrap.
func reason(err error, cut cutShort) error {
	switch {
	case errors.Is(err, asyncio.ErrLoopClosed):
		return net.ErrClosed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		cut.error = err
		return cut
	default:
		return err
	}
}

// A cutShort says what the error of a call is like whose context was canceled.
//
// After a temporary error of Accept or ReadFrom, servers such as those of
// net/http and grpc try again: in a canceled task they would do so for ever.
// crypto/tls, on the other hand, gives up a connection after an error of Read
// that is not temporary, while after a cancellation the connection is as good as
// before. So only the errors of a Conn are temporary.
//
// The errors of a shared connection (see DialShared) are timeouts as well. Libraries for
// databases cancel a Read with a deadline in the past, and expect a timeout then: without
// one, pgx reads from the connection that it has closed, and returns "conn closed".
type cutShort struct {
	error
	temporary bool
	timeout   bool // also where no deadline has passed
}

func (e cutShort) Unwrap() error   { return e.error }
func (e cutShort) Temporary() bool { return e.temporary }
func (e cutShort) Timeout() bool {
	return e.timeout || errors.Is(e.error, context.DeadlineExceeded)
}
