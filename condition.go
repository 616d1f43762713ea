package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Condition is a Lock and a place to wait until what it protects has
// changed. The zero Condition has a lock of its own. In Python:
// asyncio.Condition. For the loop only.
type Condition struct {
	own     Lock
	shared  *Lock // the lock that NewCondition was given; nil: own is used
	waiters engine.Waiters
	object  *engine.Object
	as      engine.Reason // what a task waits for that waits for the condition; nil: the condition
}

// NewCondition returns a condition on a lock that others may use as well; nil
// gives it one of its own.
func NewCondition(l *Lock) *Condition { return &Condition{shared: l} }

func (c *Condition) lock() *Lock {
	if c.shared != nil {
		return c.shared
	}
	return &c.own
}

// Acquire takes the lock; see Lock.Acquire.
func (c *Condition) Acquire(ctx context.Context) error { return c.lock().Acquire(ctx) }

// Release gives the lock back; see Lock.Release.
func (c *Condition) Release() { c.lock().Release() }

// Locked reports whether a task holds the lock.
func (c *Condition) Locked() bool { return c.lock().Locked() }

// With runs fn while holding the lock; see Lock.With.
func (c *Condition) With(ctx context.Context, fn func() error) error {
	return c.lock().With(ctx, fn)
}

// Wait gives the lock back, suspends the calling task until it is notified,
// and takes the lock again. If ctx is canceled, it returns an error that is ErrCanceled,
// and the task holds the lock then as well: taking it again cannot be canceled. So a
// cancellation that comes after the notification, while Wait takes the lock, is returned
// by the next wait; asyncio would raise it here. It panics if the lock is free.
func (c *Condition) Wait(ctx context.Context) error {
	w, err := engine.Begin(ctx, "Condition.Wait")
	if err != nil {
		return err
	}
	c.lock().bind(w, "Condition.Wait")
	c.mustBeLocked("Condition.Wait")
	w.Loop().MustMaySuspend("Condition.Wait") // before the lock is given back
	c.lock().release()
	err = w.Park(&c.waiters, c.reason())
	w.Shield()
	if l := c.lock(); !l.take() {
		_ = w.Park(&l.waiters, (*lockWait)(l)) // nothing cuts it
		l.keepPromise()
	}
	return err
}

func (c *Condition) reason() engine.Reason {
	if c.as != nil {
		return c.as
	}
	return (*conditionWait)(c)
}

// SetName gives the condition a name, which all reports about it show; its lock has a
// name of its own. It does not suspend. For the loop only; before the condition is used
// there, the goroutine that makes it may call SetName.
func (c *Condition) SetName(name string) {
	c.lock().check("Condition.SetName")
	setName(&c.object, (*conditionWait)(c), c.lock().loop, name)
}

var labelCondition = engine.NewLabel("condition")

// conditionWait is a condition as what a task waits for.
type conditionWait Condition

func (w *conditionWait) Describe() string { return described(labelCondition, w.object) }

func (w *conditionWait) Ref(l *engine.Loop) engine.Ref {
	if n := w.object.In(l); n != 0 {
		return engine.Ref{Label: labelCondition, Number: n}
	}
	return refTo(&w.object, w, l, labelCondition)
}

func (w *conditionWait) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelCondition, Waiters: w.waiters.Len()}
}

// WaitFor waits until pred returns true. pred is called with the lock held.
func (c *Condition) WaitFor(ctx context.Context, pred func() bool) error {
	if pred == nil {
		panic(nilFunction)
	}
	for !pred() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes up to n tasks, those that have waited longest. Each goes on when it has
// the lock. It does not suspend. It panics if the lock is free.
func (c *Condition) Notify(n int) {
	c.mustBeLocked("Condition.Notify")
	for range n {
		if !c.waiters.Wake() {
			return
		}
	}
}

// NotifyAll wakes all tasks that wait. It panics if the lock is free.
func (c *Condition) NotifyAll() {
	c.mustBeLocked("Condition.NotifyAll")
	c.waiters.WakeAll()
}

func (c *Condition) mustBeLocked(op string) {
	c.lock().check(op)
	if !c.lock().locked {
		panic("asyncio: " + op + " without its lock: call Acquire before, or use With")
	}
}
