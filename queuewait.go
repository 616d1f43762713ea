package asyncio

import "github.com/asyncio-go/asyncio/internal/engine"

// SetName gives the queue a name, which all reports about it show. It does not suspend.
// For the loop only; before the queue is used there, the goroutine that makes it may call
// SetName.
func (q *queueCore) SetName(name string) {
	q.check("Queue.SetName")
	setName(&q.object, (*queueWait)(q), q.loop, name)
}

// queueWait is a queue as an engine.Shared.
type queueWait queueCore

func (q *queueWait) State() engine.ObjectState {
	return engine.ObjectState{
		Kind: labelQueue, Len: q.count, Cap: max(q.maxsize, 0),
		Waiters: q.getters.Len() + q.putters.Len() + q.finished.Len(),
	}
}

// A queue as what a task waits for, in the three ways in which it can.
type (
	putWait  queueCore
	getWait  queueCore
	joinWait queueCore
)

func (w *putWait) Describe() string  { return described(labelPut, w.object) }
func (w *getWait) Describe() string  { return described(labelGet, w.object) }
func (w *joinWait) Describe() string { return described(labelJoin, w.object) }

func (w *putWait) Ref(l *engine.Loop) engine.Ref {
	if n := w.object.In(l); n != 0 {
		return engine.Ref{Label: labelPut, Number: n}
	}
	return refTo(&w.object, (*queueWait)(w), l, labelPut)
}

func (w *getWait) Ref(l *engine.Loop) engine.Ref {
	if n := w.object.In(l); n != 0 {
		return engine.Ref{Label: labelGet, Number: n}
	}
	return refTo(&w.object, (*queueWait)(w), l, labelGet)
}

func (w *joinWait) Ref(l *engine.Loop) engine.Ref {
	if n := w.object.In(l); n != 0 {
		return engine.Ref{Label: labelJoin, Number: n}
	}
	return refTo(&w.object, (*queueWait)(w), l, labelJoin)
}
