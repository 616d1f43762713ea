package asyncio

import (
	"context"
	"iter"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/ring"
)

// A Subscriber gets the items of a Broadcast. If several tasks use one, each item goes to
// one of them. It has to be made with Broadcast.Subscribe. In tokio: broadcast::Receiver.
// For the loop of its Broadcast only.
type Subscriber[T any] struct {
	_       noCopy
	of      *Broadcast[T] // its binding is that of the subscriber, too
	items   ring.Ring[T]
	closed  bool
	getters engine.Waiters
	object  *engine.Object
}

// Get takes out the oldest item that waits for the subscriber, and suspends the calling
// task until there is one. It can be overtaken as Queue.Get can. If ctx is canceled, it
// returns an error that is ErrCanceled, and no item is lost; after Close, and after
// Shutdown when no item is left, ErrQueueShutDown.
func (s *Subscriber[T]) Get(ctx context.Context) (item T, err error) {
	s.mustBeMade()
	w, err := engine.Begin(ctx, "Subscriber.Get")
	if err != nil {
		return item, err
	}
	s.of.bind(w, "Subscriber.Get")
	for s.items.Len() == 0 {
		if s.ended() {
			return item, ErrQueueShutDown
		}
		if err := w.Park(&s.getters, (*subscriberWait[T])(s)); err != nil {
			return item, err
		}
	}
	return s.take(), nil
}

// TryGet takes an item out if there is one; else it returns ErrQueueEmpty, or
// ErrQueueShutDown. It does not suspend.
func (s *Subscriber[T]) TryGet() (item T, err error) {
	s.check("Subscriber.TryGet")
	return s.get()
}

func (s *Subscriber[T]) get() (item T, err error) {
	switch {
	case s.items.Len() > 0:
		return s.take(), nil
	case s.ended():
		return item, ErrQueueShutDown
	default:
		return item, ErrQueueEmpty
	}
}

// ended reports whether no more items will come.
func (s *Subscriber[T]) ended() bool { return s.closed || s.of.shut }

func (s *Subscriber[T]) take() T {
	wasFull := s.full()
	item := s.items.Pop()
	if wasFull {
		s.of.full--
		s.of.next()
	}
	return item
}

func (s *Subscriber[T]) full() bool { return s.items.Len() == s.of.size && s.of.size > 0 }

// All takes items out for a range loop, one before each turn, and suspends the calling task
// until there is one. The range ends when the subscriber is closed, or the broadcast is
// shut down and no item is left. If ctx is canceled, the last pair is a zero item and an
// error that is ErrCanceled; see Queue.All. It does not close the subscriber.
func (s *Subscriber[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			item, err := s.Get(ctx)
			if err == ErrQueueShutDown || !yield(item, err) || err != nil {
				return
			}
		}
	}
}

// Len returns how many items wait for the subscriber. It does not suspend.
func (s *Subscriber[T]) Len() int {
	s.check("Subscriber.Len")
	return s.items.Len()
}

// Close ends the subscription and drops the items that no one has taken. Tasks that wait
// in Get return with ErrQueueShutDown, and tasks that wait in Put for this subscriber go
// on. A second Close does nothing. It does not suspend.
func (s *Subscriber[T]) Close() {
	s.check("Subscriber.Close")
	if s.closed {
		return
	}
	s.closed = true
	s.drop()
	s.getters.WakeAll()
	s.of.forget()
}

// drop drops the items.
func (s *Subscriber[T]) drop() {
	wasFull := s.full()
	s.items = ring.Ring[T]{}
	if wasFull {
		s.of.full--
		s.of.next()
	}
}

// SetName gives the subscriber a name, which all reports about it show. It does not
// suspend. For the loop only; before the subscriber is used there, the goroutine that
// makes it may call SetName.
func (s *Subscriber[T]) SetName(name string) {
	s.check("Subscriber.SetName")
	setName(&s.object, (*subscriberWait[T])(s), s.of.loop, name)
}

func (s *Subscriber[T]) check(op string) {
	s.mustBeMade()
	s.of.check(op)
}

func (s *Subscriber[T]) mustBeMade() {
	if s.of == nil {
		panic("asyncio: a zero Subscriber gets no items: make it with Broadcast.Subscribe")
	}
}

var (
	labelSubscriber    = engine.NewLabel("subscriber")
	labelSubscriberGet = engine.NewLabel("subscriber get")
)

// subscriberWait is a subscriber as what a task waits for.
type subscriberWait[T any] Subscriber[T]

func (w *subscriberWait[T]) Describe() string { return described(labelSubscriberGet, w.object) }

func (w *subscriberWait[T]) Ref(l *engine.Loop) engine.Ref {
	return refTo(&w.object, w, l, labelSubscriberGet)
}

func (w *subscriberWait[T]) State() engine.ObjectState {
	return engine.ObjectState{
		Kind: labelSubscriber, Len: w.items.Len(), Cap: max(w.of.size, 0), Waiters: w.getters.Len(),
	}
}
