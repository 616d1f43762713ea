package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// freeOperations are operations that need not wait, and leave things as they
// were.
func freeOperations() map[string]func(ctx context.Context) error {
	var lock asyncio.Lock
	var cond asyncio.Condition
	var event asyncio.Event
	var rw asyncio.RWLock
	event.Set()
	sem, bounded, barrier := asyncio.NewSemaphore(1), asyncio.NewBoundedSemaphore(1), asyncio.NewBarrier(1)
	var tasks asyncio.TaskSet[int]
	nothing := func() error { return nil }
	ops := map[string]func(ctx context.Context) error{
		"Lock.With":             func(ctx context.Context) error { return lock.With(ctx, nothing) },
		"Condition.With":        func(ctx context.Context) error { return cond.With(ctx, nothing) },
		"Semaphore.With":        func(ctx context.Context) error { return sem.With(ctx, nothing) },
		"BoundedSemaphore.With": func(ctx context.Context) error { return bounded.With(ctx, nothing) },
		"RWLock.With":           func(ctx context.Context) error { return rw.With(ctx, nothing) },
		"RWLock.WithRead":       func(ctx context.Context) error { return rw.WithRead(ctx, nothing) },
		"Semaphore.AcquireN": func(ctx context.Context) error {
			defer sem.ReleaseN(1)
			return sem.AcquireN(ctx, 1)
		},
		"Event.Wait": event.Wait,
		"TaskSet.Next": func(ctx context.Context) error {
			_, _, err := tasks.Next(ctx)
			return err
		},
		"Barrier.Wait": func(ctx context.Context) error {
			_, err := barrier.Wait(ctx)
			return err
		},
	}
	var unset asyncio.Event
	var q asyncio.Queue[int]
	var item int
	ops["Select"] = func(ctx context.Context) error {
		if chosen, err := asyncio.Select(ctx, q.OnGet(&item), q.OnPut(1)); chosen != 1 || err != nil {
			return errors.Join(errors.New("it did not put"), err)
		}
		chosen, err := asyncio.Select(ctx, asyncio.Ready(), unset.OnSet(), sem.OnAcquire(), asyncio.After(time.Hour))
		if chosen != 2 {
			return errors.Join(errors.New("it did not acquire"), err)
		}
		sem.Release()
		_, err = asyncio.Select(ctx, asyncio.After(time.Hour), q.OnGet(&item))
		return err
	}
	broadcast, watch := asyncio.NewBroadcast[int](2), asyncio.NewWatch(1)
	subscriber := broadcast.Subscribe()
	ops["Broadcast.Put and Subscriber.Get"] = func(ctx context.Context) error {
		if err := broadcast.Put(ctx, 1); err != nil {
			return err
		}
		_, err := subscriber.Get(ctx)
		return err
	}
	ops["Watch.Wait"] = func(ctx context.Context) error {
		_, err := watch.Wait(ctx, func(v int) bool { return v == 1 })
		return err
	}
	less := func(a, b int) bool { return a < b }
	for name, q := range map[string]asynctest.Queue{
		"Queue": asyncio.NewQueue[int](2), "LifoQueue": asyncio.NewLifoQueue[int](2), "PriorityQueue": asyncio.NewPriorityQueue(2, less),
	} {
		ops[name+".Put, Get and Join"] = func(ctx context.Context) error {
			if err := q.Put(ctx, 1); err != nil {
				return err
			}
			if _, err := q.Get(ctx); err != nil {
				return err
			}
			q.TaskDone()
			return q.Join(ctx)
		}
	}
	return ops
}

func TestWhatNeedNotWaitCostsNoSwitchAndNoAllocation(t *testing.T) {
	for name := range freeOperations() {
		t.Run(name, func(t *testing.T) {
			asynctest.InOrder(t, func(ctx context.Context) {
				op := freeOperations()[name]
				allocations := -1.0
				took := asynctest.CountPasses(ctx, func() {
					allocations = testing.AllocsPerRun(100, func() { asynctest.ExpectNil(t, op(ctx)) })
				})
				asynctest.ExpectEqual(t, "passes", took, 0)
				if runtime.GOARCH != "wasm" { // where to know the current goroutine takes one
					asynctest.ExpectEqual(t, "allocations", allocations, 0)
				}
			})
		})
	}
}
