package asynciotest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// The primitives of the library in many orders, with cancellations at moments
// of chance. A wake-up, permit or item that is lost ends in a deadlock.

// crowd runs fn in several tasks and cancels one of them at some moment.
func crowd(ctx context.Context, size int, fn func(ctx context.Context, i int) error) error {
	chance := asynciotest.Rand(ctx)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tasks := make([]*asyncio.Task[struct{}], size)
		for i := range tasks {
			tasks[i] = tg.Go(func(ctx context.Context) error { return fn(ctx, i) })
		}
		for range chance.IntN(10) {
			_ = asyncio.Yield(ctx)
		}
		tasks[chance.IntN(size)].Cancel()
		return nil
	})
}

func pause(ctx context.Context) error {
	if asynciotest.Rand(ctx).IntN(2) == 0 {
		return asyncio.Yield(ctx)
	}
	return asyncio.Sleep(ctx, time.Second)
}

// atMost returns the body of a critical section, and fails if more than n are
// in it at once.
func atMost(t *testing.T, n int) func(ctx context.Context) error {
	inside := 0
	return func(ctx context.Context) error {
		if inside++; inside > n {
			t.Errorf("%d are inside, %d may be", inside, n)
		}
		defer func() { inside-- }()
		return pause(ctx)
	}
}

func TestLockInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var lock asyncio.Lock
		section := atMost(t, 1)
		err := crowd(ctx, 5, func(ctx context.Context, _ int) error {
			return lock.With(ctx, func() error { return section(ctx) })
		})
		if err != nil || lock.Locked() {
			t.Errorf("%v, locked: %v", err, lock.Locked())
		}
	})
}

func TestSemaphoreInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		sem := asyncio.NewBoundedSemaphore(2)
		section := atMost(t, 2)
		err := crowd(ctx, 6, func(ctx context.Context, _ int) error {
			return sem.With(ctx, func() error { return section(ctx) })
		})
		if err != nil || !sem.TryAcquire() || !sem.TryAcquire() {
			t.Errorf("%v, or a permit is lost", err)
		}
	})
}

func TestConditionInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var cond asyncio.Condition
		open := false
		opener := asyncio.Go(ctx, func(ctx context.Context) error {
			if err := pause(ctx); err != nil {
				return err
			}
			return cond.With(ctx, func() error {
				open = true
				cond.NotifyAll()
				return nil
			})
		})
		err := crowd(ctx, 5, func(ctx context.Context, _ int) error {
			return cond.With(ctx, func() error { return cond.WaitFor(ctx, func() bool { return open }) })
		})
		if _, failed := opener.Await(ctx); err != nil || failed != nil {
			t.Error(err, failed)
		}
	})
}

func TestQueueInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		queue := asyncio.NewQueue[int](2)
		put, got := 0, 0
		consumer := asyncio.Go(ctx, func(ctx context.Context) error {
			for _, err := range queue.All(ctx) {
				if err != nil {
					return err
				}
				got++
			}
			return nil
		})
		err := crowd(ctx, 4, func(ctx context.Context, i int) error {
			for range 3 {
				if err := queue.Put(ctx, i); err != nil {
					return err
				}
				put++
			}
			return pause(ctx)
		})
		queue.Shutdown(false)
		if _, failed := consumer.Await(ctx); err != nil || failed != nil || put != got {
			t.Errorf("%v, %v: put %d, got %d", err, failed, put, got)
		}
	})
}

func TestGroupsAndTimeoutsInManyOrders(t *testing.T) {
	boom := errors.New("boom")
	asynciotest.Explore(t, func(ctx context.Context) {
		err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for i := range 4 {
					tg.Go(func(ctx context.Context) error {
						if err := pause(ctx); err != nil || i != 2 {
							return errors.Join(err, asyncio.Sleep(ctx, time.Hour))
						}
						return boom
					})
				}
				return nil
			})
		})
		if !errors.Is(err, boom) {
			t.Error(err)
		}
	})
}
