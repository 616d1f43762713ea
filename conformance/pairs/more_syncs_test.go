// testdata/more: locks, semaphores, events, conditions, queues, barriers.

package pairs

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

var moreSyncPrograms = map[string]program{
	"more/lock_waiter_cancelled":      lockWaiterCanceled,
	"more/semaphore_with_a_timeout":   semaphoreWithATimeout,
	"more/event_again_and_again":      eventAgainAndAgain,
	"more/condition_cancelled_waiter": conditionCanceledWaiter,
	"more/queue_getter_cancelled":     queueGetterCanceled,
	"more/queue_orders":               queueOrders,
	"more/queue_shut_down":            queueShutDown,
	"more/queue_join_and_workers":     queueJoinAndWorkers,
	"more/barrier_reset_and_abort":    barrierResetAndAbort,
}

func lockWaiterCanceled(out io.Writer, opts ...asyncio.Option) error {
	var lock asyncio.Lock
	use := func(name string, delay time.Duration) func(ctx context.Context) error {
		return saying(out, func(ctx context.Context) error {
			return lock.With(ctx, func() error {
				say(out, name, "has it")
				return asyncio.Sleep(ctx, delay)
			})
		}, name, "cancelled")
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		ts := []*asyncio.Task[none]{
			asyncio.Go(ctx, use("a", 20*ms)), asyncio.Go(ctx, use("b", longTime)),
			asyncio.Go(ctx, use("c", 10*ms)), asyncio.Go(ctx, use("d", longTime)),
		}
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		ts[1].Cancel()
		if err := wait(ctx, ts[:3]...); err != nil {
			return err
		}
		say(out, lock.Locked())
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		ts[3].Cancel()
		err := wait(ctx, ts...)
		say(out, lock.Locked())
		return err
	}, opts...)
}

func semaphoreWithATimeout(out io.Writer, opts ...asyncio.Option) error {
	sem := asyncio.NewSemaphore(2)
	use := func(name string, patience, delay time.Duration) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			err := asyncio.WithTimeout(ctx, patience, func(ctx context.Context) error {
				return sem.Acquire(ctx)
			})
			if timedOut(err) {
				say(out, name, "gives up", sem.Locked())
				return nil
			}
			if err != nil {
				return err
			}
			defer sem.Release()
			say(out, name, "begins")
			err = asyncio.Sleep(ctx, delay)
			say(out, name, "ends")
			return err
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.Gather(ctx,
			use("a", longTime, 30*ms), use("b", longTime, 50*ms), use("c", 20*ms, longTime),
			use("d", 40*ms, 40*ms), use("e", longTime, 10*ms))
		say(out, sem.Locked())
		return err
	}, opts...)
}

func eventAgainAndAgain(out io.Writer, opts ...asyncio.Option) error {
	var event asyncio.Event
	waiter := func(name string, rounds int) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			for n := range rounds {
				if err := event.Wait(ctx); err != nil {
					return err
				}
				say(out, name, "passes", n)
				if err := asyncio.Sleep(ctx, 10*ms); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := asyncio.Go(ctx, waiter("a", 3)), asyncio.Go(ctx, waiter("b", 2))
		for range 2 {
			if err := asyncio.Sleep(ctx, 20*ms); err != nil {
				return err
			}
			say(out, "open", event.IsSet())
			event.Set()
			event.Clear()
		}
		if err := asyncio.Sleep(ctx, 20*ms); err != nil {
			return err
		}
		event.Set()
		say(out, "stays open", event.IsSet())
		return wait(ctx, a, b)
	}, opts...)
}

func conditionCanceledWaiter(out io.Writer, opts ...asyncio.Option) error {
	var lock asyncio.Lock
	cond := asyncio.NewCondition(&lock)
	var stock []string
	stocked := func() bool { return len(stock) > 0 }
	waiter := func(name string) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			return cond.With(ctx, func() error {
				err := cond.WaitFor(ctx, stocked)
				if canceled(err) {
					say(out, name, "cancelled, lock is held", lock.Locked())
					return err
				}
				say(out, name, "takes", stock[0])
				stock = stock[1:]
				return err
			})
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		ts := []*asyncio.Task[none]{
			asyncio.Go(ctx, waiter("a")), asyncio.Go(ctx, waiter("b")), asyncio.Go(ctx, waiter("c")),
		}
		err1 := asyncio.Sleep(ctx, 10*ms)
		err2 := cond.With(ctx, func() error {
			ts[0].Cancel()
			err := asyncio.Sleep(ctx, 10*ms)
			say(out, "still holding", ts[0].Done())
			stock = append(stock, "x")
			cond.Notify(1)
			return err
		})
		err3 := asyncio.Sleep(ctx, 10*ms)
		say(out, each(ts, (*asyncio.Task[none]).Done), ts[0].Canceled())
		err4 := cond.With(ctx, func() error {
			stock = append(stock, "y")
			cond.NotifyAll()
			return nil
		})
		return errors.Join(err1, err2, err3, err4, wait(ctx, ts...))
	}, opts...)
}

