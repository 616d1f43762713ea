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

// conditionScenario waits for a condition, whose lock must be held whenever
// the wait returns.
func conditionScenario(ctx context.Context, s *stage) error {
	var lock asyncio.Lock
	cond := asyncio.NewCondition(&lock)
	if err := cond.Acquire(ctx); err != nil {
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
