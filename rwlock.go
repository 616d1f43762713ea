package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An RWLock is held by any number of readers, or by one writer. Tasks get it in the order
// in which they ask, so neither readers nor writers starve: a reader that comes while a
// writer waits is served after that writer, and readers that wait next to each other at
// the head of the line get the lock together. Between two suspension points nothing else
// runs anyway; an RWLock is for code that suspends, and meanwhile lets others read the
// same data but not change it.
//
// It is not reentrant. A task that holds the lock and asks for it again may wait for
// itself: a reader that asks to read waits for itself if a writer waits; a reader or
// writer that asks to write always does. Any task may release it. The zero RWLock is
// free. asyncio has no counterpart; in Python: the package aiorwlock; in Go:
// sync.RWMutex; in tokio: RwLock. For the loop only.
type RWLock struct {
	holding
	readers int  // how many hold it, or were woken to
	writing bool // a writer holds it, or was woken to
	coming  int  // how many of these were woken and have not run since
	waiters engine.Waiters
}

// Acquire takes the lock to write, and suspends the calling task until no other holds it.
// If ctx is canceled, it returns an error that is ErrCanceled, without the lock.
func (l *RWLock) Acquire(ctx context.Context) error {
	w, err := engine.Begin(ctx, "RWLock.Acquire")
	if err != nil {
		return err
	}
	l.bind(w, "RWLock.Acquire")
	if l.take() {
		return nil
	}
	if err := w.Park(&l.waiters, (*writeWait)(l)); err != nil {
		l.serve() // it may have kept readers behind it waiting
		return err
	}
	l.come()
	return nil
}

// AcquireRead takes the lock to read, and suspends the calling task until no writer holds
// it and no writer that came before waits. If ctx is canceled, it returns an error that
// is ErrCanceled, without the lock.
func (l *RWLock) AcquireRead(ctx context.Context) error {
	w, err := engine.Begin(ctx, "RWLock.AcquireRead")
	if err != nil {
		return err
	}
	l.bind(w, "RWLock.AcquireRead")
	if l.takeRead() {
		return nil
	}
	if err := w.Park(&l.waiters, (*readWait)(l)); err != nil {
		return err
	}
	l.come()
	return nil
}

// come is called when a task runs that was woken with the lock.
func (l *RWLock) come() {
	l.coming--
	l.holding.take()
}

// TryAcquire takes the lock to write if no one holds it or waits for it. It does not
// suspend.
func (l *RWLock) TryAcquire() bool {
	l.check("RWLock.TryAcquire")
	return l.take()
}

// TryAcquireRead takes the lock to read if no writer holds it and no one waits for it. It
// does not suspend.
func (l *RWLock) TryAcquireRead() bool {
	l.check("RWLock.TryAcquireRead")
	return l.takeRead()
}

func (l *RWLock) take() bool {
	if l.taken() || !l.waiters.Empty() {
		return false
	}
	l.writing = true
	l.holding.take()
	return true
}

func (l *RWLock) takeRead() bool {
	if l.writing || !l.waiters.Empty() {
		return false
	}
	l.readers++
	l.holding.take()
	return true
}

func (l *RWLock) taken() bool { return l.writing || l.readers > 0 }

// Release gives back what Acquire has taken, and wakes those who are next: a writer, or
// all readers up to the next writer. It does not suspend. It panics if no writer holds the
// lock.
func (l *RWLock) Release() {
	l.check("RWLock.Release")
	if !l.writing || l.coming > 0 {
		panic("asyncio: Release of an RWLock that no writer holds: release once for each Acquire that returned nil, with ReleaseRead what AcquireRead took")
	}
	l.writing = false
	l.giveBack()
	l.serve()
}

// ReleaseRead gives back what AcquireRead has taken. The last reader wakes the writer who
// is next. It does not suspend. It panics if no reader holds the lock.
func (l *RWLock) ReleaseRead() {
	l.check("RWLock.ReleaseRead")
	if l.writing || l.readers == l.coming {
		panic("asyncio: ReleaseRead of an RWLock that no reader holds: release once for each AcquireRead that returned nil, with Release what Acquire took")
	}
	l.readers--
	l.giveBack()
	l.serve()
}

// serve wakes the tasks that are first in line and can have the lock. They hold it from
// then on, so no task that comes before they run can take it.
func (l *RWLock) serve() {
	for !l.writing {
		switch l.waiters.First().(type) {
		case *readWait:
			if !l.waiters.WakeFirst() {
				continue
			}
			l.readers++
		case *writeWait:
			if l.readers > 0 {
				return
			}
			if !l.waiters.WakeFirst() {
				continue
			}
			l.writing = true
		default:
			return
		}
		l.coming++
	}
}

// Locked reports whether anyone holds the lock, to write or to read, or has been woken to.
func (l *RWLock) Locked() bool {
	l.check("RWLock.Locked")
	return l.taken()
}

// With runs fn while holding the lock to write. It returns the error of Acquire, or of fn.
func (l *RWLock) With(ctx context.Context, fn func() error) error {
	if fn == nil {
		panic(nilFunction)
	}
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	defer l.Release()
	return fn()
}

// WithRead runs fn while holding the lock to read. It returns the error of AcquireRead, or
// of fn.
func (l *RWLock) WithRead(ctx context.Context, fn func() error) error {
	if fn == nil {
		panic(nilFunction)
	}
	if err := l.AcquireRead(ctx); err != nil {
		return err
	}
	defer l.ReleaseRead()
	return fn()
}
