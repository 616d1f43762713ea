package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Lock is held by one task at a time. Between two suspension points nothing else runs
// anyway; a Lock is for code that suspends and must not be interrupted by other tasks
// that use the same data. Tasks get it in the order in which they ask. It is not
// reentrant, and any task may release it. The zero Lock is free. In Python: asyncio.Lock.
// For the loop only.
type Lock struct {
	holding
	locked   bool
	promised bool // the lock is free, but a task was woken to take it
	waiters  engine.Waiters
}

// Acquire takes the lock, and suspends the calling task until it can. If ctx
// is canceled, it returns an error that is ErrCanceled, without the lock.
func (l *Lock) Acquire(ctx context.Context) error {
	w, err := engine.Begin(ctx, "Lock.Acquire")
	if err != nil {
		return err
	}
	l.bind(w, "Lock.Acquire")
	if l.take() {
		return nil
	}
	if err := w.Park(&l.waiters, (*lockWait)(l)); err != nil {
		return err
	}
	l.keepPromise()
	return nil
}

// keepPromise takes the lock for a task that was woken to take it.
func (l *Lock) keepPromise() {
	l.promised, l.locked = false, true
	l.holding.take()
}

// SetName gives the lock a name, which all reports about it show. It does not suspend.
// For the loop only; before the lock is used there, the goroutine that makes it may call
// SetName.
func (l *Lock) SetName(name string) {
	l.check("Lock.SetName")
	setName(&l.object, (*lockWait)(l), l.loop, name)
}

var labelLock = engine.NewLabel("lock")

// lockWait is a lock as what a task waits for.
type lockWait Lock

func (w *lockWait) Describe() string { return described(labelLock, w.object) }

func (w *lockWait) Ref(l *engine.Loop) engine.Ref {
	if n := w.object.In(l); n != 0 {
		return engine.Ref{Label: labelLock, Number: n}
	}
	return refTo(&w.object, w, l, labelLock)
}

func (w *lockWait) State() engine.ObjectState {
	s := engine.ObjectState{Kind: labelLock, Cap: 1, Waiters: w.waiters.Len()}
	if w.locked {
		s.Len, s.Holder, s.Since = 1, w.holder, w.since
	}
	return s
}

// TryAcquire takes the lock if it is free and no one waits for it.
func (l *Lock) TryAcquire() bool {
	l.check("Lock.TryAcquire")
	return l.take()
}

func (l *Lock) take() bool {
	if l.locked || l.promised {
		return false
	}
	l.locked = true
	l.holding.take()
	return true
}

// Release gives the lock back, and wakes the task that has waited longest. Until that
// task runs, the lock is free, but no other task can take it. It panics if the lock is
// free.
func (l *Lock) Release() {
	l.check("Lock.Release")
	l.release()
}

func (l *Lock) release() {
	if !l.locked {
		panic("asyncio: Release of a Lock that is not held: release once for each Acquire that returned nil")
	}
	l.locked = false
	l.promised = l.waiters.Wake()
}

// Locked reports whether a task holds the lock.
func (l *Lock) Locked() bool {
	l.check("Lock.Locked")
	return l.locked
}

// With runs fn while holding the lock. It returns the error of Acquire, or of
// fn. In Python: async with lock.
func (l *Lock) With(ctx context.Context, fn func() error) error {
	if fn == nil {
		panic(nilFunction)
	}
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	defer l.Release()
	return fn()
}
