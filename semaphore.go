package asyncio

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Semaphore hands out a number of permits, in the order in which tasks ask.
// A permit that is released goes at once to the next task that waits. AcquireN takes
// several, for work of different weights, and SetLimit changes how many there are. The
// zero Semaphore has no permits. In Python: asyncio.Semaphore. For the loop only.
type Semaphore struct {
	holding
	free    int // negative: that many permits have to come back before one is free
	woken   int // how many tasks were given permits and have not run since
	waiters engine.Waiters
	size    int  // how many permits it was made with, or SetLimit has set since
	large   int  // how many tasks have waited for several permits and not gone on since
	bounded bool // size is the most that there can be
}

// NewSemaphore returns a semaphore with n permits.
func NewSemaphore(n int) *Semaphore {
	if n < 0 {
		panic(fmt.Sprintf("asyncio: NewSemaphore(%d): the number of permits cannot be negative", n))
	}
	return &Semaphore{free: n, size: n}
}

// Acquire takes a permit, and suspends the calling task until there is one. If ctx is
// canceled, it returns an error that is ErrCanceled, without a permit.
func (s *Semaphore) Acquire(ctx context.Context) error {
	w, err := engine.Begin(ctx, "Semaphore.Acquire")
	if err != nil {
		return err
	}
	s.bind(w, "Semaphore.Acquire")
	if s.take() {
		return nil
	}
	if err := w.Park(&s.waiters, (*semaphoreWait)(s)); err != nil {
		s.left()
		return err
	}
	s.keepPromise()
	return nil
}

// keepPromise takes the permit that a task was woken to take.
func (s *Semaphore) keepPromise() {
	s.woken--
	s.holding.take()
	// Permits that were released after this task was woken had to wait for it.
	if s.free > 0 {
		s.serve()
	}
}

// SetName gives the semaphore a name, which all reports about it show. It does not
// suspend. For the loop only; before the semaphore is used there, the goroutine that
// makes it may call SetName.
func (s *Semaphore) SetName(name string) {
	s.check("Semaphore.SetName")
	setName(&s.object, (*semaphoreWait)(s), s.loop, name)
}

var labelSemaphore = engine.NewLabel("semaphore")

// semaphoreWait is a semaphore as what a task waits for.
type semaphoreWait Semaphore

func (w *semaphoreWait) Describe() string { return described(labelSemaphore, w.object) }

func (w *semaphoreWait) Ref(l *engine.Loop) engine.Ref {
	if n := w.object.In(l); n != 0 {
		return engine.Ref{Label: labelSemaphore, Number: n}
	}
	return refTo(&w.object, w, l, labelSemaphore)
}

func (w *semaphoreWait) State() engine.ObjectState {
	s := engine.ObjectState{Kind: labelSemaphore, Len: max(w.size-w.free, 0), Cap: w.size, Waiters: w.waiters.Len()}
	if s.Len > 0 {
		s.Holder, s.Since = w.holder, w.since
	}
	return s
}

// TryAcquire takes a permit if there is one and no one waits.
func (s *Semaphore) TryAcquire() bool {
	s.check("Semaphore.TryAcquire")
	return s.take()
}

func (s *Semaphore) take() bool { return s.takeN(1) }

// Release gives a permit back. It does not suspend.
func (s *Semaphore) Release() {
	s.check("Semaphore.Release")
	s.giveBack()
	s.handOver(1)
}

// Locked reports whether Acquire would have to wait.
func (s *Semaphore) Locked() bool {
	s.check("Semaphore.Locked")
	return s.empty()
}

func (s *Semaphore) empty() bool {
	return s.free <= 0 || s.woken > 0 || !s.waiters.Empty()
}

// With runs fn while holding a permit. It returns the error of Acquire, or of
// fn. In Python: async with semaphore.
func (s *Semaphore) With(ctx context.Context, fn func() error) error {
	if fn == nil {
		panic(nilFunction)
	}
	if err := s.Acquire(ctx); err != nil {
		return err
	}
	defer s.Release()
	return fn()
}

// A BoundedSemaphore is a Semaphore that panics when more permits are released than were
// acquired, and refuses a request for more permits than there are. In Python:
// asyncio.BoundedSemaphore. For the loop only.
type BoundedSemaphore struct{ s Semaphore }

// NewBoundedSemaphore returns a semaphore with n permits.
func NewBoundedSemaphore(n int) *BoundedSemaphore {
	if n < 0 {
		panic(fmt.Sprintf("asyncio: NewBoundedSemaphore(%d): the number of permits cannot be negative", n))
	}
	return &BoundedSemaphore{Semaphore{free: n, size: n, bounded: true}}
}

// Acquire takes a permit; see Semaphore.Acquire.
func (b *BoundedSemaphore) Acquire(ctx context.Context) error { return b.s.Acquire(ctx) }

// TryAcquire takes a permit if there is one and no one waits.
func (b *BoundedSemaphore) TryAcquire() bool { return b.s.TryAcquire() }

// Release gives a permit back. It panics if all are there.
func (b *BoundedSemaphore) Release() {
	b.s.check("BoundedSemaphore.Release")
	if b.s.free >= b.s.size {
		panic(fmt.Sprintf("asyncio: Release of a BoundedSemaphore that has all its %d permits: release once for each Acquire that returned nil", b.s.size))
	}
	b.s.Release()
}

// Locked reports whether Acquire would have to wait.
func (b *BoundedSemaphore) Locked() bool { return b.s.Locked() }

// SetName gives the semaphore a name; see Semaphore.SetName.
func (b *BoundedSemaphore) SetName(name string) { b.s.SetName(name) }

// With runs fn while holding a permit; see Semaphore.With.
func (b *BoundedSemaphore) With(ctx context.Context, fn func() error) error {
	if fn == nil {
		panic(nilFunction)
	}
	if err := b.Acquire(ctx); err != nil {
		return err
	}
	defer b.Release()
	return fn()
}
