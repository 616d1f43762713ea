package asyncio

import (
	"context"
	"reflect"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Receive receives a value from a Go channel, as v, ok := <-ch does, and
// suspends the calling task meanwhile, not the loop. It is how a task hears of
// goroutines that know nothing of loops. It has no name in Python.
//
// If ctx is canceled, Receive returns an error that is ErrCanceled. A value is
// never lost to that: if it was received before, Receive returns it, with a nil
// error. Outside a loop it returns ErrNoRunningLoop. A nil channel waits for ctx.
//
// Between tasks of one loop, use a Queue: a task that finds nothing in ch has a
// goroutine wait in its place, which costs some microseconds, and which of
// several tasks receives a value is not determined. Package asynciotest says
// what a virtual clock knows of channels.
func Receive[T any](ctx context.Context, ch <-chan T) (v T, ok bool, err error) {
	w, err := beginOnChannel(ctx, "Receive")
	if err != nil {
		return v, false, err
	}
	if l := w.Loop(); l.Channels != nil {
		if x := (&exchange[T]{loop: l, in: ch}); l.Channels.Meet(x) {
			return x.value, x.ok, nil
		}
	}
	select {
	case v, ok = <-ch:
		return v, ok, nil
	default:
	}
	x := &exchange[T]{loop: w.Loop(), in: ch}
	if err := x.wait(w, labelReceive); err != nil {
		return v, false, err
	}
	return x.value, x.ok, nil
}

// Send sends a value on a Go channel, as ch <- v does, and suspends the calling
// task meanwhile, not the loop. If ctx is canceled, Send returns an error that
// is ErrCanceled, and has not sent; if it sent before, it returns nil. If ch is,
// or comes to be, closed, Send panics as Go does. All else is as in Receive.
func Send[T any](ctx context.Context, ch chan<- T, v T) error {
	w, err := beginOnChannel(ctx, "Send")
	if err != nil {
		return err
	}
	if c := w.Loop().Channels; c != nil && c.Meet(&exchange[T]{loop: w.Loop(), out: ch, value: v}) {
		return nil
	}
	select {
	case ch <- v:
		return nil
	default:
	}
	x := &exchange[T]{loop: w.Loop(), out: ch, value: v}
	return x.wait(w, labelSend)
}

var (
	labelReceive = engine.NewLabel("channel receive")
	labelSend    = engine.NewLabel("channel send")
)

// An exchange is a wait for a channel, in which a goroutine stands in for the task. It
// is paused and resumed on the loop.
type exchange[T any] struct {
	loop *engine.Loop
	in   <-chan T // nil: it sends
	out  chan<- T // nil: it receives
	task engine.Waiters

	quit    chan struct{} // closed by the loop: the goroutine has to end
	over    chan struct{} // closed by the goroutine when it ends
	watched bool          // a virtual world asks; the goroutine does not tell the loop

	// Of the goroutine until that has ended.
	done     bool // it has sent or received
	value    T
	ok       bool
	panicked any // the value of the panic in which the send has ended
}

// wait suspends the task until the exchange is done. A task that is canceled takes its
// goroutine back and learns so whether it was done before. That takes no longer than
// the goroutine needs to end, and so it is no wait of its own, in which others would
// have their turn.
func (x *exchange[T]) wait(w *engine.Wait, why engine.Label) error {
	if x.in == nil && x.out == nil {
		return w.Park(nil, why)
	}
	defer x.begin()()
	err := w.Park(&x.task, why)
	if err == nil {
		x.quit = nil // the goroutine has told the loop, and ends by itself
	}
	switch {
	case err != nil && !x.Pause():
		return err
	case x.panicked != nil:
		panic(x.panicked)
	default:
		return nil
	}
}

// begin lets a goroutine stand in. The function that it returns ends that, also when
// the task is ended by force.
func (x *exchange[T]) begin() (end func()) {
	unwatch := func() {}
	if c := x.loop.Channels; c != nil {
		x.watched = true
		unwatch = c.WatchChannel(x)
	}
	x.Resume()
	return func() {
		unwatch()
		x.Pause()
	}
}

// Resume makes an exchange an engine.Exchange.
func (x *exchange[T]) Resume() {
	x.quit, x.over = make(chan struct{}), make(chan struct{})
	go x.run(x.quit, x.over)
}

// Pause makes an exchange an engine.Exchange.
func (x *exchange[T]) Pause() (done bool) {
	if x.quit != nil {
		close(x.quit)
		<-x.over
		x.quit = nil
	}
	return x.done
}

func (x *exchange[T]) run(quit, over chan struct{}) {
	defer close(over)
	x.exchange(quit)
	switch {
	case !x.done:
	case x.watched:
		x.loop.Wake()
	default:
		x.Tell()
	}
}

// Tell makes an exchange an engine.Exchange. It may be called on any goroutine.
func (x *exchange[T]) Tell() { _ = x.loop.Post(x) } // a loop that has ended has no task that waits

// exchange sends or receives; one of the two channels is nil. When it has to end, it
// tries for the last time, so that an exchange which was possible before is done.
func (x *exchange[T]) exchange(quit chan struct{}) {
	defer func() {
		if v := recover(); v != nil { // the channel is closed
			x.panicked, x.done = v, true
		}
	}()
	select {
	case x.value, x.ok = <-x.in:
		x.done = true
	case x.out <- x.value:
		x.done = true
	case <-quit:
		select {
		case x.value, x.ok = <-x.in:
			x.done = true
		case x.out <- x.value:
			x.done = true
		default:
		}
	}
}

// Meet makes an exchange an engine.Exchange. On a channel with a buffer, what is in that
// comes first, and there is always one of two ends that need not wait.
func (x *exchange[T]) Meet(other engine.Exchange) bool {
	from := x
	to, ok := other.(*exchange[T])
	if ok && x.out == nil {
		from, to = to, x
	}
	if !ok || from.out == nil || to.in == nil || cap(from.out) > 0 || !sameChannel(to.in, from.out) || from.Pause() || to.Pause() {
		return false
	}
	to.value, to.ok = from.value, true
	from.done, to.done = true, true
	return true
}

func sameChannel[T any](in <-chan T, out chan<- T) bool {
	return reflect.ValueOf(in).Pointer() == reflect.ValueOf(out).Pointer()
}

// Fire is the event that the exchange is done.
func (x *exchange[T]) Fire() { x.task.WakeAll() }

func (x *exchange[T]) Origin() engine.Ref { return engine.Ref{Label: originChannel} }

var originChannel = engine.NewLabel("channel")

// beginOnChannel begins an operation on a channel. It is one of those that a step may do
// only so many of: whoever is at the other end may always be ahead. And whether it
// has to wait depends on that other end, so NoSuspend refuses it in any case.
func beginOnChannel(ctx context.Context, op string) (*engine.Wait, error) {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return nil, err
	}
	w.Loop().MustMaySuspend(op)
	return w, w.Spend()
}
