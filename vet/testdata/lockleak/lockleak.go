package lockleak

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/asyncio-go/asyncio"
)

type server struct {
	lock    asyncio.Lock
	state   *asyncio.RWLock
	pool    *asyncio.Semaphore
	slots   *asyncio.BoundedSemaphore
	never   asyncio.Lock
	tried   asyncio.BoundedSemaphore
	signals asyncio.Semaphore
	conns   int
}

var errClosed = errors.New("closed")

func (s *server) work(ctx context.Context) error { return asyncio.Sleep(ctx, 1) }

func (s *server) onePath(ctx context.Context, n int) error {
	if err := s.lock.Acquire(ctx); err != nil { // want `^server.onePath acquires s.lock and does not release it on the path to the return on line 32: who acquires it next waits for ever; write defer s.lock.Release\(\) after the check of the error, or release it there \(asyncio-lock-leak\)$`
		return err
	}
	if n > 0 {
		return errClosed
	}
	s.lock.Release()
	return nil
}

func (s *server) noPath(ctx context.Context) error {
	if err := s.never.Acquire(ctx); err != nil { // want `^server.noPath acquires s.never and no path releases it: who acquires it next waits for ever; write defer s.never.Release\(\) after the check of the error \(asyncio-lock-leak\)$`
		return err
	}
	return s.work(ctx)
}

func (s *server) read(ctx context.Context) (int, error) {
	err := s.state.AcquireRead(ctx) // want `acquires s.state and does not release it on the path to the return on line 51`
	if err != nil {
		return 0, err
	}
	if err := s.work(ctx); err != nil {
		return 0, err
	}
	s.state.ReleaseRead()
	return s.conns, nil
}

func (s *server) try(ctx context.Context) {
	if !s.tried.TryAcquire() { // want `acquires s.tried and does not release it on the path to the end of the function`
		return
	}
	if s.conns > 0 {
		s.tried.Release()
	}
}

func several(ctx context.Context) error {
	sem := asyncio.NewSemaphore(3)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for range 5 {
			tg.Go(func(ctx context.Context) error {
				if err := sem.AcquireN(ctx, 2); err != nil { // want `acquires sem and no path releases it`
					return err
				}
				return asyncio.Sleep(ctx, 1)
			})
		}
		return nil
	})
}

func early(ctx context.Context, l *asyncio.Lock, ok bool) error {
	if err := l.Acquire(ctx); err != nil { // want `acquires l and does not release it on the path to the return on line 86`
		return fmt.Errorf("no lock: %w", err)
	}
	if !ok {
		return errClosed // the release is deferred too late
	}
	defer l.Release()
	return asyncio.Sleep(ctx, 1)
}

// get hands a permit to its caller, who gives it back with put; but not if get fails.
func (s *server) get(ctx context.Context) (*int, error) {
	if err := s.pool.Acquire(ctx); err != nil { // want `acquires s.pool and does not release it on the path to the return on line 98`
		return nil, err
	}
	if err := s.work(ctx); err != nil {
		return nil, err
	}
	return new(int), nil
}

func (s *server) put(*int) { s.pool.Release() }

func dropped(ctx context.Context, s *server, n int) {
	_ = s.state.Acquire(ctx) // want `acquires s.state and does not release it on the path to the end`
	if n > 0 {
		s.state.Release()
	}
}

// What follows is right.

func (s *server) good(ctx context.Context, n int) (err error) {
	if err = s.lock.Acquire(ctx); err != nil {
		return err
	}
	defer s.lock.Release()
	if n > 0 {
		return errClosed
	}
	return s.work(ctx)
}

func (s *server) goodForms(ctx context.Context, n int) error {
	err := s.state.Acquire(ctx)
	if errors.Is(err, asyncio.ErrCanceled) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.work(ctx)
	s.state.Release()
	if err != nil {
		return err
	}
	if s.lock.Acquire(ctx) != nil {
		return errClosed
	}
	defer func() {
		s.conns--
		s.lock.Release()
	}()
	if !s.slots.TryAcquire() {
		return errClosed
	}
	s.leave()
	switch err := s.slots.AcquireN(ctx, 2); {
	case err != nil:
		return err
	case n > 0:
		s.slots.ReleaseN(2)
		return nil
	default:
		s.slots.Release()
		s.slots.Release()
	}
	if s.conns > 5 {
		panic("too many")
	}
	return s.work(ctx)
}

