package engine

// An Event is something that has happened and awaits its turn in the ready
// queue: a task that can go on, a callback, a step of the engine's own.
type Event interface {
	// Fire does what the event is there for. Events other than tasks and
	// callbacks fire on any stack, so they must not run code of the user.
	Fire()
}

// A queue is a ring of events, first in, first out.
type queue struct {
	ring []Event // its length is zero or a power of two
	head int
	len  int
}

// A burst of events leaves at most so large a ring behind.
const queueKeeps = 1 << 14

func (q *queue) push(e Event) {
	if q.len == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.len)&(len(q.ring)-1)] = e
	q.len++
}

func (q *queue) peek() Event { return q.ring[q.head] }

func (q *queue) pop() Event {
	e := q.ring[q.head]
	q.ring[q.head] = nil
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.len--
	if q.len == 0 && len(q.ring) > queueKeeps {
		*q = queue{}
	}
	return e
}

// at returns the i-th event from the head.
func (q *queue) at(i int) *Event { return &q.ring[(q.head+i)&(len(q.ring)-1)] }

// bringForward moves the i-th event to the head; the others keep their order.
func (q *queue) bringForward(i int) {
	e := *q.at(i)
	for ; i > 0; i-- {
		*q.at(i) = *q.at(i - 1)
	}
	*q.at(0) = e
}

func (q *queue) grow() {
	ring := make([]Event, max(64, 2*len(q.ring)))
	n := copy(ring, q.ring[q.head:])
	copy(ring[n:], q.ring[:q.head])
	q.ring, q.head = ring, 0
}
