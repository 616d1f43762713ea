package main

// Canceling many: a group of 100,000 sleeping tasks is canceled and left,
// against 100,000 goroutines that each hold a timer and a child context and
// are canceled and joined. One operation is one task; the time runs from the
// call of cancel to the moment when all have ended. Creating them is not in
// it.
//
// Not measured: tasks that clean up after themselves.

import (
	"context"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
)

func cancelSubjects(count int) []subject {
	return []subject{{
		name: "cancel sleeping tasks", op: "task", ops: uncounted,
		ours: contender{name: "asyncio", unit: count, body: cancelTasks(count)},
		bases: []base{{
			contender{name: "goroutines, timer+context", unit: count, body: cancelGoroutines(count)},
			[]target{{wall, 2}},
		}},
	}}
}

// cancelTasks cancels n tasks, in groups of count.
func cancelTasks(count int) body {
	return func(t timer, n int) error {
		t.StopTimer()
		return run(func(ctx context.Context) error {
			for size := range batches(n, count) {
				if err := cancelGroup(ctx, t, size); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func cancelGroup(ctx context.Context, t timer, size int) error {
	asleep, cut := 0, 0
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for range size {
			tg.Go(func(ctx context.Context) error {
				asleep++
				err := asyncio.Sleep(ctx, time.Hour)
				if err != nil {
					cut++
				}
				return err
			})
		}
		for asleep < size {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		t.StartTimer()
		tg.Cancel()
		return nil
	})
	t.StopTimer()
	if err != nil {
		return err
	}
	return expect("canceled sleeps", cut, size)
}

// cancelGoroutines cancels n goroutines, count at a time.
func cancelGoroutines(count int) body {
	return func(t timer, n int) error {
		t.StopTimer()
		for size := range batches(n, count) {
			ctx, cancel := context.WithCancel(context.Background())
			var asleep, ended sync.WaitGroup
			asleep.Add(size)
			for range size {
				ended.Go(func() { sleepUntilCanceled(ctx, &asleep) })
			}
			asleep.Wait()
			t.StartTimer()
			cancel()
			ended.Wait()
			t.StopTimer()
		}
		return nil
	}
}

func sleepUntilCanceled(ctx context.Context, asleep *sync.WaitGroup) {
	child, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	asleep.Done()
	select {
	case <-child.Done():
	case <-timer.C:
		panic(errFired)
	}
}
