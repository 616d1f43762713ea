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

// Wake takes the first out and makes it ready. It reports whether there was
// one.
func (ws *Waiters) Wake() bool { return ws.list.First() != nil && ws.wakeFirst() }

// wakeFirst is a function of its own so that Wake is inlined: mostly, no one waits.
func (ws *Waiters) wakeFirst() bool {
	first := ws.list.First()
	first.Value.wake() // comes first, because it panics on a wrong goroutine
	if first.Listed() {
		ws.list.Remove(first)
	}
	return true
}

// WakeAll takes all out and makes them ready, in order.
func (ws *Waiters) WakeAll() {
	for ws.Wake() {
	}
}
