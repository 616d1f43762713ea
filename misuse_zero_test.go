package asyncio_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// What was declared, and never made.
func TestTasksAndFuturesThatNooneMadePanicWithAdvice(t *testing.T) {
	for name, task := range map[string]*asyncio.Task[int]{"nil": nil, "zero": new(asyncio.Task[int])} {
		t.Run(name+" task", func(t *testing.T) {
			expectAdviceOfAll(t, func(ctx context.Context) []misuse { return append(onTask(task), awaited(ctx, task, task)...) },
				"Task that is nil or zero", "CreateTask")
		})
	}
	for name, f := range map[string]*asyncio.Future[int]{"nil": nil, "zero": new(asyncio.Future[int])} {
		t.Run(name+" future", func(t *testing.T) {
			expectAdviceOfAll(t, func(ctx context.Context) []misuse { return append(onFuture(f), awaited(ctx, f, f)...) },
				"Future that is nil or zero", "NewFuture")
		})
	}
}

// expectAdviceOfAll expects of operations in a loop that they panic with
// advice.
func expectAdviceOfAll(t *testing.T, operations func(ctx context.Context) []misuse, words ...string) {
	var all []outcome
	onVirtualLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
		all = outcomes(operations(ctx), asynctest.PanicOf)
		return nil
	})
	expectOutcomes(t, all, words...)
}

func onTask(task *asyncio.Task[int]) []misuse {
	return []misuse{
		{"Result", func() { _, _ = task.Result() }},
		{"Err", func() { _ = task.Err() }},
		{"Done", func() { task.Done() }},
		{"Canceled", func() { task.Canceled() }},
		{"Cancel", func() { task.Cancel() }},
		{"CancelCause", func() { task.CancelCause(errBoom) }},
		{"Name", func() { _ = task.Name() }},
		{"Info", func() { task.Info() }},
		{"AddDoneCallback", func() { task.AddDoneCallback(func(*asyncio.Task[int]) {}) }},
	}
}

func onFuture(f *asyncio.Future[int]) []misuse {
	return []misuse{
		{"Result", func() { _, _ = f.Result() }},
		{"Err", func() { _ = f.Err() }},
		{"Done", func() { f.Done() }},
		{"Canceled", func() { f.Canceled() }},
		{"Cancel", func() { f.Cancel() }},
		{"SetResult", func() { _ = f.SetResult(1) }},
		{"SetError", func() { _ = f.SetError(errBoom) }},
		{"AddDoneCallback", func() { f.AddDoneCallback(func(*asyncio.Future[int]) {}) }},
	}
}

// awaited are all ways to wait for something.
func awaited(ctx context.Context, aw asyncio.Awaitable[int], w asyncio.Waitable) []misuse {
	return []misuse{
		{"Await", func() { _, _ = aw.Await(ctx) }},
		{"Gather", func() { _, _ = asyncio.Gather(ctx, aw) }},
		{"Gather2", func() { _, _, _ = asyncio.Gather2(ctx, aw, aw) }},
		{"GatherSettled", func() { _, _ = asyncio.GatherSettled(ctx, aw) }},
		{"Race", func() { _, _ = asyncio.Race(ctx, aw) }},
		{"Any", func() { _, _ = asyncio.Any(ctx, aw) }},
		{"Shield", func() { _, _ = asyncio.Shield(ctx, aw) }},
		{"WaitFor", func() { _, _ = asyncio.WaitFor(ctx, aw, time.Second) }},
		{"WaitFor without time", func() { _, _ = asyncio.WaitFor(ctx, aw, 0) }},
		{"AsCompleted", func() { asyncio.AsCompleted(ctx, aw) }},
		{"Wait", func() { _, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{w}, asyncio.AllCompleted, 0) }},
		{"Wait without time", func() { _, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{w}, asyncio.AllCompleted, -1) }},
	}
}

func TestATimeoutThatNooneOpenedPanicsWithAdvice(t *testing.T) {
	for name, x := range map[string]*asyncio.Timeout{"nil": nil, "zero": new(asyncio.Timeout)} {
		t.Run(name, func(t *testing.T) {
			asynctest.ExpectAdvice(t, func() { x.Reschedule(time.Time{}) }, "a Timeout that is not open", "use what TimeoutOf returns")
			asynctest.ExpectAdvice(t, func() { x.Expired() }, "a Timeout that is not open")
		})
	}
}

func TestZeroValuesThatNeedASizePanicWithAdvice(t *testing.T) {
	onVirtualLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
		var barrier asyncio.Barrier
		asynctest.ExpectAdvice(t, func() { _, _ = barrier.Wait(ctx) }, "zero Barrier", "NewBarrier")
		var pool asyncio.WorkerPool
		asynctest.ExpectAdvice(t, func() { _ = pool.Submit(nothing) }, "zero WorkerPool", "NewWorkerPool")
		var s asyncio.Subscriber[int]
		for _, do := range []func(){
			func() { _, _ = s.Get(ctx) }, func() { _, _ = s.TryGet() }, func() { s.Len() }, s.Close, func() { s.SetName("s") },
		} {
			asynctest.ExpectAdvice(t, do, "zero Subscriber", "Broadcast.Subscribe")
		}
		var q asyncio.PriorityQueue[int]
		asynctest.ExpectAdvice(t, func() { _ = q.TryPut(1) }, "zero PriorityQueue", "NewPriorityQueue")
		asynctest.ExpectAdvice(t, func() { _ = q.Put(ctx, 1) }, "zero PriorityQueue", "NewPriorityQueue")
		return nil
	})
}

func loopMethods(l *asyncio.Loop) []misuse {
	return []misuse{
		{"CallSoon", func() { l.CallSoon(nothing) }},
		{"CallSoonThreadsafe", func() { _ = l.CallSoonThreadsafe(nothing) }},
		{"CallLater", func() { l.CallLater(1, nothing) }},
		{"CallAt", func() { l.CallAt(time.Time{}, nothing) }},
		{"CallExceptionHandler", func() { l.CallExceptionHandler(asyncio.ExceptionContext{}) }},
		{"SetExceptionHandler", func() { l.SetExceptionHandler(nil) }},
		{"AddSignalHandler", func() { _ = l.AddSignalHandler(os.Interrupt, nothing) }},
		{"RemoveSignalHandler", func() { l.RemoveSignalHandler(os.Interrupt) }},
		{"Now", func() { l.Now() }},
		{"Stop", l.Stop},
		{"SetDebug", func() { l.SetDebug(true) }},
		{"Stats", func() { l.Stats() }},
	}
}
