package asyncio

import (
	"context"
	"iter"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Broadcast hands each item to all of its subscribers: each of them gets, in the same
// order, every item that is put in after it has subscribed. Nothing is dropped, so Put
// waits for the slowest subscriber. To avoid that wait, use TryPut and close the
// subscribers that lag, or use a [Watch], which keeps only the latest value. If there is
// no subscriber, an item goes to no one. The zero Broadcast has no limit. asyncio has no
// counterpart; in Python: a Queue for each listener; in tokio: broadcast, which drops the
// oldest items and tells the receivers that lag. For the loop only.
type Broadcast[T any] struct {
	binding
	subscribers []*Subscriber[T] // some may be closed
	closed      int              // how many of these are
	size        int
	full        int  // how many subscribers have no room
	coming      bool // there is room, and a task was woken to use it
	shut        bool
	putters     engine.Waiters
}

// NewBroadcast returns a broadcast in which each subscriber has room for size items.
// There is no limit if size is not positive.
func NewBroadcast[T any](size int) *Broadcast[T] { return &Broadcast[T]{size: size} }

// Put gives an item to all subscribers, and suspends the calling task until each has
// room. Tasks that wait are served in the order in which they came. If ctx is canceled,
// it returns an error that is ErrCanceled, and no subscriber has the item; after
// Shutdown, ErrQueueShutDown.
func (b *Broadcast[T]) Put(ctx context.Context, item T) error {
	w, err := engine.Begin(ctx, "Broadcast.Put")
	if err != nil {
		return err
	}
	b.bind(w, "Broadcast.Put")
	if b.mustWait() {
		if err := w.Park(&b.putters, (*broadcastWait[T])(b)); err != nil {
			return err
		}
		b.coming = false
	}
	return b.put(item)
}

func (b *Broadcast[T]) put(item T) error {
	if b.shut {
		return ErrQueueShutDown
	}
	b.give(item)
	return nil
}

func (b *Broadcast[T]) mustWait() bool {
	return !b.shut && (b.full > 0 || b.coming || !b.putters.Empty())
}

// TryPut gives an item to all subscribers if each has room and no task waits in Put.
// Otherwise it returns ErrQueueFull, or ErrQueueShutDown, and no subscriber has the item.
// It does not suspend. Subscribers that lag can be closed:
//
//	err := b.TryPut(item)
//	if err == asyncio.ErrQueueFull {
//		for s := range b.Subscribers() {
//			if s.Len() == b.Cap() {
//				s.Close()
//			}
//		}
//		err = b.TryPut(item)
//	}
//
// The second TryPut can still return ErrQueueFull if other tasks wait in Put: they are
// served first. In Python: put_nowait of each listener's Queue; in tokio: Sender::send.
func (b *Broadcast[T]) TryPut(item T) error {
	b.check("Broadcast.TryPut")
	if b.mustWait() {
		return ErrQueueFull
	}
	return b.put(item)
}

// give gives an item to all subscribers, each of which has room.
func (b *Broadcast[T]) give(item T) {
	for s := range b.open {
		s.items.Push(item)
		if s.full() {
			b.full++
		}
		s.getters.Wake()
	}
	b.next()
}

// next wakes the task that has waited longest in Put, if there is room. The room is then
// reserved for that task: no task that comes before it runs can use it.
func (b *Broadcast[T]) next() {
	if b.full == 0 && !b.coming && !b.shut {
		b.coming = b.putters.Wake()
	}
}

// Subscribe returns a new subscriber, which gets every item that is put in from now on.
// Close it when no task gets its items any more: otherwise Put would wait for it for
// ever. It does not suspend. After Shutdown, Get of the subscriber returns
// ErrQueueShutDown.
func (b *Broadcast[T]) Subscribe() *Subscriber[T] {
	b.check("Broadcast.Subscribe")
	s := &Subscriber[T]{of: b}
	b.subscribers = append(b.subscribers, s)
	return s
}

// Subscribers ranges over the subscribers that are not closed, in the order in which they
// subscribed. They may be closed meanwhile. It does not suspend.
func (b *Broadcast[T]) Subscribers() iter.Seq[*Subscriber[T]] {
	b.check("Broadcast.Subscribers")
	return b.open
}

func (b *Broadcast[T]) open(yield func(*Subscriber[T]) bool) {
	for _, s := range b.subscribers {
		if !s.closed && !yield(s) {
			return
		}
	}
}

// forget takes closed subscribers out, once they are more than half of all. It makes a
// new slice, because someone may range over the old one.
func (b *Broadcast[T]) forget() {
	if b.closed++; 2*b.closed <= len(b.subscribers) {
		return
	}
	left := make([]*Subscriber[T], 0, len(b.subscribers)-b.closed)
	for s := range b.open {
		left = append(left, s)
	}
	b.subscribers, b.closed = left, 0
}

// Shutdown makes the broadcast refuse further items. Tasks that wait in Put return with
// ErrQueueShutDown, and so does Get of a subscriber that has no item left. If immediate
// is true, all subscribers are emptied at once. It does not suspend.
func (b *Broadcast[T]) Shutdown(immediate bool) {
	b.check("Broadcast.Shutdown")
	b.shut = true
	for s := range b.open {
		if immediate {
			s.drop()
		}
		s.getters.WakeAll()
	}
	b.putters.WakeAll()
}

// Cap returns how many items each subscriber has room for. It is not positive if there is
// no limit.
func (b *Broadcast[T]) Cap() int { return b.size }

// SetName gives the broadcast a name, which all reports about it show. It does not
// suspend. For the loop only; before the broadcast is used there, the goroutine that
// makes it may call SetName.
func (b *Broadcast[T]) SetName(name string) {
	b.check("Broadcast.SetName")
	setName(&b.object, (*broadcastWait[T])(b), b.loop, name)
}

var (
	labelBroadcast    = engine.NewLabel("broadcast")
	labelBroadcastPut = engine.NewLabel("broadcast put")
)

// broadcastWait is a broadcast as what a task waits for.
type broadcastWait[T any] Broadcast[T]

func (w *broadcastWait[T]) Describe() string { return described(labelBroadcastPut, w.object) }

func (w *broadcastWait[T]) Ref(l *engine.Loop) engine.Ref {
	return refTo(&w.object, w, l, labelBroadcastPut)
}

// State counts the items of the subscriber that has the most.
func (w *broadcastWait[T]) State() engine.ObjectState {
	s := engine.ObjectState{Kind: labelBroadcast, Cap: max(w.size, 0), Waiters: w.putters.Len()}
	for sub := range (*Broadcast[T])(w).open {
		s.Len = max(s.Len, sub.items.Len())
	}
	return s
}
