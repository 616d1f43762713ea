package asyncio

import (
	"context"
	"reflect"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Receive receives a value from a Go channel, as v, ok := <-ch does. While it waits, the
// calling task is suspended and the loop runs others. Use it to get values from
// goroutines that know nothing of loops. Python has no counterpart.
//
// If ctx is canceled, Receive returns an error that is ErrCanceled. No value is lost: if
// one was received before the cancellation, Receive returns it, with a nil error. Outside
// a loop it returns ErrNoRunningLoop. With a nil channel it waits until ctx is canceled.
//
// Between tasks of one loop, use a Queue: when ch has no value, a goroutine waits in
// place of the task, which costs some microseconds, and if several tasks wait, it is not
// determined which of them receives a value. Package asynciotest says what a virtual
// clock knows of channels.
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

// Send sends a value on a Go channel, as ch <- v does. While it waits, the calling task
// is suspended and the loop runs others. If ctx is canceled, Send returns an error that
// is ErrCanceled, and has not sent; if it had sent before the cancellation, it returns
// nil. If ch is closed, before the call or during it, Send panics as Go does. Everything
// else is as in Receive.
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

// wait suspends the task until the exchange is done. A task that is canceled stops its
// goroutine, and so learns whether the exchange was done before. This blocks only as long
// as the goroutine needs to end, so the task does not suspend for it.
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

// begin starts the goroutine that waits in place of the task. The function that it
// returns ends the goroutine, also when the task is ended by force.
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
// tries one last time, so that an exchange that was possible before is done.
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

// Meet makes an exchange an engine.Exchange.
func (x *exchange[T]) Meet(other engine.Exchange) bool { return meet(x, other.(party)) }

// A party waits at the end of one channel, or at the ends of several channels, of which
// it uses one.
type party interface {
	engine.Exchange
	ends() int
	end(i int) channelEnd
	met(i int) // the end i was used
}

// A channelEnd is an exchange[T] of any type.
type channelEnd interface {
	// meets hands a value over if the other one is the other end of the same channel
	// and mayMeet returns true, which is asked last.
	meets(other channelEnd, mayMeet func() bool) bool
	try() bool
	reflected() reflect.SelectCase
	received(v reflect.Value, ok bool)
}

// meet hands a value from one of two parties to the other, if they wait at the two ends
// of one channel.
func meet(a, b party) bool {
	mayMeet := func() bool { return !a.Pause() && !b.Pause() }
	for i := range a.ends() {
		for j := range b.ends() {
			if a.end(i).meets(b.end(j), mayMeet) {
				a.met(i)
				b.met(j)
				return true
			}
		}
	}
	return false
}

// An exchange is a party with one end.
func (x *exchange[T]) ends() int          { return 1 }
func (x *exchange[T]) end(int) channelEnd { return x }
func (x *exchange[T]) met(int)            { x.done = true }

// meets makes an exchange a channelEnd. A channel with a buffer needs no meeting: values
// in the buffer come first, and one of its two ends never has to wait.
func (x *exchange[T]) meets(other channelEnd, mayMeet func() bool) bool {
	from := x
	to, ok := other.(*exchange[T])
	if ok && x.out == nil {
		from, to = to, x
	}
	if !ok || from.out == nil || to.in == nil || cap(from.out) > 0 || !sameChannel(to.in, from.out) || !mayMeet() {
		return false
	}
	to.value, to.ok = from.value, true
	return true
}

func sameChannel[T any](in <-chan T, out chan<- T) bool {
	return reflect.ValueOf(in).Pointer() == reflect.ValueOf(out).Pointer()
}

// Fire is the event that the exchange is done.
func (x *exchange[T]) Fire() { x.task.WakeAll() }

func (x *exchange[T]) Origin() engine.Ref { return engine.Ref{Label: originChannel} }

var originChannel = engine.NewLabel("channel")

// beginOnChannel begins an operation on a channel. A step may do only a limited number of
// these: the goroutine at the other end may always be ahead, and the task would never
// suspend. Whether the operation has to wait depends on the other end, so NoSuspend
// refuses it in any case.
func beginOnChannel(ctx context.Context, op string) (*engine.Wait, error) {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return nil, err
	}
	w.Loop().MustMaySuspend(op)
	return w, w.Spend()
}
