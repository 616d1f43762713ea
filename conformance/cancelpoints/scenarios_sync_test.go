// The scenarios of TestCancelAtEverySuspensionPoint that are about locks,
// queues and the like. What they hold afterwards must be as it was before.

package cancelpoints

import (
	"context"
	"errors"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

var syncScenarios = []scenario{
	{name: "Event.Wait", run: func(ctx context.Context, s *stage) error {
		var event asyncio.Event
		s.loop.CallLater(3*ms, event.Set)
		return event.Wait(ctx)
	}},
	{name: "Lock.Acquire", run: guarded(func() guard { return new(asyncio.Lock) })},
	{name: "Semaphore.Acquire", run: guarded(func() guard { return asyncio.NewSemaphore(1) })},
	{name: "BoundedSemaphore.Acquire", run: guarded(func() guard { return asyncio.NewBoundedSemaphore(1) })},
	{name: "Semaphore.AcquireN", run: guarded(func() guard { return several{asyncio.NewSemaphore(3)} })},
	{name: "Semaphore.AcquireN at the head", run: headScenario(weightedHead)},
	{name: "RWLock.Acquire at the head", run: headScenario(rwLockHead)},
	{name: "RWLock.Acquire", run: guarded(func() guard { return new(asyncio.RWLock) })},
	{name: "RWLock.AcquireRead", run: rwLockScenario},
	{name: "Broadcast.Put", run: func(ctx context.Context, s *stage) error {
		b := asyncio.NewBroadcast[int](1)
		fast, slow := b.Subscribe(), b.Subscribe()
		if err := errors.Join(b.TryPut(1), only(fast.TryGet())); err != nil {
			return err
		}
		s.loop.CallLater(3*ms, func() { slow.TryGet() })
		err := b.Put(ctx, 2)
		want := 0
		if err == nil {
			want = 1
		} else if err2 := asyncio.Sleep(context.WithoutCancel(ctx), 5*ms); err2 != nil {
			return err2
		}
		if fast.Len() != want || slow.Len() != want {
			return fmt.Errorf("one subscriber has %d items, the other %d, want %d (%v)", fast.Len(), slow.Len(), want, err)
		}
		return err
	}},
	{name: "Subscriber.Get", run: func(ctx context.Context, s *stage) error {
		b := asyncio.NewBroadcast[int](1)
		sub := b.Subscribe()
		s.loop.CallLater(3*ms, func() { b.TryPut(1) })
		_, err := sub.Get(ctx)
		if err == nil {
			return nil
		}
		return errors.Join(err, asyncio.Sleep(context.WithoutCancel(ctx), 5*ms), only(sub.TryGet()))
	}},
	{name: "Watch.Wait", run: func(ctx context.Context, s *stage) error {
		var x asyncio.Watch[int]
		s.loop.CallLater(2*ms, func() { x.Set(1) })
		s.loop.CallLater(3*ms, func() { x.Set(2) })
		_, err := x.Wait(ctx, func(v int) bool { return v == 2 })
		return err
	}},
	{name: "Condition.Wait", run: conditionScenario},
	{name: "Barrier.Wait", run: func(ctx context.Context, s *stage) error {
		bar := asyncio.NewBarrier(2)
		other := asyncio.CreateTask(ctx, func(ctx context.Context) (struct{}, error) {
			if err := asyncio.Sleep(ctx, 3*ms); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, only(bar.Wait(ctx))
		})
		err := only(bar.Wait(ctx))
		other.Cancel()
		_, ended := other.Await(context.WithoutCancel(ctx))
		if bar.Waiting() != 0 || bar.Broken() {
			return fmt.Errorf("%d still wait, broken %v", bar.Waiting(), bar.Broken())
		}
		if canceled(ended) {
			ended = nil
		}
		return errors.Join(err, ended)
	}},
	{name: "Queue.Get", run: queueScenario(func(ctx context.Context, q *asyncio.Queue[int], s *stage) (int, error) {
		s.loop.CallLater(3*ms, func() { q.TryPut(1) })
		_, err := q.Get(ctx)
		if err == nil {
			return 0, nil
		}
		return 1, errors.Join(err, asyncio.Sleep(context.WithoutCancel(ctx), 5*ms))
	})},
	{name: "Queue.Put", run: queueScenario(func(ctx context.Context, q *asyncio.Queue[int], s *stage) (int, error) {
		if err := q.TryPut(1); err != nil {
			return 0, err
		}
		s.loop.CallLater(3*ms, func() { q.TryGet() })
		err := q.Put(ctx, 2)
		if err == nil {
			return 1, nil
		}
		return 0, errors.Join(err, asyncio.Sleep(context.WithoutCancel(ctx), 5*ms))
	})},
	{name: "Select of an item", run: selectScenario(func(q *asyncio.Queue[int], l *asyncio.Lock, sem *asyncio.Semaphore) {
		_ = q.TryPut(1)
		l.Release()
		sem.Release()
	})},
	{name: "Select of a lock", run: selectScenario(func(q *asyncio.Queue[int], l *asyncio.Lock, sem *asyncio.Semaphore) {
		l.Release()
		sem.Release()
		_ = q.TryPut(1)
	})},
	{name: "Select of a permit", run: selectScenario(func(q *asyncio.Queue[int], l *asyncio.Lock, sem *asyncio.Semaphore) {
		sem.Release()
		_ = q.TryPut(1)
		l.Release()
	})},
	{name: "Queue.Join", run: queueScenario(func(ctx context.Context, q *asyncio.Queue[int], s *stage) (int, error) {
		if err := q.TryPut(1); err != nil {
			return 0, err
		}
		s.loop.CallLater(3*ms, func() {
			q.TryGet()
			q.TaskDone()
		})
		err := q.Join(ctx)
		return 0, errors.Join(err, asyncio.Sleep(context.WithoutCancel(ctx), 5*ms))
	})},
}

// selectScenario waits in several lines, of which one comes at last, whichever it is: all
// that may have come then is as it was, but for what was chosen.
func selectScenario(come func(q *asyncio.Queue[int], l *asyncio.Lock, sem *asyncio.Semaphore)) func(ctx context.Context, s *stage) error {
	return func(ctx context.Context, s *stage) error {
		var q asyncio.Queue[int]
		var l asyncio.Lock
		sem := asyncio.NewSemaphore(0)
		l.TryAcquire()
		came := false
		s.loop.CallLater(3*ms, func() {
			come(&q, &l, sem)
			came = true
		})
		item := 0
		chosen, err := asyncio.Select(ctx, q.OnGet(&item), l.OnAcquire(), sem.OnAcquire(), asyncio.After(longTime))
		if err != nil {
			if err2 := asyncio.Sleep(context.WithoutCancel(ctx), 5*ms); err2 != nil {
				return err2
			}
		}
		switch chosen {
		case 1:
			l.Release()
		case 2:
			sem.Release()
		}
		items := q.Len() + item
		if came && (items != 1 || l.Locked() || !sem.TryAcquire() || sem.TryAcquire()) {
			return fmt.Errorf("%d is chosen (%v): %d items, locked: %v, or a permit is lost", chosen, err, items, l.Locked())
		}
		return err
	}
}

// A guard is what Lock and Semaphore share.
type guard interface {
	Acquire(ctx context.Context) error
	Release()
	Locked() bool
}

// guarded waits for a guard that a callback gives back.
func guarded(newGuard func() guard) func(ctx context.Context, s *stage) error {
	return func(ctx context.Context, s *stage) error {
		g := newGuard()
		if err := g.Acquire(ctx); err != nil {
			return err
		}
		s.loop.CallLater(3*ms, g.Release)
		err := g.Acquire(ctx)
		if err == nil {
			g.Release()
		} else if err2 := asyncio.Sleep(context.WithoutCancel(ctx), 5*ms); err2 != nil {
			return err2
		}
		if g.Locked() {
			return errors.New("it is still locked")
		}
		return err
	}
}

// several is a semaphore of which all permits are taken at once.
type several struct{ *asyncio.Semaphore }

func (s several) Acquire(ctx context.Context) error { return s.AcquireN(ctx, 3) }
func (s several) Release()                          { s.ReleaseN(3) }

// headScenario waits in first, before a task that waits in second for what is there. If
// that in first is canceled, the other goes on though nothing is given back.
func headScenario(newHead func() (first, second guard, giveBack func())) func(ctx context.Context, s *stage) error {
	return func(ctx context.Context, s *stage) error {
		first, second, giveBack := newHead()
		giving := s.loop.CallLater(4*ms, giveBack)
		var start asyncio.Event // wakes both, so that the other is in line before a cancellation
		behind := asyncio.Go(ctx, func(ctx context.Context) error {
			return errors.Join(start.Wait(ctx), second.Acquire(ctx))
		})
		s.loop.CallLater(ms, start.Set)
		err := start.Wait(ctx)
		if err == nil {
			err = first.Acquire(ctx)
		}
		if err == nil {
			first.Release()
		} else {
			giving.Cancel()
		}
		if _, ended := behind.Await(context.WithoutCancel(ctx)); ended != nil {
			return fmt.Errorf("the task behind it: %w", ended)
		}
		if second.Release(); err != nil {
			giveBack()
		}
		if first.Locked() {
			return errors.New("it is still locked")
		}
		return err
	}
}

func weightedHead() (first, second guard, giveBack func()) {
	sem := asyncio.NewSemaphore(3)
	sem.TryAcquire()
	return several{sem}, sem, sem.Release
}

func rwLockHead() (first, second guard, giveBack func()) {
	lock := new(asyncio.RWLock)
	lock.TryAcquireRead()
	return lock, reading{lock}, lock.ReleaseRead
}

// reading is a lock that is taken to read.
type reading struct{ *asyncio.RWLock }

func (r reading) Acquire(ctx context.Context) error { return r.AcquireRead(ctx) }
func (r reading) Release()                          { r.ReleaseRead() }

// rwLockScenario waits to read for a writer that waits for a reader.
func rwLockScenario(ctx context.Context, s *stage) error {
	var lock asyncio.RWLock
	lock.TryAcquireRead()
	s.loop.CallLater(3*ms, lock.ReleaseRead)
	writer := asyncio.Go(ctx, func(ctx context.Context) error {
		return lock.With(ctx, func() error { return asyncio.Sleep(ctx, 2*ms) })
	})
	if err := asyncio.Sleep(ctx, ms); err != nil {
		writer.Cancel()
		return errors.Join(err, asyncio.Sleep(context.WithoutCancel(ctx), 5*ms))
	}
	err := lock.WithRead(ctx, func() error { return asyncio.Sleep(ctx, ms) })
	if _, ended := writer.Await(context.WithoutCancel(ctx)); ended != nil {
		return fmt.Errorf("the writer: %w", ended)
	}
	if lock.Locked() {
		return errors.New("it is still locked")
	}
	return err
}

// conditionScenario waits for a condition, whose lock must be held whenever
// the wait returns.
func conditionScenario(ctx context.Context, s *stage) error {
	var lock asyncio.Lock
	cond := asyncio.NewCondition(&lock)
	if err := cond.Acquire(ctx); err != nil { //asyncio:ok lock-leak the lock ends with the scenario
		return err
	}
	notifier := asyncio.Go(ctx, func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, 3*ms); err != nil {
			return err
		}
		return cond.With(ctx, func() error {
			cond.Notify(1)
			return asyncio.Sleep(ctx, 2*ms)
		})
	})
	err := cond.Wait(ctx)
	if !lock.Locked() {
		return errors.New("Wait has returned without the lock")
	}
	cond.Release()
	notifier.Cancel()
	if _, ended := notifier.Await(context.WithoutCancel(ctx)); ended != nil && !canceled(ended) {
		return ended
	}
	if lock.Locked() {
		return errors.New("the lock is still held")
	}
	return err
}

// queueScenario runs op, which returns how many items are in the queue
// afterwards.
func queueScenario(op func(ctx context.Context, q *asyncio.Queue[int], s *stage) (int, error)) func(ctx context.Context, s *stage) error {
	return func(ctx context.Context, s *stage) error {
		q := asyncio.NewQueue[int](1)
		want, err := op(ctx, q, s)
		if q.Len() != want {
			return fmt.Errorf("%d items in the queue, want %d (%v)", q.Len(), want, err)
		}
		return err
	}
}