func (s *server) leave() { s.slots.Release() }

// acquire hands the lock to its caller.
func (s *server) acquire(ctx context.Context) error { return s.lock.Acquire(ctx) }

func (s *server) acquired(ctx context.Context) (release func(), err error) {
	if err := s.lock.Acquire(ctx); err != nil {
		return nil, err
	}
	return s.lock.Release, nil
}

func (s *server) withFunction(ctx context.Context) (release func(), err error) {
	if err := s.lock.Acquire(ctx); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { s.lock.Release() }), nil
}

// spawn hands the permit to a task.
func spawn(ctx context.Context, jobs *asyncio.Queue[int]) error {
	sem := asyncio.NewSemaphore(3)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for {
			if err := sem.Acquire(ctx); err != nil {
				return err
			}
			if _, err := jobs.Get(ctx); err != nil {
				return err
			}
			tg.Go(func(ctx context.Context) error {
				defer sem.Release()
				return asyncio.Sleep(ctx, 1)
			})
		}
	})
}

// passed hands the lock on.
func passed(ctx context.Context, s *server) error {
	l := new(asyncio.Lock)
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	asyncio.Go(ctx, func(ctx context.Context) error { return use(ctx, l) })
	return nil
}

func use(ctx context.Context, l *asyncio.Lock) error {
	defer l.Release()
	return asyncio.Yield(ctx)
}

func waitFor(ctx context.Context, c *asyncio.Condition, ready *bool) error {
	if err := c.Acquire(ctx); err != nil {
		return err
	}
	defer c.Release()
	for !*ready {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func inLoop(ctx context.Context, l *asyncio.Lock, n int) error {
	for range n {
		if err := l.Acquire(ctx); err != nil {
			return err
		}
		err := asyncio.Sleep(ctx, 1)
		l.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func expectCanceled(err error) {}

// alone holds locks that no one else can want.
func alone(ctx context.Context, s *server) error {
	var l asyncio.Lock
	if err := l.Acquire(ctx); err != nil {
		return err
	}
	_ = asyncio.NewSemaphore(1).Acquire(ctx)
	expectCanceled(s.never.Acquire(ctx))
	s.never.TryAcquire()
	if !s.never.TryAcquire() {
		return errClosed
	}
	return nil
}

// relay acquires a lock that its caller hands over, and gives the next one free.
func relay(mine, next *asyncio.Lock) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		if err := mine.Acquire(ctx); err != nil {
			return err
		}
		next.Release()
		return nil
	}
}

// signal uses a semaphore for signals.
func (s *server) signal(ctx context.Context, wake bool) error {
	if wake {
		s.signals.Release()
		return nil
	}
	return errors.Join(s.signals.Acquire(ctx), s.work(ctx))
}

func (s *server) awaitSignal(ctx context.Context, wake bool) error {
	if wake {
		s.signals.Release()
		return nil
	}
	if err := s.signals.Acquire(ctx); err != nil {
		return err
	}
	return s.work(ctx)
}

// Limits are released by who knows.
type Limits struct {
	Open    asyncio.Semaphore
	perHost map[string]*asyncio.Semaphore
	all     []*asyncio.Semaphore
}

func (l *Limits) take(ctx context.Context, host string) error {
	if err := l.Open.Acquire(ctx); err != nil {
		return err
	}
	if err := l.perHost[host].Acquire(ctx); err != nil {
		return err
	}
	if err := l.all[0].Acquire(ctx); err != nil {
		return err
	}
	return nil
}

// two are different locks.
func two(ctx context.Context) error {
	a, b := asyncio.NewSemaphore(1), asyncio.NewSemaphore(0)
	if err := a.Acquire(ctx); err != nil {
		return err
	}
	defer a.Release()
	if err := b.Acquire(ctx); err != nil {
		return err
	}
	return nil
}
