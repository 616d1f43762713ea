package engine

import (
	"math"
	"time"

	"github.com/asyncio-go/asyncio/internal/timers"
)

// This file has what a Listener may ask while it is told something. It costs nothing on a
// loop without listeners: a Listener itself finds out, whenever it is told something,
// what has come into the ready queue and left it since the last time, and which timers
// are set. Loop only.

// A RowListener is a Listener that wants to hear what other goroutines do as well.
type RowListener interface {
	Listener
	// HearRow gets what TellRow was given, and what the error says; "": there is none. It
	// is called on whichever goroutine.
	HearRow(k Kind, r Row, failure string)
}

// Taken returns the slot that was taken out of the ready queue last; 0: none was.
func (l *Loop) Taken() Slot { return Slot(l.ready.taken) }

// Newest returns the newest slot of the ready queue, that of the event which has come in
// last; 0: none has.
func (l *Loop) Newest() Slot { return l.ready.next() - 1 }

// InSlot returns the event that waits in a slot; nil: there is none any more, because it
// has had its turn or was taken back.
func (l *Loop) InSlot(s Slot) Event {
	if e := l.ready.in(s); e != nil {
		return *e
	}
	return nil
}

// An Item says what an event in the ready queue is.
type Item struct {
	Ref
	Task  uint64 // the task that goes on, or which the event is about; 0: it is about none
	Ended bool   // it is the news that Task has ended
}

// Item says what an event is.
func (l *Loop) Item(e Event) Item {
	switch e := e.(type) {
	case *Task:
		return Item{Ref: e.Origin(), Task: e.id}
	case *childEnd:
		return Item{Ref: Ref{LabelTask, e.id}, Task: e.id, Ended: true}
	case *waitExpiry, *selectionExpiry:
		return Item{Ref: refOfEvent(e), Task: waitUntil(e).task.id}
	case *timeoutExpiry:
		return Item{Ref: e.Origin(), Task: e.task.id}
	case *Subscription:
		if e.event != nil {
			return l.Item(e.event)
		}
	case interface{ About() *Future }:
		if t := e.About().task(); t != nil {
			return Item{Ref: refOfEvent(e.(Event)), Task: t.id, Ended: true}
		}
	}
	return Item{Ref: refOfEvent(e)}
}

// A SetTimer is a timer that is set.
type SetTimer struct {
	Number uint64 // among all that were ever set; setting one anew counts
	At     time.Duration
	Event  Event // becomes ready then
	For    Ref   // LabelSleep, LabelTimeout, LabelCallback: see Item
	Task   uint64
}

// Timers returns the timers that are set, earliest first.
func (l *Loop) Timers() (set []SetTimer) {
	for _, t := range l.timers.Earliest(l.timers.Len(), math.MaxInt) {
		set = append(set, describeTimer(l, t))
	}
	return set
}

func describeTimer(l *Loop, t *timers.Timer[alarm]) SetTimer {
	e := t.Payload.event
	item := l.Item(e)
	s := SetTimer{Number: t.Number(), At: t.When(), Event: e, For: item.Ref, Task: item.Task}
	switch e := e.(type) {
	case *timeoutExpiry:
		s.For = Ref{Label: LabelTimeout}
	case *groupExpiry:
		s.For = (*Group)(e).Ref(l)
	default:
		if w := waitUntil(e); w != nil && w.why != nil {
			s.For = w.why.Ref(l)
		}
	}
	return s
}

// Until returns when the task's wait ends at the latest. It returns false if the task
// does not wait, or its wait has no deadline.
func (t *Task) Until() (time.Duration, bool) {
	if w := t.waiting(); w != nil {
		return w.timer.when()
	}
	return 0, false
}

// Blockers returns the tasks that the task waits for, or that hold what it waits for.
func (t *Task) Blockers() (tasks []uint64) {
	switch why := t.WaitsFor().(type) {
	case *Task:
		tasks = append(tasks, why.id)
	case *Selection:
		tasks = why.blockers(Shared.State)
	case Awaited:
		for f := range why.Awaited {
			if other := f.task(); other != nil && !other.Done() {
				tasks = append(tasks, other.id)
			}
		}
	case Shared:
		if holder := why.State().Holder; holder != 0 {
			tasks = append(tasks, holder)
		}
	}
	return tasks
}

// Group returns the number of the group that the task is a child of; 0: of none.
func (t *Task) Group() uint32 { return t.groupNumber() }

// GivenName returns the name that the task was given, or "".
func (t *Task) GivenName() string { return t.givenName() }

// GroupName returns the name of the group with a number, and the task that has opened it, if
// that is the innermost one that the current task has opened and not left.
func (l *Loop) GroupName(number uint32) (name string, task uint64) {
	if l.current == nil || l.current.worker == nil {
		return "", 0
	}
	g := l.current.worker.inner.innermostGroup()
	if g == nil || g.number != number {
		return "", l.current.id
	}
	return g.extra.name, g.task.id
}

// ObjectName returns the name that something shared was given, by its number; "": none.
func (l *Loop) ObjectName(number uint64) string {
	for _, m := range l.objects.all {
		if m.isOf(l) && m.number == number {
			return m.Name
		}
	}
	return ""
}

// WokenRef says what has woken the task that a Listener is being told of.
func (l *Loop) WokenRef() Item {
	switch by := l.trace.by; {
	case l.current != nil:
		r := l.refOf(by)
		return Item{Ref: r, Task: l.current.id}
	case by == byCancel:
		x := l.Firing()
		return Item{Ref: Ref{LabelCancel, x.Task}, Task: x.Task}
	case by != nil:
		return l.Item(by)
	default:
		return Item{Ref: Ref{Label: LabelLoop}}
	}
}

// Firing says which event of the engine itself, or which callback, has its turn; the zero
// Item: none has.
func (l *Loop) Firing() Item {
	if l.origin == nil {
		return Item{}
	}
	return l.Item(l.origin)
}