func queueGetterCanceled(out io.Writer, opts ...asyncio.Option) error {
	q := asyncio.NewQueue[int](0)
	getter := func(name string) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			item, err := q.Get(ctx)
			if err != nil {
				say(out, name, "cancelled")
				return err
			}
			say(out, name, "got", item)
			return nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		ts := []*asyncio.Task[none]{
			asyncio.Go(ctx, getter("a")), asyncio.Go(ctx, getter("b")), asyncio.Go(ctx, getter("c")),
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		ts[0].Cancel()
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		if err := errors.Join(q.TryPut(1), q.TryPut(2), q.TryPut(3)); err != nil {
			return err
		}
		err := wait(ctx, ts...)
		say(out, q.Len())
		return err
	}, opts...)
}

// queue is what the three kinds of queues share, as far as queueOrders needs
// it.
type queue interface {
	TryPut(n int) error
	Get(ctx context.Context) (int, error)
	Empty() bool
}

func queueOrders(out io.Writer, opts ...asyncio.Option) error {
	less := func(a, b int) bool { return a < b }
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, q := range []queue{
			asyncio.NewQueue[int](0), asyncio.NewLifoQueue[int](0), asyncio.NewPriorityQueue(0, less),
		} {
			if err := errors.Join(q.TryPut(3), q.TryPut(1), q.TryPut(2)); err != nil {
				return err
			}
			var got []int
			for range 3 {
				n, err := q.Get(ctx)
				if err != nil {
					return err
				}
				got = append(got, n)
			}
			say(out, got, q.Empty())
		}
		q := asyncio.NewQueue[string](1)
		if err := q.TryPut("x"); err != nil {
			return err
		}
		if err := q.TryPut("y"); errors.Is(err, asyncio.ErrQueueFull) {
			say(out, "full", q.Full())
		}
		if _, err := q.TryGet(); err != nil {
			return err
		}
		if _, err := q.TryGet(); errors.Is(err, asyncio.ErrQueueEmpty) {
			say(out, "empty", q.Empty())
		}
		return nil
	}, opts...)
}

func queueShutDown(out io.Writer, opts ...asyncio.Option) error {
	q := asyncio.NewQueue[int](2)
	consumer := func(name string) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			for {
				item, err := q.Get(ctx)
				if errors.Is(err, asyncio.ErrQueueShutDown) {
					say(out, name, "ends")
					return nil
				}
				if err != nil {
					return err
				}
				say(out, name, "got", item)
				if err := asyncio.Sleep(ctx, 10*ms); err != nil {
					return err
				}
				q.TaskDone()
			}
		}
	}
	producer := func(ctx context.Context) error {
		for n := range 9 {
			err := q.Put(ctx, n)
			if errors.Is(err, asyncio.ErrQueueShutDown) {
				say(out, "producer ends")
				return nil
			}
			if err != nil {
				return err
			}
			say(out, "put", n)
		}
		return nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(producer)
			tg.Go(consumer("a"))
			if err := asyncio.Sleep(ctx, 25*ms); err != nil {
				return err
			}
			say(out, "shut down")
			q.Shutdown(false)
			err := q.Join(ctx)
			say(out, "joined")
			return err
		})
	}, opts...)
}

func queueJoinAndWorkers(out io.Writer, opts ...asyncio.Option) error {
	q := asyncio.NewQueue[int](0)
	worker := func(name string) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			defer say(out, name, "stops")
			for {
				n, err := q.Get(ctx)
				if err != nil {
					return err
				}
				if err := asyncio.Sleep(ctx, centiseconds(n)); err != nil {
					return err
				}
				say(out, name, "did", n)
				q.TaskDone()
			}
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := asyncio.CreateTask(ctx, worker("a")), asyncio.CreateTask(ctx, worker("b"))
		for _, n := range []int{3, 1, 4, 1} {
			if err := q.TryPut(n); err != nil {
				return err
			}
		}
		if err := q.Join(ctx); err != nil {
			return err
		}
		say(out, "joined", q.Len())
		a.Cancel()
		b.Cancel()
		_, err := asyncio.GatherSettled(ctx, a, b)
		return err
	}, opts...)
}

func barrierResetAndAbort(out io.Writer, opts ...asyncio.Option) error {
	bar := asyncio.NewBarrier(2)
	party := func(name string) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			_, err := bar.Wait(ctx)
			if errors.Is(err, asyncio.ErrBrokenBarrier) {
				say(out, name, "broken")
				return nil
			}
			say(out, name, "passes")
			return err
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		a := asyncio.CreateTask(ctx, party("a"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		say(out, "waiting", bar.Waiting())
		bar.Reset()
		if _, err := a.Await(ctx); err != nil {
			return err
		}
		if _, err := asyncio.Gather(ctx, party("b"), party("c")); err != nil {
			return err
		}
		d := asyncio.CreateTask(ctx, party("d"))
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		bar.Abort()
		_, err1 := d.Await(ctx)
		_, err2 := party("e").Await(ctx)
		say(out, bar.Broken())
		return errors.Join(err1, err2)
	}, opts...)
}
