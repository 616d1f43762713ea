//go:build !race && !invariants

package asyncio_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// allocationBudgets are the allocations of operations that need to wait, and of making
// tasks, on the real loop. What waits has all that it needs in its worker.
var allocationBudgets = []struct {
	name        string
	allocations float64
	bytes       uint64 // 0: not looked at
	op          func(ctx context.Context) error
}{
	{"a task, from its creation to its result", 1, 176, func(ctx context.Context) error {
		_, err := asyncio.CreateTask(ctx, answers).Await(ctx)
		return err
	}},
	{"a yield", 0, 0, asyncio.Yield},
	{"a sleep", 0, 0, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Nanosecond) }},
	{"a task that waits for its turn in a lock", 1, 176, waitForLock(new(asyncio.Lock))},
	{"a timeout around a wait", 1, 240, func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, time.Hour, asyncio.Yield)
	}},
}

func waitForLock(lock *asyncio.Lock) func(ctx context.Context) error {
	nothing := func() error { return nil }
	wait := func(ctx context.Context) (int, error) { return 0, lock.With(ctx, nothing) }
	return func(ctx context.Context) error {
		if err := lock.Acquire(ctx); err != nil { //asyncio:ok lock-leak nothing cancels it while it holds the lock
			return err
		}
		t := asyncio.CreateTask(ctx, wait)
		if err := asyncio.Yield(ctx); err != nil { // t waits now
			return err
		}
		lock.Release()
		_, err := t.Await(ctx)
		return err
	}
}

func answers(context.Context) (int, error) { return 42, nil }

func TestTasksAndWaitsKeepToTheirAllocations(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("to know the current goroutine takes allocations there")
	}
	for _, b := range allocationBudgets {
		t.Run(b.name, func(t *testing.T) {
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				op := func() { asynctest.ExpectNil(t, b.op(ctx)) }
				op() // what is made once
				allocations := testing.AllocsPerRun(100, op)
				bytes := bytesPerRun(1000, op)
				t.Logf("%v allocations, %d bytes", allocations, bytes)
				if allocations > b.allocations {
					t.Errorf("%v allocations, the budget is %v", allocations, b.allocations)
				}
				if b.bytes != 0 && bytes > b.bytes+b.bytes/10 { // others may allocate meanwhile
					t.Errorf("%d bytes, the budget is %d", bytes, b.bytes)
				}
				return nil
			})
			asynctest.ExpectNil(t, err)
		})
	}
}

func bytesPerRun(runs int, op func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		op()
	}
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) / uint64(runs)
}
