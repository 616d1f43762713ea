package conn

import (
	"context"
	"net"
	"os"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Helper makes blocking calls on goroutines, one at a time, while the task that
// asks for one is suspended. The result is kept until a task takes it, so that
// nothing is lost when a wait is cut. Loop only.
type Helper[T any] struct {
	loop    *engine.Loop
	line    Line
	running bool // a call is on its way
	kept    bool // value and err are for who comes next
	closed  bool
	value   T
	err     error

	// Discard is called, on any goroutine, with a result that no task will take;
	// nil: results need no clean-up.
	Discard func(T)
}

// Init binds the Helper to a loop.
func (h *Helper[T]) Init(l *engine.Loop) { h.loop = l }

// SetDeadline sets when waiting for it returns os.ErrDeadlineExceeded.
func (h *Helper[T]) SetDeadline(t time.Time) error {
	if h.closed {
		return net.ErrClosed
	}
	h.line.SetDeadline(h.loop, t)
	return nil
}

func (h *Helper[T]) begin(ctx context.Context, op string) (*engine.Wait, error) {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return nil, err
	}
	w.Loop().MustMaySuspend(op)
	if err := w.Spend(); err != nil { // what is kept is there without waiting
		return nil, err
	}
	return w, h.check()
}

func (h *Helper[T]) check() error {
	switch {
	case h.closed:
		return net.ErrClosed
	case h.line.passed:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

// Call makes a call and returns its result, or that of an earlier call which no
// task has taken.
func (h *Helper[T]) Call(ctx context.Context, op string, why engine.Label, call func() (T, error)) (zero T, err error) {
	w, err := h.begin(ctx, op)
	if err != nil {
		return zero, err
	}
	return h.call(w, why, call)
}

// call is Call for an operation that has begun.
func (h *Helper[T]) call(w *engine.Wait, why engine.Label, call func() (T, error)) (zero T, err error) {
	for !h.kept {
		if !h.running {
			h.start(call)
		}
		if err := h.park(w, why); err != nil {
			return zero, err
		}
	}
	return h.take()
}

func (h *Helper[T]) park(w *engine.Wait, why engine.Label) error {
	if err := w.Park(&h.line.Waiters, why); err != nil {
		return err
	}
	return h.check()
}

func (h *Helper[T]) take() (value T, err error) {
	value, err = h.value, h.err
	h.forget()
	return value, err
}

// keep keeps a result for the task that waits, or for the next one.
func (h *Helper[T]) keep(value T, err error) {
	h.value, h.err, h.kept = value, err, true
	h.line.WakeAll()
}

func (h *Helper[T]) forget() {
	var zero T
	h.value, h.err, h.kept = zero, nil, false
}

func (h *Helper[T]) start(call func() (T, error)) {
	h.running = true
	c := &helperCall[T]{helper: h}
	c.Start(h.loop, c, call)
}

// Close wakes those who wait. It does not end a call that is running; closing
// what the call reads from does.
func (h *Helper[T]) Close() {
	h.closed = true
	h.line.Stop(h.loop)
	if h.kept {
		h.discard(h.value, h.err)
		h.forget()
	}
	h.line.WakeAll()
}

// discard cleans up the result of a call.
func (h *Helper[T]) discard(value T, err error) {
	if err == nil && h.Discard != nil {
		h.Discard(value)
	}
}

// A helperCall is one call of a Helper. Only Fire touches what belongs to the
// loop.
type helperCall[T any] struct {
	engine.Call[T]
	helper *Helper[T]
}

// Fire is the event that the call has ended.
func (c *helperCall[T]) Fire() {
	h := c.helper
	h.running = false
	if h.closed {
		c.Drop()
		return
	}
	h.keep(c.Value, c.Err)
}

func (c *helperCall[T]) Origin() engine.Ref { return engine.Ref{Label: originHelper} }

var originHelper = engine.NewLabel("helper")

// Drop is called in place of Fire when the loop has ended before.
func (c *helperCall[T]) Drop() { c.helper.discard(c.Value, c.Err) }
