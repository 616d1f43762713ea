// Programs 08, 11, 12, 13, 20 and 22: those with locks, events, queues and
// barriers.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

var syncPrograms = map[string]program{
	"08_passes_to_resume":          passesToResume,
	"11_queue_producers_consumers": queueProducersConsumers,
	"12_lock_semaphore_fifo":       lockSemaphoreFIFO,
	"13_event_condition_barrier":   eventConditionBarrier,
	"20_zero_timeouts":             zeroTimeouts,
	"22_hand_over":                 handOver,
}

// counted prints how many passes f takes.
func counted(ctx context.Context, out io.Writer, label string, f func(ctx context.Context) error) error {
	loop := asyncio.RunningLoop(ctx)
	passes, running := 0, true
	var tick func()
	tick = func() {
		if running {
			passes++
			loop.CallSoon(tick)
		}
	}
	loop.CallSoon(tick)
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	passes = 0
	err := f(ctx)
	running = false
	fmt.Fprintf(out, "%s: %d\n", label, passes)
	return errors.Join(err, asyncio.Yield(ctx))
}

// onOne is an operation on a coroutine that never suspends.
func onOne(op operation) func(ctx context.Context) error {
	return func(ctx context.Context) error { return op(ctx, one) }
}

func futureSetFromCallSoon(ctx context.Context) error {
	fut := asyncio.NewFuture[int](ctx)
	asyncio.RunningLoop(ctx).CallSoon(func() { fut.SetResult(1) })
	_, err := fut.Await(ctx)
	return err
}

func eventSetFromCallSoon(ctx context.Context) error {
	var event asyncio.Event
	asyncio.RunningLoop(ctx).CallSoon(event.Set)
	return event.Wait(ctx)
}

func queuePutFromCallSoon(ctx context.Context) error {
	q := asyncio.NewQueue[int](0)
	asyncio.RunningLoop(ctx).CallSoon(func() { q.TryPut(1) })
	_, err := q.Get(ctx)
	return err
}

func queueWithAnItem(ctx context.Context) error {
	q := asyncio.NewQueue[int](0)
	if err := q.TryPut(1); err != nil {
		return err
	}
	_, err := q.Get(ctx)
	return err
}

func freeLock(ctx context.Context) error {
	var lock asyncio.Lock
	return lock.With(ctx, func() error { return nil })
}

func passesToResume(out io.Writer, opts ...asyncio.Option) error {
	steps := []struct {
		label string
		f     func(ctx context.Context) error
	}{
		{"sleep(0)", asyncio.Yield},
		{"bare coroutine", onOne(awaitIt)},
		{"future set from call_soon", futureSetFromCallSoon},
		{"event set from call_soon", eventSetFromCallSoon},
		{"task that never suspends", onOne(taskIt)},
		{"gather of one that never suspends", onOne(gatherIt)},
		{"group of one that never suspends", onOne(groupIt)},
		{"empty group", onOne(emptyGroup)},
		{"queue put from call_soon", queuePutFromCallSoon},
		{"queue with an item", queueWithAnItem},
		{"free lock", freeLock},
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		for _, step := range steps {
			if err := counted(ctx, out, step.label, step.f); err != nil {
				return err
			}
		}
		return nil
	}, opts...)
}

func queueProducersConsumers(out io.Writer, opts ...asyncio.Option) error {
	producer := func(q *asyncio.Queue[string], name string, n int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			for i := range n {
				item := fmt.Sprint(name, i)
				if err := q.Put(ctx, item); err != nil {
					return err
				}
				fmt.Fprintf(out, "put %s size=%d\n", item, q.Len())
			}
			return nil
		})
	}
	consumer := func(q *asyncio.Queue[string], name string) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			for {
				item, err := q.Get(ctx)
				if err != nil {
					return err
				}
				say(out, name, "got", item)
				if err := asyncio.Sleep(ctx, 10*ms); err != nil {
					return err
				}
				q.TaskDone()
			}
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[string](2)
		consumers := []*asyncio.Task[none]{
			asyncio.CreateTask(ctx, consumer(q, "c0")),
			asyncio.CreateTask(ctx, consumer(q, "c1")),
		}
		if _, err := asyncio.Gather(ctx, producer(q, "x", 4), producer(q, "y", 3)); err != nil {
			return err
		}
		if err := q.Join(ctx); err != nil {
			return err
		}
		say(out, "joined")
		for _, c := range consumers {
			c.Cancel()
		}
		ends, err := asyncio.GatherSettled(ctx, asyncio.Awaitables(consumers)...)
		say(out, len(ends) != 0)
		return err
	}, opts...)
}

