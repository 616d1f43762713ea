package asynciohttp

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// An exchange is the body of a request and the answer to it, as a net.Conn whose methods
// block. A connection of package streams that is built on it lets tasks wait for these
// methods. Any goroutine may call them.
type exchange struct {
	w    http.ResponseWriter
	body io.Reader

	mu      sync.Mutex
	ended   bool // the handler has returned: the server does not allow anything any more
	cut     bool // a cancellation has ended the last wait for the body
	reading int
	writing int
	calls   sync.WaitGroup
}

// begin counts a call that is on its way.
func (x *exchange) begin(which *int) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return false
	}
	*which++
	x.calls.Add(1)
	return true
}

func (x *exchange) done(which *int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	*which--
	x.calls.Done()
}

// gaveUp notes whether the task has given up reading the body.
func (x *exchange) gaveUp(cut bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.cut = cut
}

// end prevents further calls, ends those that are running, and waits for them, because
// the server must not be used when the handler has returned. Calls still run then if a
// cancellation has ended the wait of their task; or the call for which it waited has not
// even begun, and then the server would wait for the rest of the body before it answers.
// After that the connection cannot be used, and the server closes it.
func (x *exchange) end() {
	x.mu.Lock()
	x.ended = true
	reading, writing := x.reading > 0 || x.cut, x.writing > 0
	x.mu.Unlock()
	control := http.NewResponseController(x.w)
	if reading {
		_ = control.SetReadDeadline(time.Unix(1, 0))
	}
	if writing {
		_ = control.SetWriteDeadline(time.Unix(1, 0))
	}
	x.calls.Wait()
}

func (x *exchange) Read(p []byte) (int, error) {
	if !x.begin(&x.reading) {
		return 0, http.ErrBodyReadAfterClose
	}
	defer x.done(&x.reading)
	return x.body.Read(p)
}

// Write sends all of p at once; it keeps nothing, because the response has done that.
func (x *exchange) Write(p []byte) (int, error) {
	if !x.begin(&x.writing) {
		return 0, net.ErrClosed
	}
	defer x.done(&x.writing)
	n, err := x.w.Write(p)
	if err == nil {
		err = x.flushNow()
	}
	return n, err
}

// flush is Write of nothing.
func (x *exchange) flush() error {
	if !x.begin(&x.writing) {
		return net.ErrClosed
	}
	defer x.done(&x.writing)
	return x.flushNow()
}

func (x *exchange) flushNow() error {
	err := http.NewResponseController(x.w).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// Close does nothing: end does, when the task has ended.
func (x *exchange) Close() error { return nil }

func (x *exchange) LocalAddr() net.Addr              { return addr{} }
func (x *exchange) RemoteAddr() net.Addr             { return addr{} }
func (x *exchange) SetDeadline(time.Time) error      { return http.ErrNotSupported }
func (x *exchange) SetReadDeadline(time.Time) error  { return http.ErrNotSupported }
func (x *exchange) SetWriteDeadline(time.Time) error { return http.ErrNotSupported }

type addr struct{}

func (addr) Network() string { return "http" }
func (addr) String() string  { return "request" }
