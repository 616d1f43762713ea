package engine

import (
	"context"
	"time"
)

// A budget limits the I/O that one step (the time from one suspension of a task to the
// next) may do without waiting: a peer that always sends faster than its reader reads
// must not keep the loop from its timers and other tasks. The budget belongs to the step,
// not to a connection: a task that reads from many connections in turn may do no more
// than a task that reads from one.
//
// Every operation that may again and again need no wait, because something outside is
// always ready, calls Wait.Spend, SpendOn or Loop.Spend when it begins, and Moved with
// the bytes that it has read or written. A wait need not be counted, because it ends the
// step. An event or a callback has no task that could give way: it does one operation,
// and makes itself ready for the next one.
type budget struct {
	step  uint64        // the step that spends it, by how many events there were before
	spent int           // in bytes; an operation is one of so many more
	look  int           // what may be spent before isOver is asked
	since time.Duration // when it was asked first in this step
}

const (
	// maxSpent bounds what a step spends: 128 KiB, as the streams of asyncio do, or 64
	// operations.
	maxSpent     = 128 << 10
	perOperation = maxSpent / 64
	// maxStepTime bounds the time of a step.
	maxStepTime = time.Millisecond
	// firstLook is the third operation of a step, at which the clock is asked. Most
	// steps of a server have two, and do not pay for it.
	firstLook = 3 * perOperation
)

// Spend counts an operation of the task, and suspends it if its step has spent what
// it may: see budget. If the context is canceled meanwhile, it returns the error of that.
func (w *Wait) Spend() error {
	l := w.task.loop
	if l.budget.spend(l.ready.taken) || !l.budget.isOver(l.clock) {
		return nil
	}
	return w.giveWay()
}

// giveWay is not a part of Spend, so that Spend needs less stack.
//
//go:noinline
func (w *Wait) giveWay() error {
	l := w.task.loop
	_ = Yield(&w.task.scope) // whether the context of the wait is canceled is looked at below
	if w.IsCut() {
		return w.Interruption()
	}
	l.budget.spend(l.ready.taken) // the operation is one of the new step
	return nil
}

// spend counts an operation of a step, and reports whether that may go on for sure.
func (b *budget) spend(step uint64) (sure bool) {
	if b.step != step {
		b.step, b.spent, b.look = step, 0, firstLook
	}
	b.spent += perOperation
	return b.spent < b.look
}

// isOver reports whether the step has to end before the operation that was counted. It
// asks the clock more and more rarely: an operation may take less time than that.
func (b *budget) isOver(c Clock) bool {
	if b.spent > maxSpent {
		return true
	}
	now := c.Now()
	if b.look == firstLook {
		b.since = now
	}
	b.look = min(b.spent+b.spent/3, maxSpent+1)
	return now-b.since >= maxStepTime
}

// SpendOn is Wait.Spend for a caller that has no Wait, but a context.
func SpendOn(ctx context.Context, op string) error {
	w, err := BeginUnchecked(ctx, op)
	if err != nil {
		return err
	}
	return w.Spend()
}

// Spend is SpendOn on the innermost scope of the running task. In a callback, it does
// nothing.
func (l *Loop) Spend() error {
	if l.current == nil {
		return nil
	}
	return SpendOn(l.InnermostScope(), "Spend")
}

// Moved counts bytes that were read or written in the step that runs.
func (l *Loop) Moved(n int) { l.budget.spent += n }

// Spent returns what was spent, and in which step. By comparing it before and after a
// call, the caller can tell whether the call has done I/O on this loop.
func (l *Loop) Spent() (step uint64, bytes int) { return l.budget.step, l.budget.spent }
