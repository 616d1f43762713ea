package asyncio

import (
	"strconv"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A binding is the loop that a lock, an event or a queue is bound to: the last loop on
// whose goroutine it was used. It tells methods without a context which goroutine may
// call them. Any may while there is no loop, and when the loop has ended.
type binding struct {
	_      noCopy
	loop   *engine.Loop
	object *engine.Object // nil: it has no name, and no one who watches has met it
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
	if b.object != nil {
		b.loop.Number(b.object)
	}
}

// check binds to the loop that the calling goroutine runs. It panics if another loop
// that runs has the thing in use.
func (b *binding) check(op string) {
	if l := b.loop.UsedHere(op); l != b.loop {
		b.loop = l
	}
}

// A holding is the binding of a thing that tasks hold, such as a lock, and notes who has
// taken it.
type holding struct {
	binding
	holder uint64 // the task that has taken it last; 0: a callback, no one, or who is not known
	since  int64  // when, for those who watch; 0: that is not known
}

// bind is binding.bind. Tasks of another loop have numbers of their own.
func (h *holding) bind(w *engine.Wait, op string) {
	if h.loop != w.Loop() {
		h.rebind(w, op)
		h.holder, h.since = 0, 0
	}
}

// check is binding.check.
func (h *holding) check(op string) {
	if l := h.loop.UsedHere(op); l != h.loop {
		h.move(l)
	}
}

//go:noinline
func (h *holding) move(to *engine.Loop) { h.loop, h.holder, h.since = to, 0, 0 }

// take notes that the running task takes it.
func (h *holding) take() { h.holder, h.since = h.loop.Taker() }

// giveBack notes that the running task gives it back. If another task was the last to
// take it, that task is still noted as the holder.
func (h *holding) giveBack() {
	if task, _ := h.loop.Taker(); task == h.holder {
		h.holder, h.since = 0, 0
	}
}

// A noCopy makes go vet find copies of what holds it.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// setName gives p, which has the object, a name. l is the loop that it is used on, or
// nil.
func setName[T any, P sharedPointer[T]](object **engine.Object, p P, l *engine.Loop, name string) {
	if *object == nil {
		*object = engine.NewObject[T](p)
	}
	(*object).Rename(l, name)
}

// refTo says which object a task waits for that waits for p.
func refTo[T any, P sharedPointer[T]](object **engine.Object, p P, l *engine.Loop, label engine.Label) engine.Ref {
	if *object == nil {
		*object = engine.NewObject[T](p)
	}
	return engine.Ref{Label: label, Number: l.Number(*object)}
}

type sharedPointer[T any] interface {
	*T
	engine.Shared
}

// described is a label with the name of an object, if that has one.
func described(l engine.Label, o *engine.Object) string {
	if o == nil || o.Name == "" {
		return l.Describe()
	}
	return l.Describe() + " " + strconv.Quote(o.Name)
}
