package engine

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

// The errors of the engine; the package on top of it exports them with their
// documentation.
var (
	ErrCanceled      error = canceledError{}
	ErrTimeout       error = timeoutError{}
	ErrNoRunningLoop       = errors.New("asyncio: no running event loop: call this in a coroutine, and pass the context that it was given")
	ErrLoopClosed          = errors.New("asyncio: the event loop is closed")
	ErrGoexit              = errors.New("asyncio: task ended by runtime.Goexit")
	ErrKilled              = errors.New("asyncio: task ended by force because it refused to end")
)

type canceledError struct{}

func (canceledError) Error() string        { return "asyncio: canceled" }
func (canceledError) Is(target error) bool { return target == context.Canceled }

// An endedCanceledError is the error of a coroutine or body that ended canceled and
// returned Err or the cause of its context. Outside that context, such an error does not
// say that it was a cancellation, so this type adds that.
type endedCanceledError struct{ err error }

func (e *endedCanceledError) Error() string { return e.err.Error() }
func (e *endedCanceledError) Unwrap() error { return e.err }

func (e *endedCanceledError) Is(target error) bool {
	return target == ErrCanceled || target == context.Canceled
}

// saysCanceled reports whether err says by itself, wherever it is read, that
// something was canceled.
func saysCanceled(err error) bool {
	_, ended := err.(*endedCanceledError)
	return ended || err == ErrCanceled
}

// AsCanceled returns an error that is err and ErrCanceled as well, for an err that
// MeansCanceled in the scope that ends with it.
func AsCanceled(err error) error {
	if consistsOf(err, saysCanceled) {
		return err
	}
	return &endedCanceledError{err}
}

type timeoutError struct{}

func (timeoutError) Error() string        { return "asyncio: timed out" }
func (timeoutError) Timeout() bool        { return true }
func (timeoutError) Temporary() bool      { return true }
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// ErrExpired is the cause of a timeout's scope. It is not ErrTimeout itself: a timeout
// inside the clean-up may return that, and it must be told apart, because it is a
// failure.
var ErrExpired error = expiredError{}

type expiredError struct{ timeoutError }

func (e expiredError) Is(target error) bool { return target == ErrTimeout || e.timeoutError.Is(target) }

// foreignError returns the error of a wait that was cut by a context of the standard
// library. The scope that this context was derived from goes on.
func (l *Loop) foreignError(ctx context.Context) error {
	err, cause := l.errOf(ctx), l.causeOf(ctx)
	if same(cause, err) {
		return fmt.Errorf("asyncio: wait cut short: %w", err)
	}
	return fmt.Errorf("asyncio: wait cut short: %w: %w", err, cause)
}

// MeansCanceled reports whether a coroutine that returned err under the scope
// ended canceled: every leaf of err is ErrCanceled, the error of something that ended
// canceled, or, once the scope is canceled, an error of the scope itself. A single other
// error among them makes it a failure.
func (s *Scope) MeansCanceled(err error) bool {
	return err == ErrCanceled || consistsOf(err, s.hasCanceled)
}

func (s *Scope) hasCanceled(err error) bool {
	return saysCanceled(err) || s.Canceled() && (same(err, context.Canceled) || same(err, s.cause()))
}

// MeansCanceled is Scope.MeansCanceled for the context of a coroutine.
func MeansCanceled(ctx context.Context, err error) bool { return inspect(ctx).scope.MeansCanceled(err) }

// MeansKilled reports whether err says no more than that tasks were ended by force. Each
// of these was reported at that time, so what awaited them need not be reported as well.
func MeansKilled(err error) bool {
	return consistsOf(err, func(e error) bool { return e == ErrKilled })
}

// consistsOf reports whether those returns true for err itself, or for all errors that
// err holds.
func consistsOf(err error, those func(error) bool) bool {
	if those(err) {
		return true
	}
	switch x := err.(type) {
	case interface{ Unwrap() error }:
		inner := x.Unwrap()
		return inner != nil && consistsOf(inner, those)
	case interface{ Unwrap() []error }:
		inner := x.Unwrap()
		for _, e := range inner {
			if e == nil || !consistsOf(e, those) {
				return false
			}
		}
		return len(inner) > 0
	default:
		return false
	}
}

// same compares errors, which may hold what cannot be compared.
func same(a, b error) bool {
	return reflect.ValueOf(a).Comparable() && a == b
}
