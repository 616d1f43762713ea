package engine

import (
	"context"
	"time"
)

// A budget is what one step may do of I/O without waiting: a peer that is always
// ahead of its reader must not keep the loop from its timers, and from everyone
// else. It belongs to the step, whatever is used in it: so a task that reads from
// many connections in turn has no more than one that reads from one.
//
// Every operation that may go on without waiting, because of what comes from
// outside, calls Wait.Spend or Loop.Spend when it begins, and Moved with the bytes
// that it has read or written. Nothing has to be said about waiting, since with it
// the step is over. An event or a callback has no task that could give way: it does
// one operation, and makes itself ready for the next one.
type budget struct {
	step  uint64        // the step that spends it, by how many events there were before
	total uint64        // the operations of all steps
	first uint64        // how many of them were before this step
	look  uint64        // at which operation of this step to look closer
	moved int           // the bytes of this step
	since time.Duration // when its operation number firstLook began
}

const (
	// maxOperations bounds the operations of a step.
	maxOperations = 64
	// maxMoved bounds the bytes of a step, as the streams of asyncio do.
	maxMoved = 128 << 10
	// maxStepTime bounds the time of a step.
	maxStepTime = time.Millisecond
	// firstLook is the first operation of a step at which the clock is asked. Most
	// steps of a server have two, and do not pay for it.
	firstLook = 3
)

// begin begins with the budget of a step, unless that has begun.
func (b *budget) begin(step uint64) {
	if b.step != step {
		b.step, b.first, b.look, b.moved = step, b.total, firstLook, 0
	}
}

// spend counts an operation, and reports whether the step has to end before it.
func (b *budget) spend(step uint64, c Clock) (over bool) {
	b.begin(step)
	b.total++
	return (b.total-b.first >= b.look || b.moved >= maxMoved) && b.isOver(c)
}

// isOver looks closer. It asks the clock more and more rarely: an operation may take
// less time than that.
func (b *budget) isOver(c Clock) bool {
	n := b.total - b.first
	switch {
	case n > maxOperations, b.moved >= maxMoved:
		return true
	case n < b.look:
		return false
	}
	b.look = min(n+max(n/2, 1), maxOperations+1)
	if n > firstLook {
		return c.Now()-b.since >= maxStepTime
	}
	b.since = c.Now()
	return false
}

// Spend counts an operation of the task, and suspends it if its step has spent what
// it may: see budget. The error is that of a context which is canceled meanwhile.
func (w *Wait) Spend() error {
	if l := w.task.loop; l.budget.spend(l.ready.taken, l.clock) {
		return w.giveWay()
	}
	return nil
}

func (w *Wait) giveWay() error {
	l := w.task.loop
	_ = Yield(&w.task.scope) // whether the context of the wait is canceled is looked at below
	if w.IsCut() {
		return w.Interruption()
	}
	l.budget.spend(l.ready.taken, l.clock) // the operation is one of the new step
	return nil
}

// Spend is Wait.Spend for who has no wait: on the innermost scope of the running
// task. In a callback, it does nothing.
func (l *Loop) Spend() error {
	if l.current == nil {
		return nil
	}
	return SpendOn(l.InnermostScope(), "Yield")
}

// SpendOn is Wait.Spend for who has no wait, but a context.
func SpendOn(ctx context.Context, op string) error {
	w, err := BeginUnchecked(ctx, op)
	if err != nil {
		return err
	}
	return w.Spend()
}

// Moved counts bytes that were read or written in the step that runs.
func (l *Loop) Moved(n int) {
	l.budget.begin(l.ready.taken)
	l.budget.moved += n
}

// Operations returns how many operations were counted: who calls what may be I/O of
// this loop can tell by it.
func (l *Loop) Operations() uint64 { return l.budget.total }
