package asyncio

import "github.com/asyncio-go/asyncio/internal/engine"

// A home is the loop that a lock, an event or a queue has met last, when a
// task waited for it or could have. Methods without a context know from it
// which goroutine may call them; before there is one, and when that loop has
// ended, any may.
type home struct{ loop *engine.Loop }

// meet notes the loop of the task that calls. It panics if another loop that
// runs has the thing in use.
func (h *home) meet(w *engine.Wait, op string) {
	if h.loop != w.Loop() {
		h.move(w, op)
	}
}

// move is not inlined, so that meet is.
//
//go:noinline
func (h *home) move(w *engine.Wait, op string) {
	h.check(op)
	h.loop = w.Loop()
}

func (h *home) check(op string) {
	if h.loop != nil {
		h.loop.Check(op)
	}
}
