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

// Tasks want one to three permits, and the limit changes meanwhile.
func TestWeightedSemaphoreInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		sem := asyncio.NewBoundedSemaphore(4)
		inside, most := 0, 4
		limits := asyncio.Go(ctx, func(ctx context.Context) error {
			for range 4 {
				if err := pause(ctx); err != nil {
					return err
				}
				most = 3 + asynciotest.Rand(ctx).IntN(4)
				sem.SetLimit(most)
			}
			return nil
		})
		err := crowd(ctx, 7, func(ctx context.Context, i int) error {
			n := 1 + i%3
			if err := sem.AcquireN(ctx, n); err != nil {
				return err
			}
			if inside += n; inside > 6 {
				t.Errorf("%d permits are in use", inside)
			}
			err := pause(ctx)
			inside -= n
			sem.ReleaseN(n)
			return err
		})
		_, failed := limits.Await(ctx)
		if err != nil || failed != nil || !sem.TryAcquireN(most) || sem.TryAcquire() {
			t.Errorf("%v, %v, or there are not %d permits", err, failed, most)
		}
	})
}

func TestRWLockInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var lock asyncio.RWLock
		readers, writers := 0, 0
		section := func(ctx context.Context, inside *int) error {
			*inside++
			defer func() { *inside-- }()
			if writers > 1 || writers > 0 && readers > 0 {
				t.Errorf("%d readers and %d writers are inside", readers, writers)
			}
			return pause(ctx)
		}
		err := crowd(ctx, 7, func(ctx context.Context, i int) error {
			if i%3 == 0 {
				return lock.With(ctx, func() error { return section(ctx, &writers) })
			}
			return lock.WithRead(ctx, func() error { return section(ctx, &readers) })
		})
		if err != nil || !lock.TryAcquire() {
			t.Errorf("%v, or the lock is not free", err)
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

// A radio is a broadcast, and what was put in so far.
type radio struct {
	*asyncio.Broadcast[int]
	sent []int
}

// listen subscribes, takes up to that many items, and expects all that were put in since,
// in their order. It returns how many it got.
func (r *radio) listen(ctx context.Context, t *testing.T, most int) (got int, err error) {
	s, begin := r.Subscribe(), len(r.sent)
	defer s.Close()
	for item, err := range s.All(ctx) {
		if err != nil {
			return got, err
		}
		if want := r.sent[begin+got]; item != want {
			t.Errorf("the item is %d, want %d", item, want)
		}
		if got++; got == most {
			return got, nil
		}
		if err := pause(ctx); err != nil {
			return got, err
		}
	}
	return got, nil
}

func TestBroadcastInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		news := &radio{Broadcast: asyncio.NewBroadcast[int](2)}
		stays := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return news.listen(ctx, t, -1) })
		err := crowd(ctx, 5, func(ctx context.Context, i int) error {
			if i < 2 {
				_, err := news.listen(ctx, t, i+2)
				return err
			}
			for j := range 3 {
				if err := asyncio.Sleep(ctx, time.Second); err != nil { // meanwhile all have subscribed
					return err
				}
				item := 10*i + j
				if err := news.Put(ctx, item); err != nil {
					return err
				}
				news.sent = append(news.sent, item)
			}
			return nil
		})
		news.Shutdown(false)
		got, failed := stays.Await(ctx)
		if err != nil || failed != nil || got != len(news.sent) {
			t.Errorf("%v, %v: %d were put in, %d came", err, failed, len(news.sent), got)
		}
	})
}

func TestWatchInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var state asyncio.Watch[int]
		setter := asyncio.Go(ctx, func(ctx context.Context) error {
			for i := range 4 {
				if err := pause(ctx); err != nil {
					return err
				}
				state.Set(i + 1)
			}
			return nil
		})
		err := crowd(ctx, 5, func(ctx context.Context, i int) error {
			if i == 0 {
				_, err := state.Wait(ctx, func(v int) bool { return v == 4 })
				return err
			}
			last := -1
			for v, err := range state.Changes(ctx) {
				if err != nil {
					return err
				}
				if v < last {
					t.Errorf("after %d came %d", last, v)
				}
				if last = v; v == 4 {
					return nil
				}
				if err := pause(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if _, failed := setter.Await(ctx); err != nil || failed != nil {
			t.Error(err, failed)
		}
	})
}

func TestTaskSetInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var set asyncio.TaskSet[int]
		handed := map[int]int{}
		for i := range 8 {
			set.Add(asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return i, pause(ctx) }))
		}
		take := func(ctx context.Context, _ int) error {
			for task, err := range set.All(ctx) {
				if err != nil {
					return err
				}
				i, err := task.Result()
				if err != nil {
					return err
				}
				handed[i]++
			}
			return nil
		}
		err := crowd(ctx, 4, take) // one of them is canceled
		if err == nil {
			err = take(ctx, 0)
		}
		if err != nil || len(handed) != 8 || set.Len() != 0 {
			t.Errorf("%v; handed out: %v, left: %d", err, handed, set.Len())
		}
		for i, n := range handed {
			if n != 1 {
				t.Errorf("task %d was handed out %d times", i, n)
			}
		}
	})
}

func TestStartInManyOrders(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		started, returned := 0, 0
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, servers *asyncio.TaskGroup) error {
			defer servers.Cancel()
			return crowd(ctx, 5, func(ctx context.Context, i int) error {
				got, err := asyncio.Start(ctx, servers, func(ctx context.Context, ready func(int)) error {
					if err := pause(ctx); err != nil {
						return err
					}
					ready(i)
					started++
					return asyncio.Sleep(ctx, time.Hour)
				})
				if err != nil {
					return err
				}
				if returned++; got != i {
					t.Errorf("Start has returned %d, want %d", got, i)
				}
				return nil
			})
		})
		if err != nil || started < returned || returned < 4 {
			t.Errorf("%v; %d were started, and %d have returned", err, started, returned)
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
