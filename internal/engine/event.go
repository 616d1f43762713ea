package engine

// An Event is something that has happened and awaits its turn in the ready
// queue: a task that can go on, a callback, a step of the engine's own.
//
// A struct that has several events to await has a type for each: `type expiry
// Wait`, say, is a Wait whose Fire says what becomes of it at its deadline. A
// pointer is converted to that type for nothing, where a closure would take
// memory.
type Event interface {
	// Fire does what the event is there for. Events other than tasks and
	// callbacks fire on any stack, so they must not run code of the user.
	Fire()
}

// A Slot is the place of an event in the ready queue. What may have to take an
// event back keeps its slot, for one rule holds for all of them: what was taken
// back never fires, even if it is in the queue already. So no event asks, when
// it fires, whether it is still wanted. Tasks need no slot, for nothing takes a
// task's turn back.
//
// A slot is the number of the event among all that were ever in the queue, from
// 1. So the slot of an event that has had its turn is that of no event, and no
// one has to reset it.
type Slot uint64

// Push makes an event ready that no one will take back.
func (l *Loop) Push(e Event) { l.ready.Push(e) }

// pushInto makes an event ready and notes its slot.
func (l *Loop) pushInto(s *Slot, e Event) {
	*s = Slot(l.taken() + uint64(l.ready.Len()) + 1)
	l.ready.Push(e)
	l.own(s)
}

// taken returns how many events have been taken out of the queue.
func (l *Loop) taken() uint64 { return l.events - uint64(l.left) }

// takeBack empties a slot: the event in it does not fire.
func (l *Loop) takeBack(s *Slot) {
	if e := l.in(*s); e != nil {
		*e = nil
	}
	*s = 0
}

// in returns where the event of a slot is in the queue; nil: it is not there.
func (l *Loop) in(s Slot) *Event {
	i := uint64(s) - 1 - l.taken()
	if i >= uint64(l.ready.Len()) {
		return nil
	}
	return l.ready.At(int(i))
}
