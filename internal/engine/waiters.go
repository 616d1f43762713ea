package engine

// Waiters is who waits for something, first come, first served: suspended
// tasks and callbacks alike. Every primitive of the library waits in one. The
// zero Waiters is empty. Loop only.
type Waiters struct {
	first *Waiter // of a ring; first.prev is the last
}

// A Waiter is a place in Waiters. Leaving it takes constant time.
type Waiter struct {
	next, prev *Waiter
	list       *Waiters
	who        interface{ wake() }
}

// A Subscription is the place of an event instead of a task's.
type Subscription struct {
	Waiter
	event Event
	loop  *Loop
}

// Init sets what becomes ready, and where.
func (s *Subscription) Init(l *Loop, e Event) {
	s.who, s.loop, s.event = s, l, e
}

func (s *Subscription) wake() { s.loop.ready.Push(s.event) }

// Listed reports whether w is in a list.
func (w *Waiter) Listed() bool { return w.list != nil }

// Empty reports whether no one waits.
func (ws *Waiters) Empty() bool { return ws.first == nil }

// Add puts w at the end.
func (ws *Waiters) Add(w *Waiter) {
	w.list = ws
	if ws.first == nil {
		w.next, w.prev, ws.first = w, w, w
		return
	}
	first := ws.first
	w.next, w.prev = first, first.prev
	w.prev.next, first.prev = w, w
}

// Remove takes w out of its list, if it is in one.
func (w *Waiter) Remove() {
	ws := w.list
	if ws == nil {
		return
	}
	if w.next == w {
		ws.first = nil
	} else {
		w.prev.next, w.next.prev = w.next, w.prev
		if ws.first == w {
			ws.first = w.next
		}
	}
	w.next, w.prev, w.list = nil, nil, nil
}

// Wake takes the first out and makes it ready. It reports whether there was
// one.
func (ws *Waiters) Wake() bool { return ws.first != nil && ws.wakeFirst() }

// wakeFirst is not in Wake, which mostly finds no one, and is inlined so.
func (ws *Waiters) wakeFirst() bool {
	w := ws.first
	w.who.wake() // before anything else: it knows whether it may
	w.Remove()
	return true
}

// WakeAll does so for all, in order.
func (ws *Waiters) WakeAll() {
	for ws.Wake() {
	}
}