func lockSemaphoreFIFO(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var lock asyncio.Lock
		sem := asyncio.NewSemaphore(2)
		locked := func(name string) asyncio.Awaitable[none] {
			return do(func(ctx context.Context) error {
				return lock.With(ctx, func() error {
					say(out, name, "in lock")
					err := asyncio.Yield(ctx)
					say(out, name, "out of lock")
					return err
				})
			})
		}
		limited := func(name string) asyncio.Awaitable[none] {
			return do(func(ctx context.Context) error {
				return sem.With(ctx, func() error {
					say(out, name, "in")
					err := asyncio.Sleep(ctx, 10*ms)
					say(out, name, "out")
					return err
				})
			})
		}
		_, err1 := asyncio.Gather(ctx, each([]string{"a", "b", "c"}, locked)...)
		_, err2 := asyncio.Gather(ctx, each([]string{"p", "q", "r", "s", "t"}, limited)...)
		say(out, lock.Locked(), sem.Locked())
		return errors.Join(err1, err2)
	}, opts...)
}

func eventConditionBarrier(out io.Writer, opts ...asyncio.Option) error {
	var (
		event asyncio.Event
		cond  asyncio.Condition
		stock []string
	)
	bar := asyncio.NewBarrier(3)
	waiter := func(n int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			err := event.Wait(ctx)
			say(out, "event", n)
			return err
		})
	}
	taker := func(n int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			return cond.With(ctx, func() error {
				if err := cond.WaitFor(ctx, func() bool { return len(stock) > 0 }); err != nil {
					return err
				}
				say(out, "taker", n, "takes", stock[0])
				stock = stock[1:]
				return nil
			})
		})
	}
	party := func(n int) asyncio.Awaitable[none] {
		return do(func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, time.Duration(n)*10*ms); err != nil {
				return err
			}
			say(out, "party", n, "arrives")
			index, err := bar.Wait(ctx)
			fmt.Fprintf(out, "party %d leaves, arrival %d\n", n, index)
			return err
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := func(c asyncio.Coro[none]) *asyncio.Task[none] { return asyncio.CreateTask(ctx, c) }
		numbers := []int{0, 1, 2}
		ws := each(each(numbers, waiter), task)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		event.Set()
		event.Clear()
		if _, err := asyncio.Gather(ctx, asyncio.Awaitables(ws)...); err != nil {
			return err
		}
		ts := each(each(numbers, taker), task)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		for _, item := range []string{"x", "y", "z"} {
			err := cond.With(ctx, func() error {
				stock = append(stock, item)
				cond.Notify(1)
				return nil
			})
			if err := errors.Join(err, asyncio.Yield(ctx)); err != nil {
				return err
			}
		}
		_, err1 := asyncio.Gather(ctx, asyncio.Awaitables(ts)...)
		_, err2 := asyncio.Gather(ctx, each(numbers, party)...)
		return errors.Join(err1, err2)
	}, opts...)
}

func zeroTimeouts(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[string](0)
		if err := q.TryPut("item"); err != nil {
			return err
		}
		err := asyncio.WithTimeout(ctx, 0, func(ctx context.Context) error {
			item, err := q.Get(ctx)
			say(out, "ready queue:", item)
			return err
		})
		if err != nil {
			return err
		}
		err = asyncio.WithTimeout(ctx, -1, func(context.Context) error {
			say(out, "no suspension, no timeout")
			return nil
		})
		if err != nil {
			return err
		}
		err = asyncio.WithTimeout(ctx, 0, func(ctx context.Context) error {
			err := asyncio.Yield(ctx)
			if err == nil {
				say(out, "never")
			}
			return err
		})
		if timedOut(err) {
			say(out, "first suspension times out")
		}
		never := do(func(context.Context) error {
			say(out, "must not start")
			return nil
		})
		if _, err := asyncio.WaitFor(ctx, never, 0); timedOut(err) {
			say(out, "wait_for zero")
		}
		t := asyncio.CreateTask(ctx, after(1000*ms, none{}))
		if _, err := asyncio.WaitFor(ctx, t, 0); timedOut(err) {
			say(out, "task cancelled", t.Canceled())
		}
		return nil
	}, opts...)
}

// guard is what Lock and Semaphore share.
type guard interface {
	Acquire(ctx context.Context) error
	Release()
	With(ctx context.Context, f func() error) error
	Locked() bool
}

func handOver(out io.Writer, opts ...asyncio.Option) error {
	trial := func(ctx context.Context, g guard, name string) error {
		if err := g.Acquire(ctx); err != nil {
			return err
		}
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			return g.With(ctx, func() error {
				say(out, name, "waiter got it")
				return nil
			})
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		g.Release()
		say(out, name, g.Locked())
		_, err := t.Await(ctx)
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err1 := trial(ctx, new(asyncio.Lock), "lock")
		err2 := trial(ctx, asyncio.NewSemaphore(1), "semaphore")
		return errors.Join(err1, err2)
	}, opts...)
}
