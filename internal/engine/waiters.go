package engine

import "github.com/asyncio-go/asyncio/internal/list"

// Waiters are those that wait for something, first come, first served: suspended
// tasks and subscriptions alike. Every primitive of the library waits in one.
// The zero Waiters is empty. Loop only.
type Waiters struct{ list list.List[waker] }

// A Waiter is a place in Waiters. Leaving it takes constant time.
type Waiter struct {
	node list.Node[waker]
	in   *Waiters // the list that it is in, as long as it is listed
}

// A waker knows how to wake what waits in a place.
type waker interface{ wake() }

// Listed reports whether w is in a list.
func (w *Waiter) Listed() bool { return w.node.Listed() }

// Empty reports whether no one waits.
func (ws *Waiters) Empty() bool { return ws.list.First() == nil }

// First returns the Reason that the task which has waited longest has given to Park or
// Add, so that a primitive knows what that task asks for before it calls WakeFirst. It is
// nil if no one waits, or if the first is a subscription.
func (ws *Waiters) First() Reason {
	if first := ws.list.First(); first != nil {
		switch w := first.Value.(type) {
		case *Wait:
			return w.why
		case *place:
			return w.why
		}
	}
	return nil
}

// WakeFirst is Wake for a caller that has looked at the first, which must exist: if the
// first does not count (see Wake), it wakes no other, and returns false.
func (ws *Waiters) WakeFirst() bool {
	first := ws.list.First()
	first.Value.wake()
	if !first.Listed() {
		return false
	}
	ws.list.Remove(first)
	return true
}

// Len returns how many wait. It counts them.
func (ws *Waiters) Len() (n int) {
	for range ws.list.All {
		n++
	}
	return n
}

// Add puts w at the end.
func (ws *Waiters) Add(w *Waiter) {
	w.in = ws
	ws.list.Add(&w.node)
}

// Remove takes w out of its list, if it is in one.
func (w *Waiter) Remove() {
	if w.node.Listed() {
		w.in.list.Remove(&w.node)
	}
}

// Wake takes the first out and makes it ready. It reports whether there was one. A waiter
// that leaves the list itself when it is woken does not count, because what it waited for
// has come from elsewhere before.
func (ws *Waiters) Wake() bool { return ws.list.First() != nil && ws.wakeFirst() }

// wakeFirst is a function of its own so that Wake is inlined: mostly, no one waits.
func (ws *Waiters) wakeFirst() bool {
	first := ws.list.First()
	first.Value.wake() // comes first, because it panics on a wrong goroutine
	if first.Listed() {
		ws.list.Remove(first)
		return true
	}
	return ws.wakeNext()
}

// wakeNext is Wake when the first does not count. It loops instead of calling Wake,
// because there may be very many that do not count.
func (ws *Waiters) wakeNext() bool {
	for !ws.Empty() {
		if ws.WakeFirst() {
			return true
		}
	}
	return false
}

// WakeAll takes all out and makes them ready, in order.
func (ws *Waiters) WakeAll() {
	for ws.Wake() {
	}
}
