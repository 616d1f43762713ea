package asyncio

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// ErrSemaphoreLimit is returned by BoundedSemaphore.AcquireN for more permits than the
// semaphore has, so that no number of releases could make it succeed.
var ErrSemaphoreLimit = errors.New("asyncio: more permits are asked for than the semaphore has: ask for fewer, or raise its limit with SetLimit")

// AcquireN takes n permits at once, and suspends the calling task until there are n. It
// takes all of them or none. Requests are served in the order in which they came, so
// small requests do not overtake a large one that came before: they wait even if there
// are permits for them. If ctx is canceled, it returns an error that is ErrCanceled,
// without a permit, and those behind it go on if they can.
//
// A request for more permits than the semaphore was made with waits like any other,
// because Release and SetLimit can add permits; a BoundedSemaphore refuses it. If n is 0,
// AcquireN does not wait; if n is negative, it panics. Python has no counterpart; in Go:
// Weighted.Acquire of x/sync/semaphore; in tokio: acquire_many.
func (s *Semaphore) AcquireN(ctx context.Context, n int) error {
	mustBePermits("AcquireN", n)
	w, err := engine.Begin(ctx, "Semaphore.AcquireN")
	if err != nil {
		return err
	}
	s.bind(w, "Semaphore.AcquireN")
	switch {
	case s.bounded && n > s.size:
		return ErrSemaphoreLimit
	case s.takeN(n):
		return nil
	}
	return s.waitFor(w, n)
}

// waitFor waits for n permits.
func (s *Semaphore) waitFor(w *engine.Wait, n int) error {
	r := &request{s: s, n: n}
	s.large++
	err := w.Park(&s.waiters, r)
	s.large--
	switch {
	case err != nil:
		s.serve() // it may have kept those behind it waiting
		return err
	case r.refused:
		return ErrSemaphoreLimit
	}
	s.keepPromise()
	return nil
}

// TryAcquireN takes n permits if there are n and no task waits. It does not suspend.
func (s *Semaphore) TryAcquireN(n int) bool {
	s.check("Semaphore.TryAcquireN")
	mustBePermits("TryAcquireN", n)
	return s.takeN(n)
}

func (s *Semaphore) takeN(n int) bool {
	if n == 0 {
		return true
	}
	if s.empty() || n > s.free {
		return false
	}
	s.free -= n
	s.holding.take()
	return true
}

// ReleaseN gives n permits back. They may be some of those that one AcquireN took, or
// those of several. It does not suspend. It panics if n is negative.
func (s *Semaphore) ReleaseN(n int) {
	s.check("Semaphore.ReleaseN")
	mustBePermits("ReleaseN", n)
	if n > 0 {
		s.mustBeCountable(n)
		s.giveBack()
		s.handOver(n)
	}
}

// SetLimit changes how many permits there are, as if the semaphore had been made with n.
// If n is larger than before, waiting tasks that now can go on do so. If n is smaller,
// tasks keep the permits that they hold, and permits that come back are taken out of use
// until only n are left. It does not suspend. It panics if n is negative. Python has no
// counterpart; in trio: CapacityLimiter.total_tokens.
func (s *Semaphore) SetLimit(n int) {
	s.check("Semaphore.SetLimit")
	mustBePermits("SetLimit", n)
	s.mustBeCountable(n - s.size)
	s.free += n - s.size
	s.size = n
	s.serve()
}

// handOver gives permits to those that wait, and keeps what is left. If each waiting task
// wants one permit, permits that were free before are kept while a woken task has not
// run, as in asyncio, so that ReleaseN(n) does the same as n calls of Release.
func (s *Semaphore) handOver(n int) {
	if s.large > 0 || s.free < 0 {
		s.free += n
		s.serve()
		return
	}
	for ; n > 0 && s.waiters.Wake(); n-- {
		s.woken++
	}
	s.free += n
}

// mustBeCountable panics if n more permits would overflow an int.
func (s *Semaphore) mustBeCountable(n int) {
	if s.free > 0 && n > math.MaxInt-s.free {
		panic("asyncio: a semaphore with more permits than an int can count: release only what was acquired")
	}
}

func mustBePermits(method string, n int) {
	if n < 0 {
		panic(fmt.Sprintf("asyncio: %s(%d): the number of permits cannot be negative", method, n))
	}
}

// A request is a wait of a task for several permits.
type request struct {
	s       *Semaphore
	n       int
	refused bool
}

// serve gives free permits to those that wait, as long as there are enough for the first
// in line. It refuses what a BoundedSemaphore can no longer give.
func (s *Semaphore) serve() {
	for {
		r, n := s.first()
		switch {
		case n == 0:
			return
		case s.bounded && n > s.size && r != nil:
			s.waiters.Wake()
			r.refused = true
			continue
		case n > s.free:
			return
		}
		if s.waiters.WakeFirst() {
			s.woken++
			s.free -= n
		}
	}
}

// first returns how many permits the first in line waits for, and its request if that is
// for several.
func (s *Semaphore) first() (r *request, n int) {
	if s.waiters.Empty() {
		return nil, 0
	}
	if r, ok := s.waiters.First().(*request); ok {
		return r, r.n
	}
	return nil, 1
}

// left is called when a task that has waited for one permit has left the line. The first
// one may now be a request that has to be refused.
func (s *Semaphore) left() {
	if s.large > 0 {
		s.serve()
	}
}

func (r *request) Describe() string              { return (*semaphoreWait)(r.s).Describe() }
func (r *request) Ref(l *engine.Loop) engine.Ref { return (*semaphoreWait)(r.s).Ref(l) }
func (r *request) State() engine.ObjectState     { return (*semaphoreWait)(r.s).State() }

// AcquireN takes n permits at once; see Semaphore.AcquireN. For more permits than the
// semaphore has, it returns ErrSemaphoreLimit, because there can never be so many; it
// does so at once, or, if SetLimit has lowered the limit meanwhile, when it is the first
// in line.
func (b *BoundedSemaphore) AcquireN(ctx context.Context, n int) error { return b.s.AcquireN(ctx, n) }

// TryAcquireN takes n permits if there are n and no task waits.
func (b *BoundedSemaphore) TryAcquireN(n int) bool { return b.s.TryAcquireN(n) }

// ReleaseN gives n permits back; see Semaphore.ReleaseN. It panics if n is more than were
// acquired.
func (b *BoundedSemaphore) ReleaseN(n int) {
	b.s.check("BoundedSemaphore.ReleaseN")
	if n > b.s.size-b.s.free {
		panic(fmt.Sprintf("asyncio: ReleaseN(%d) of a BoundedSemaphore of which %d permits are taken: release what was acquired", n, b.s.size-b.s.free))
	}
	b.s.ReleaseN(n)
}

// SetLimit changes how many permits there are; see Semaphore.SetLimit.
func (b *BoundedSemaphore) SetLimit(n int) { b.s.SetLimit(n) }
