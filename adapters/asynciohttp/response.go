package asynciohttp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A response is the http.ResponseWriter of one request. It belongs to the loop until the
// task has ended, and then to the goroutine of the request.
type response struct {
	handler  *handler
	under    http.ResponseWriter
	request  *http.Request
	exchange exchange

	ctx    context.Context // of the task
	stream *streams.Conn   // the exchange, on the loop; made when it is needed

	status   int  // 0: not set yet
	begun    bool // the status and the headers are those of the server below
	hijacked bool
	ended    bool    // the task has
	kept     []byte  // what was written and not sent
	buffer   *[]byte // that kept was taken from
	sent     bool    // something was, through the stream
	senders  int     // how many calls send, or wait until others have
	broken   error   // why a part of the answer is missing, after which nothing can be sent
}

// run is the task.
func (r *response) run(ctx context.Context) (none struct{}, err error) {
	r.ctx = ctx
	own := r.request.WithContext(ctx)
	if own.Body != nil && own.Body != http.NoBody {
		own.Body = &body{response: r}
	}
	defer func() {
		r.ended = true
		r.request.MultipartForm = own.MultipartForm // whose files the server removes
		if r.stream != nil {
			_ = r.stream.Close()
		}
		if v := recover(); v == http.ErrAbortHandler { // it is no fault, and not to be reported
			err = http.ErrAbortHandler
		} else if v != nil {
			panic(v)
		}
	}()
	return none, r.handler.fn(ctx, r, own)
}

func (r *response) Header() http.Header { return r.under.Header() }

func (r *response) WriteHeader(status int) {
	switch {
	case status < 100 || status > 999:
		panic(fmt.Sprintf("asyncio: the status %d of an answer is none: it has three digits", status))
	case r.hijacked || r.ended || r.status != 0:
	case status < 200 && status != http.StatusSwitchingProtocols:
		r.inform(status)
	default:
		r.setStatus(status)
	}
}

// setStatus sets the status of the answer. Headers can be set until the answer is sent,
// but not if trailers are declared: then headers that are set from now on are trailers.
func (r *response) setStatus(status int) {
	r.status = status
	if len(r.Header()["Trailer"]) > 0 {
		r.begin()
	}
}

// inform sends an informational answer before the real one, such as 103 Early Hints, and
// waits until it is sent.
func (r *response) inform(status int) {
	_ = asyncio.ToThreadFunc(context.WithoutCancel(r.ctx), func(context.Context) error {
		r.under.WriteHeader(status)
		return nil
	})
}

func (r *response) Write(p []byte) (int, error) { return write(r, p) }

func (r *response) WriteString(s string) (int, error) { return write(r, s) }

// write keeps what is written, or sends it after what is kept.
func write[P []byte | string](r *response, p P) (int, error) {
	if err := r.mayWrite(); err != nil {
		return 0, err
	}
	if len(r.kept)+len(p) <= r.handler.bufferSize {
		r.keep(len(p))
		r.kept = append(r.kept, p...)
		return len(p), nil
	}
	if err := r.push(); err != nil {
		return 0, err
	}
	if len(p) < r.handler.bufferSize {
		r.kept = append(r.kept, p...)
		return len(p), nil
	}
	return r.sendNow([]byte(p))
}

// buffers are used again, because buffers of large answers are most of what requests
// allocate.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// keep takes a buffer, if there is none yet.
func (r *response) keep(n int) {
	if r.kept == nil {
		r.buffer = buffers.Get().(*[]byte)
		r.kept = slices.Grow((*r.buffer)[:0], n)
	}
}

// release gives the buffer back.
func (r *response) release() {
	if r.buffer != nil && cap(r.kept) <= mostKept {
		*r.buffer = r.kept[:0]
		buffers.Put(r.buffer)
	}
	r.buffer, r.kept = nil, nil
}

// mostKept is how large a buffer may be that is used again.
const mostKept = 4 * defaultBufferSize

func (r *response) mayWrite() error {
	if err := r.isOver(); err != nil {
		return err
	}
	if r.status == 0 {
		r.setStatus(http.StatusOK)
	}
	if r.status < 200 || r.status == http.StatusNoContent || r.status == http.StatusNotModified {
		return http.ErrBodyNotAllowed
	}
	return nil
}

func (r *response) isOver() error {
	switch {
	case r.hijacked:
		return http.ErrHijacked
	case r.ended:
		return errEnded
	}
	return r.broken
}

var errEnded = errors.New("asynciohttp: the handler has returned: let it wait for the tasks that use its ResponseWriter")

// push sends what is kept, and suspends the task until the client has taken it. Other
// tasks may write meanwhile. If a cancellation ends it, what was not sent is kept.
func (r *response) push() error {
	if len(r.kept) == 0 {
		return nil
	}
	kept := r.kept
	r.kept = nil
	n, err := r.sendNow(kept)
	switch rest := kept[n:]; {
	case len(rest) == 0:
		if r.kept == nil {
			r.kept = kept[:0]
		}
	case r.senders == 0:
		r.kept = append(rest, r.kept...)
	default: // others have sent what comes after it, or are about to
		r.broken = err
	}
	return err
}

// sendNow sends p after what others send, and suspends the task until the client has taken it.
func (r *response) sendNow(p []byte) (int, error) {
	stream, err := r.open()
	if err != nil {
		return 0, err
	}
	r.senders++
	defer func() { r.senders-- }()
	r.sent = true
	return stream.Write(p)
}

// open begins the answer, and returns the exchange as a connection of the loop.
func (r *response) open() (*streams.Conn, error) {
	r.begin()
	return r.connect()
}

func (r *response) connect() (_ *streams.Conn, err error) {
	if r.stream == nil {
		r.stream, err = streams.Adopt(r.ctx, &r.exchange)
	}
	return r.stream, err
}

// begin fixes the status and the headers. The server below does not send them yet.
func (r *response) begin() {
	if r.begun {
		return
	}
	r.begun = true
	if r.status != 0 {
		r.under.WriteHeader(r.status)
	}
}

// FlushError is what http.ResponseController looks for.
func (r *response) FlushError() error {
	if err := r.isOver(); err != nil {
		return err
	}
	if r.status == 0 {
		r.setStatus(http.StatusOK)
	}
	if len(r.kept) > 0 {
		return r.push() // the exchange flushes what it writes
	}
	if r.sent { // it may still be on its way
		_, err := r.sendNow(nil)
		return err
	}
	r.begin()
	return asyncio.ToThreadFunc(context.WithoutCancel(r.ctx), func(context.Context) error {
		return r.exchange.flush()
	})
}

// Flush makes a response an http.Flusher.
func (r *response) Flush() { _ = r.FlushError() }

// Unwrap lets http.ResponseController find the methods that need not wait.
func (r *response) Unwrap() http.ResponseWriter { return r.under }

// send sends what is kept, when the task has ended.
func (r *response) send() error {
	if r.hijacked {
		return nil
	}
	if r.broken != nil {
		return r.broken
	}
	r.begin()
	if len(r.kept) == 0 {
		return nil
	}
	_, err := r.under.Write(r.kept)
	if errors.Is(err, http.ErrBodyNotAllowed) {
		return nil
	}
	return err
}
