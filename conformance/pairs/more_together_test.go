// testdata/more: programs in which several tasks meet at one thing.

package pairs

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio"
)

var moreTogetherPrograms = map[string]program{
	"more/timeout_moved_by_others":       timeoutMovedByOthers,
	"more/barrier_generations":           barrierGenerations,
	"more/condition_readers_and_writers": conditionReadersAndWriters,
	"more/queue_pipeline_shut_down":      queuePipelineShutDown,
	"more/wait_in_four_ways_at_once":     waitInFourWaysAtOnce,
}

func timeoutMovedByOthers(out io.Writer, opts ...asyncio.Option) error {
	var timeout *asyncio.Timeout
	limited := func(ctx context.Context, when time.Time, work time.Duration) *asyncio.Task[none] {
		return asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.WithTimeoutAt(ctx, when, func(ctx context.Context) error {
				timeout = asyncio.TimeoutOf(ctx)
				return asyncio.Sleep(ctx, work)
			})
			if timedOut(err) {
				say(out, "timed out", timeout.Expired())
				return nil
			}
			if _, ok := timeout.When(); !ok {
				say(out, "in time", timeout.Expired(), nil)
			}
			return err
		})
	}
	move := func(when time.Time) {
		say(out, "moved", timeout.Expired())
		timeout.Reschedule(when)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		start := loop.Now()
		t := limited(ctx, start.Add(longTime), 5*longTime)
		err1 := asyncio.Yield(ctx)
		move(start.Add(20 * ms))
		loop.CallLater(10*ms, func() { move(start.Add(50 * ms)) })
		loop.CallLater(30*ms, func() { say(out, "still there", t.Done(), timeout.Expired()) })
		_, err2 := t.Await(ctx)
		when, _ := timeout.When()
		say(out, loop.Now().Sub(start) > 40*ms, when.Equal(start.Add(50*ms)))
		t = limited(ctx, time.Time{}, 30*ms)
		err3 := asyncio.Yield(ctx)
		move(loop.Now().Add(20 * ms))
		err4 := asyncio.Sleep(ctx, 10*ms)
		move(time.Time{})
		_, err5 := t.Await(ctx)
		t = limited(ctx, loop.Now().Add(longTime), 5*longTime)
		err6 := asyncio.Yield(ctx)
		move(loop.Now().Add(-longTime))
		for range 3 {
			say(out, "pass", t.Done(), timeout.Expired())
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		_, err7 := t.Await(ctx)
		return errors.Join(err1, err2, err3, err4, err5, err6, err7)
	}, opts...)
}

func barrierGenerations(out io.Writer, opts ...asyncio.Option) error {
	bar := asyncio.NewBarrier(3)
	party := func(n, rounds int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			for r := range rounds {
				index, err := bar.Wait(ctx)
				if err != nil {
					return err
				}
				say(out, "party", n, "round", r, "index", index)
				if index == 0 {
					say(out, "first sees", bar.Waiting())
				}
			}
			return nil
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		if _, err := asyncio.Gather(ctx, party(0, 3), party(1, 3), party(2, 3)); err != nil {
			return err
		}
		say(out, bar.Waiting(), bar.Broken(), bar.Parties())
		var ts []*asyncio.Task[none]
		for n := range 7 {
			ts = append(ts, asyncio.CreateTask(ctx, party(n, 1)))
		}
		err1 := asyncio.Sleep(ctx, 10*ms)
		say(out, each(ts, (*asyncio.Task[none]).Done), bar.Waiting())
		ts[6].Cancel()
		err2 := errors.Join(asyncio.Yield(ctx), asyncio.Yield(ctx))
		say(out, ts[6].Canceled(), bar.Waiting(), bar.Broken())
		for n := 10; n < 13; n++ {
			ts = append(ts, asyncio.CreateTask(ctx, party(n, 1)))
		}
		err3 := asyncio.Sleep(ctx, 10*ms)
		bar.Abort()
		say(out, each(ts, (*asyncio.Task[none]).Done), bar.Waiting(), bar.Broken())
		return errors.Join(err1, err2, err3)
	}, opts...)
}

// A sharedLock is a lock that readers share.
type sharedLock struct {
	cond    asyncio.Condition
	readers int
	writing bool
}

