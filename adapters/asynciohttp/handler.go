package asynciohttp

import (
	"context"
	"errors"
	"net/http"

	"github.com/asyncio-go/asyncio"
)

// A HandlerFunc answers a request in a task of the loop. Its context is that of the task,
// and r.Context() is the same: it has the values of the request's context, and is canceled
// when the client goes away, when the grace period of [Serve] is over, or when the loop
// ends. [StatusOf] says which answer an error of a HandlerFunc becomes.
type HandlerFunc func(ctx context.Context, w http.ResponseWriter, r *http.Request) error

// Handler returns an http.Handler that runs fn on the loop of ctx, each request in a task
// of its own. It is for servers of package net/http, whose goroutines call it; [Serve]
// runs such a server. Handler uses ctx only to find the loop: requests are canceled one
// by one, and not with ctx. It panics outside a loop, or if fn is nil. Any goroutine may
// call Handler; it does not suspend.
//
// If the client goes away, the task is canceled, and ServeHTTP waits until it has ended.
// A panic in fn is reported, as in any task, and answered with status 500. A panic or an
// error that is http.ErrAbortHandler breaks the connection, and is not reported. After
// the loop's end the answer is status 503.
//
// An error after a part of the answer has been sent breaks the connection, so that the
// client notices: the status cannot be changed any more.
//
// A whole mux runs on the loop with
//
//	func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
//		mux.ServeHTTP(w, r)
//		return nil
//	}
//
// In Python: a handler of aiohttp.web.
func Handler(ctx context.Context, fn HandlerFunc, opts ...HandlerOption) http.Handler {
	h := &handler{loop: asyncio.RunningLoop(ctx), fn: fn, bufferSize: defaultBufferSize}
	switch {
	case h.loop == nil:
		panic("asyncio: asynciohttp.Handler without a running event loop: pass a context derived from the one that Run hands out")
	case fn == nil:
		panic("asyncio: asynciohttp.Handler with a nil function: pass the function that answers requests")
	}
	h.onError = h.writeAndReport
	for _, o := range opts {
		if o == nil {
			panic("asyncio: nil option: leave it out, or pass one that the documentation of HandlerOption lists")
		}
		o(h)
	}
	return h
}

// A HandlerOption is an option of [Handler]: [OnError], [BufferSize].
type HandlerOption func(*handler)

const defaultBufferSize = 64 << 10

// BufferSize sets how many bytes of an answer are kept until the handler returns; see the
// package's documentation. 0 is the default, 64 KiB; a negative number means no limit.
func BufferSize(n int) HandlerOption {
	return func(h *handler) {
		switch {
		case n == 0:
			h.bufferSize = defaultBufferSize
		case n < 0:
			h.bufferSize = int(^uint(0) >> 1)
		default:
			h.bufferSize = n
		}
	}
}

type handler struct {
	loop       *asyncio.Loop
	fn         HandlerFunc
	onError    func(w http.ResponseWriter, r *http.Request, err error)
	bufferSize int
}

// ServeHTTP is called on a goroutine of the server.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	res := &response{handler: h, under: w, request: r, exchange: exchange{w: w, body: r.Body}}
	defer res.release()
	_, err := asyncio.RunOn(r.Context(), h.loop, res.run)
	gone := errors.Is(r.Context().Err(), context.Canceled) // end may cancel it as well
	res.exchange.end()
	if err != nil {
		res.fail(err, gone)
	} else if err := res.send(); err != nil {
		if errors.Is(err, http.ErrContentLength) { // the handler's fault, of which it was not told
			h.report(r, err)
		}
		panic(http.ErrAbortHandler) // the client does not take it
	}
}
