package conn

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An Endpoint is what a Handle gives access to. Loop only.
type Endpoint interface {
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	io.Closer
}

// A Handle lets any goroutine use an endpoint, which belongs to a loop. Connections,
// packet connections, listeners and pipes are built on it.
//
// Call runs operations that may wait on the loop. Setting a deadline and Close never
// wait, on any goroutine: the loop may be waiting for the goroutine that sets a deadline
// because a context is done, as with tls.Conn.HandshakeContext.
type Handle[E Endpoint] struct {
	Owner *Owner
	End   E // loop only

	// asked are the deadlines, for reading and for writing, that other goroutines
	// have asked for and that are not set yet; nil: there is none.
	asked [2]atomic.Pointer[deadlineEvent[E]]
}

// directions is reading, writing, or both.
type directions uint8

const (
	reading directions = 1 << iota
	writing
)

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (h *Handle[E]) SetReadDeadline(t time.Time) error { return h.setDeadline(reading, t) }

// SetWriteDeadline sets when writes do.
func (h *Handle[E]) SetWriteDeadline(t time.Time) error { return h.setDeadline(writing, t) }

// SetDeadline sets both.
func (h *Handle[E]) SetDeadline(t time.Time) error { return h.setDeadline(reading|writing, t) }

// setDeadline sets a deadline on the loop at once, and on another goroutine with
// an event. Of several calls the last one counts, wherever it was made. On the
// loop it allocates nothing: servers set deadlines with every request.
func (h *Handle[E]) setDeadline(of directions, t time.Time) error {
	if !h.Owner.core.OnLoop() {
		e := &deadlineEvent[E]{h, of, t}
		h.ask(of, e)
		return h.Owner.core.Post(e)
	}
	h.ask(of, nil)
	return h.apply(of, t)
}

// ask makes e the deadline that will be set; nil: none will be.
func (h *Handle[E]) ask(of directions, e *deadlineEvent[E]) {
	for i := range h.asked {
		if of&(1<<i) != 0 && h.asked[i].Load() != e {
			h.asked[i].Store(e)
		}
	}
}

func (h *Handle[E]) apply(of directions, t time.Time) error {
	if of&reading != 0 {
		if err := h.End.SetReadDeadline(t); err != nil {
			return err
		}
	}
	if of&writing != 0 {
		return h.End.SetWriteDeadline(t)
	}
	return nil
}

// A deadlineEvent sets a deadline for another goroutine.
type deadlineEvent[E Endpoint] struct {
	handle *Handle[E]
	of     directions
	t      time.Time
}

// Fire sets the deadlines that no later call has replaced.
func (e *deadlineEvent[E]) Fire() {
	var of directions
	for i := range e.handle.asked {
		if e.handle.asked[i].CompareAndSwap(e, nil) {
			of |= 1 << i
		}
	}
	_ = e.handle.apply(of, e.t)
}

// Origin tells observers what woke a task.
func (e *deadlineEvent[E]) Origin() engine.Ref { return engine.Ref{Label: originDeadline} }

// Close closes the endpoint. On a goroutine that is not the loop's it returns
// nil. After the loop's end it does nothing, for then everything is closed.
func (h *Handle[E]) Close() error {
	if h.Owner.core.OnLoop() {
		return h.End.Close()
	}
	_ = h.Owner.core.Post((*closeEvent[E])(h))
	return nil
}

// A closeEvent closes an endpoint for another goroutine.
type closeEvent[E Endpoint] Handle[E]

func (e *closeEvent[E]) Fire() { _ = e.End.Close() }

// Origin tells observers what woke a task.
func (e *closeEvent[E]) Origin() engine.Ref { return engine.Ref{Label: originClose} }

var originClose = engine.NewLabel("close")
