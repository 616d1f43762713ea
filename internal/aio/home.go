// Package aio is what connections of all kinds are built on: descriptors whose
// reads and writes suspend the running task, deadlines, and calls that come
// from a goroutine which is not the loop's.
package aio

import (
	"cmp"
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// ErrBusy is returned by a read while another task reads.
var ErrBusy = errors.New("streams: another task is reading here: let one task read, or hold a Lock meanwhile")

const (
	labelRead  = engine.Label("read")
	labelWrite = engine.Label("write")
)

// ErrNotNow is returned by a call that never waits where it would have to.
var ErrNotNow = errors.New("streams: not now")

// A Home is the loop that something belongs to whose methods have no context,
// as those of net.Conn. Any goroutine may use it.
type Home struct {
	core *engine.Loop
	ctx  context.Context // with which it was found
}

// HomeOf returns the home of what is made with ctx. It panics with advice
// outside a loop.
func HomeOf(ctx context.Context, op string) Home {
	core := engine.LoopOf(ctx)
	if core == nil {
		panic("asyncio: " + op + " without a running event loop: pass a context derived from the one that Run hands out")
	}
	return Home{core, ctx}
}

// Loop returns the loop.
func (h *Home) Loop() *asyncio.Loop { return asyncio.RunningLoop(h.ctx) }

// Core returns the engine of the loop.
func (h *Home) Core() *engine.Loop { return h.core }

// Here returns the context on which a call waits that has none, if the calling
// goroutine is the loop's: that of the scope which the running task has opened
// last. In a callback, it is one with which a wait panics and says why. For any
// other goroutine it is nil: see Elsewhere.
func (h *Home) Here() context.Context {
	if !h.core.OnLoop() {
		return nil
	}
	if ctx := h.core.InnermostScope(); ctx != nil {
		return ctx
	}
	return h.ctx
}

// Elsewhere makes a call on the loop, in a task of its own, for a goroutine
// that is not the loop's, which waits for it. A task of another loop suspends.
func (h *Home) Elsewhere(fn func(ctx context.Context) (int, error)) (int, error) {
	ctx := context.Background()
	if other := engine.RunningHere(); other != nil {
		ctx = cmp.Or(other.InnermostScope(), ctx)
	}
	return asyncio.RunOn(ctx, h.Loop(), fn)
}

// Do makes a call wherever the calling goroutine is.
func (h *Home) Do(fn func(ctx context.Context) (int, error)) (int, error) {
	if ctx := h.Here(); ctx != nil {
		return fn(ctx)
	}
	return h.Elsewhere(fn)
}

// Run is Do for what does not suspend, and so may be called in callbacks.
func (h *Home) Run(fn func()) error {
	_, err := h.Do(func(context.Context) (int, error) {
		fn()
		return 0, nil
	})
	return err
}

// Close closes something of the loop's, wherever the calling goroutine is. On
// one that is not the loop's it does not wait, and returns nil: a goroutine
// that closes because a context is done, as tls.Conn.HandshakeContext has it,
// may be what the loop waits for. After the loop's end it does nothing, for
// then all is closed.
func (h *Home) Close(c io.Closer) error {
	if h.core.OnLoop() {
		return c.Close()
	}
	_ = h.core.Post(closing{c})
	return nil
}

// closing is the event that another goroutine closes something.
type closing struct{ io.Closer }

func (e closing) Fire()          { _ = e.Close() }
func (e closing) Origin() string { return "close" }
