package engine

import (
	"slices"
	"sync/atomic"
	"weak"
)

// A Shared is something that tasks share and wait for: a lock, a queue. When a task waits
// for it, it is the Reason of the wait, or has the same Ref and State as the Reason.
type Shared interface {
	// State says how things stand with it. Loop only.
	State() ObjectState
}

// An ObjectState is how things stand with something that tasks share.
type ObjectState struct {
	Kind    Label
	Holder  uint64 // the task that has acquired it last, and not released it; 0: none has, or it is not known
	Since   int64  // when, by Trace.now; 0: that is not known
	Len     int    // items in a queue, permits of a semaphore in use
	Cap     int    // 0: there is no limit
	Waiters int
}

// An Object holds the name and the number of something that tasks share. It is made when
// the thing is given a name, or when a task waits for it while someone watches.
type Object struct {
	Name   string
	loop   atomic.Pointer[Loop] // that it is used on; the one before asks, too
	number uint64
	look   func() Shared // nil when the collector has taken it
}

// NewObject returns the object of p, which it does not keep alive.
func NewObject[T any, P interface {
	*T
	Shared
}](p P) *Object {
	w := weak.Make((*T)(p))
	return &Object{look: func() Shared {
		if p := w.Value(); p != nil {
			return P(p)
		}
		return nil
	}}
}

// Rename gives the object a name. l is the loop that it is used on; nil: none.
func (o *Object) Rename(l *Loop, name string) {
	o.Name = name
	if o.isOf(l) {
		l.tellName(o)
	}
}

// In returns the object's number in a loop; 0 if it is not known there. It may be nil.
func (o *Object) In(l *Loop) uint64 {
	if o == nil || !o.isOf(l) {
		return 0
	}
	return o.number
}

// isOf reports whether the loop, which may be nil, is the one that knows the object by its
// number.
func (o *Object) isOf(l *Loop) bool { return l != nil && o.loop.Load() == l }

// Number returns the object's number among those of the loop. Those who watch the loop
// are told of the object before they are told anything else with this number.
func (l *Loop) Number(o *Object) uint64 {
	if !o.isOf(l) {
		l.meet(o)
	}
	return o.number
}

// meet gives an object its number in the loop.
func (l *Loop) meet(o *Object) {
	l.objects.made++
	o.number = l.objects.made
	o.loop.Store(l)
	l.objects.add(l, o)
	l.tellName(o)
}

func (l *Loop) tellName(o *Object) {
	if s := o.look(); s != nil && l.trace != nil {
		l.trace.moment(record{kind: Named, arg: o.number, what: s.State().Kind}, nil, o.Name)
	}
}

// objects are those that the loop has met.
type objects struct {
	made uint64
	all  []met
	room int // when there are so many, those that are gone are taken out
}

// A met is an object with the number that it had when the loop met it.
type met struct {
	*Object
	number uint64
}

// known returns the object to be shown; nil if the garbage collector has taken it, or if
// another loop has met it since.
func (m met) known(l *Loop) Shared {
	if !m.isOf(l) || m.Object.number != m.number {
		return nil
	}
	return m.look()
}

func (os *objects) add(l *Loop, o *Object) {
	if len(os.all) >= max(os.room, 64) {
		os.sweep(l)
		os.room = 2 * len(os.all)
	}
	os.all = append(os.all, met{o, o.number})
}

// sweep takes out those that are not known any more.
func (os *objects) sweep(l *Loop) {
	os.all = slices.DeleteFunc(os.all, func(m met) bool { return m.known(l) == nil })
}

// Taker returns who takes something (such as a lock) in the running step, and, for those
// who watch, when: the number of the task, which is 0 in a callback and where there is no
// loop, and StepBegan. Loop only.
func (l *Loop) Taker() (task uint64, since int64) {
	if l == nil {
		return 0, 0
	}
	if t := l.current; t != nil {
		task = t.id
	}
	if l.trace != nil {
		since = l.trace.now
	}
	return task, since
}
