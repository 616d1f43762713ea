package asynciohttp

import (
	"context"
	"errors"
	"net/http"

	"github.com/asyncio-go/asyncio"
)

// A StatusError is an error of a [HandlerFunc] that says how to answer the request.
type StatusError struct {
	Status int    // of the answer: http.StatusNotFound, ...
	Text   string // its body; empty: the text of the status
	Err    error  // why; the client does not see it. It may be nil
}

func (e *StatusError) Error() string {
	text := e.Text
	if text == "" {
		text = http.StatusText(e.Status)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *StatusError) Unwrap() error { return e.Err }

// StatusOf returns the status of the answer for an error of a [HandlerFunc], unless
// [OnError] changes it. Any goroutine may call it.
//
//   - A *StatusError has its own.
//   - *http.MaxBytesError: 413, the body is too large.
//   - asyncio.ErrTimeout, or another context.DeadlineExceeded: 504, the handler has
//     waited too long for something.
//   - asyncio.ErrCanceled, ErrLoopClosed: 503, the program is ending.
//   - Any other error, and a panic: 500.
func StatusOf(err error) int {
	var status *StatusError
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &status):
		return status.Status
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled), errors.Is(err, asyncio.ErrLoopClosed):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// WriteError answers with the status of an error, and with the text of a [StatusError] or
// of the status, because other texts of errors are not for clients. The default of
// [OnError] calls it. The goroutine that uses the ResponseWriter may call it.
func WriteError(w http.ResponseWriter, err error) {
	code := StatusOf(err)
	text := http.StatusText(code)
	var status *StatusError
	if errors.As(err, &status) && status.Text != "" {
		text = status.Text
	}
	http.Error(w, text, code)
}

// OnError sets what answers a request whose [HandlerFunc] has returned an error or has
// panicked (then the error is a *asyncio.PanicError). It runs on the goroutine of the
// request, where it may block, and not on the loop. Before it is called, what the handler
// has written is dropped; the headers stay. It is not called if no answer can be sent:
// when the client has gone, when a part of the answer has been sent, or after
// http.ErrAbortHandler.
//
// The default calls [WriteError]. It also reports errors with status 500 to the exception
// handler of the loop, because no one else sees them.
func OnError(fn func(w http.ResponseWriter, r *http.Request, err error)) HandlerOption {
	if fn == nil {
		panic("asyncio: asynciohttp.OnError(nil): leave the option out for the default")
	}
	return func(h *handler) { h.onError = fn }
}

func (h *handler) writeAndReport(w http.ResponseWriter, r *http.Request, err error) {
	WriteError(w, err)
	var panicked *asyncio.PanicError // which the loop has reported
	if StatusOf(err) == http.StatusInternalServerError && !errors.As(err, &panicked) {
		h.report(r, err)
	}
}

// report tells the loop's exception handler.
func (h *handler) report(r *http.Request, err error) {
	what := asyncio.ExceptionContext{Message: "the handler of " + r.Method + " " + r.URL.Path + " failed", Err: err}
	_ = h.loop.CallSoonThreadsafe(func() { h.loop.CallExceptionHandler(what) })
}

// fail answers with an error, if there is someone to answer.
func (r *response) fail(err error, gone bool) {
	switch {
	case errors.Is(err, http.ErrAbortHandler), gone:
		panic(http.ErrAbortHandler) // which the server expects, and does not log
	case r.hijacked:
		r.handler.reportUnlessCanceled(r.request, err)
	case r.begun:
		r.handler.reportUnlessCanceled(r.request, err)
		panic(http.ErrAbortHandler)
	default:
		r.handler.onError(r.under, r.request, err)
	}
}

// reportUnlessCanceled reports an error that cannot be answered any more.
func (h *handler) reportUnlessCanceled(r *http.Request, err error) {
	var panicked *asyncio.PanicError
	if !errors.Is(err, context.Canceled) && !errors.As(err, &panicked) {
		h.report(r, err)
	}
}