func (l *sharedLock) acquire(ctx context.Context, reader bool) error {
	return l.cond.With(ctx, func() error {
		err := l.cond.WaitFor(ctx, func() bool { return !l.writing && (reader || l.readers == 0) })
		if reader {
			l.readers++
		} else {
			l.writing = true
		}
		return err
	})
}

func (l *sharedLock) release(ctx context.Context, reader bool, released func()) error {
	return l.cond.With(ctx, func() error {
		if reader {
			l.readers--
		} else {
			l.writing = false
		}
		released()
		l.cond.NotifyAll()
		return nil
	})
}

func conditionReadersAndWriters(out io.Writer, opts ...asyncio.Option) error {
	var lock sharedLock
	use := func(what string, n int, delay time.Duration) func(ctx context.Context) error {
		reader := what == "read"
		return func(ctx context.Context) error {
			if err := lock.acquire(ctx, reader); err != nil {
				return err
			}
			say(out, what, n, lock.readers)
			if err := asyncio.Sleep(ctx, delay); err != nil {
				return err
			}
			return lock.release(ctx, reader, func() { say(out, what, "end", n) })
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(use("read", 1, 20*ms))
			tg.Go(use("write", 1, 20*ms))
			tg.Go(use("read", 2, 60*ms))
			err := asyncio.Sleep(ctx, 10*ms)
			tg.Go(use("write", 2, 20*ms))
			tg.Go(use("read", 3, 30*ms))
			return err
		})
	}, opts...)
}

func queuePipelineShutDown(out io.Writer, opts ...asyncio.Option) error {
	numbers, squares := asyncio.NewQueue[int](2), asyncio.NewQueue[int](1)
	source := func(ctx context.Context) error {
		for i := range 6 {
			if err := numbers.Put(ctx, i); err != nil {
				return err
			}
			say(out, "source", i)
		}
		numbers.Shutdown(false)
		return nil
	}
	stage := func(name string) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			for i, err := range numbers.All(ctx) {
				if err == nil {
					err = errors.Join(asyncio.Yield(ctx), squares.Put(ctx, i*i))
				}
				if err != nil {
					return err
				}
				say(out, name, i)
			}
			say(out, name, "ends")
			return nil
		}
	}
	sink := func(ctx context.Context) (int, error) {
		total := 0
		for n, err := range squares.All(ctx) {
			if err != nil {
				return 0, err
			}
			total += n
			say(out, "sink", n)
		}
		return total, nil
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, sink)
		err1 := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(source)
			tg.Go(stage("a"))
			tg.Go(stage("b"))
			return nil
		})
		squares.Shutdown(false)
		total, err2 := t.Await(ctx)
		say(out, total)
		return errors.Join(err1, err2)
	}, opts...)
}

func waitInFourWaysAtOnce(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var fs []*asyncio.Future[int]
		for range 4 {
			fs = append(fs, asyncio.NewFuture[int](ctx))
		}
		var ts []*asyncio.Task[none]
		waiter := func(name string, when asyncio.ReturnWhen, timeout time.Duration) {
			ts = append(ts, asyncio.Go(ctx, func(ctx context.Context) error {
				done, _, err := asyncio.Wait(ctx, fs, when, timeout)
				say(out, name, each(fs, func(f *asyncio.Future[int]) bool { return slices.Contains(done, f) }))
				return err
			}))
		}
		waiter("first", asyncio.FirstCompleted, 0)
		waiter("exception", asyncio.FirstException, 0)
		waiter("all", asyncio.AllCompleted, 0)
		waiter("timeout", asyncio.AllCompleted, 10*ms)
		err1 := asyncio.Yield(ctx)
		err2 := errors.Join(fs[1].SetResult(1), fs[3].SetResult(3), asyncio.Yield(ctx), asyncio.Yield(ctx))
		say(out, "two are done")
		err3 := asyncio.Sleep(ctx, 20*ms)
		fs[0].Cancel()
		err4 := asyncio.Yield(ctx)
		err5 := fs[2].SetError(errors.New("x"))
		say(out, "all are done")
		_, err6 := asyncio.Gather(ctx, asyncio.Awaitables(ts)...)
		_, err := fs[2].Result()
		say(out, err)
		return errors.Join(err1, err2, err3, err4, err5, err6)
	}, opts...)
}
