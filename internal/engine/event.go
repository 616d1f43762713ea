package engine

import "github.com/asyncio-go/asyncio/internal/ring"

// An Event is something that has happened and awaits its turn in the ready
// queue: a task that can go on, a callback, a step of the engine's own.
//
// A struct with several events has a type for each of them: for example, `type expiry
// Wait` is a Wait whose Fire says what happens to it at its deadline. To convert a
// pointer to that type costs nothing, but a closure would take memory.
type Event interface {
	// Fire does what the event is there for. Events other than tasks and
	// callbacks fire on any stack, so they must not run code of the user.
	Fire()
}

// A Slot is the place of an event in the ready queue. Code that may have to take an event
// back keeps its slot. One rule holds for all events: an event that was taken back never
// fires, even if it is in the queue already. So no event has to ask, when it fires,
// whether it is still wanted. Tasks need no slot, because nothing takes a task's turn
// back.
//
// A slot is the number of the event among all that were ever in the queue, from
// 1. So once an event has had its turn, its slot belongs to no event, and need not be
// reset.
type Slot uint64

// A readyQueue holds the events that await their turn, first in, first out.
type readyQueue struct {
	ring.Ring[Event]
	taken uint64 // how many events have been taken out, ever
}

// take takes the first event out.
func (q *readyQueue) take() Event {
	q.taken++
	return q.Pop()
}

// next returns the slot that the next event will be in.
func (q *readyQueue) next() Slot { return Slot(q.taken + uint64(q.Len()) + 1) }

// in returns where the queue holds the event of a slot; nil: that event is not in the
// queue.
func (q *readyQueue) in(s Slot) *Event {
	i := uint64(s) - 1 - q.taken
	if i >= uint64(q.Len()) {
		return nil
	}
	return q.At(int(i))
}

// Push makes an event ready that no one will take back.
func (l *Loop) Push(e Event) { l.ready.Push(e) }

// pushInto makes an event ready and notes its slot.
func (l *Loop) pushInto(s *Slot, e Event) {
	*s = l.ready.next()
	l.ready.Push(e)
	l.invariants.own(s)
}

// takeBack empties a slot: the event in it does not fire.
func (l *Loop) takeBack(s *Slot) {
	if e := l.ready.in(*s); e != nil {
		*e = nil
	}
	*s = 0
}
