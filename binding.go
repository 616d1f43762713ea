package asyncio

import "github.com/asyncio-go/asyncio/internal/engine"

// A binding is the loop that a lock, an event or a queue is bound to: the last loop on
// whose goroutine it was used. It tells methods without a context which goroutine may
// call them. Any may while there is no loop, and when the loop has ended.
type binding struct {
	_    noCopy
	loop *engine.Loop
}

// bind binds to the loop of the task that calls. It panics if another loop that
// runs has the thing in use.
func (b *binding) bind(w *engine.Wait, op string) {
	if b.loop != w.Loop() {
		b.rebind(w, op)
	}
}

// rebind binds to another loop. It is not inlined, so that bind is.
//
//go:noinline
func (b *binding) rebind(w *engine.Wait, op string) {
	if b.loop != nil {
		b.loop.Check(op)
	}
	b.loop = w.Loop()
}

// check binds to the loop that the calling goroutine runs. It panics if another loop
// that runs has the thing in use.
func (b *binding) check(op string) {
	if l := b.loop.UsedHere(op); l != b.loop {
		b.loop = l
	}
}

// A noCopy makes go vet find copies of what holds it.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
