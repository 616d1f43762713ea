//asyncio:ok dropped-iteration-error that it panics, or that it can be left at once, is what is tested
package asyncio_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A misuse is an operation, and what it needs.
type misuse struct {
	name string
	do   func()
}

// An outcome is what an operation panicked with.
type outcome struct {
	name  string
	value any
}

// cheapIdentity says that it is cheap to know the current goroutine.
var cheapIdentity = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

// caught are options with which a foreign goroutine is caught: where it is dear
// to know the current goroutine, only debug mode looks.
func caught() []asyncio.Option {
	return []asyncio.Option{asyncio.Debug(!cheapIdentity), asyncio.SlowStep(asynctest.Patience)}
}

// outcomes tries operations, here or elsewhere.
func outcomes(ms []misuse, try func(do func()) any) (all []outcome) {
	for _, m := range ms {
		all = append(all, outcome{m.name, try(m.do)})
	}
	return all
}

// expectOutcomes expects of all that they panicked with advice. A subtest is
// a goroutine of its own, so the operations are tried before.
func expectOutcomes(t *testing.T, all []outcome, words ...string) {
	for _, o := range all {
		t.Run(o.name, func(t *testing.T) { asynctest.ExpectAdviceIn(t, o.value, words...) })
	}
}

// operations are all operations that are for the loop only.
func operations(ctx context.Context) []misuse {
	return append(append(loopOperations(ctx), taskOperations(ctx)...), waitOperations(ctx)...)
}

func nothing() {}

func loopOperations(ctx context.Context) []misuse {
	l := asyncio.RunningLoop(ctx)
	h, th := l.CallSoon(nothing), l.CallLater(time.Hour, nothing)
	return []misuse{
		{"Loop.CallSoon", func() { l.CallSoon(nothing) }},
		{"Loop.CallLater", func() { l.CallLater(time.Second, nothing) }},
		{"Loop.CallAt", func() { l.CallAt(time.Time{}, nothing) }},
		{"Loop.Stop", l.Stop},
		{"Loop.SetDebug", func() { l.SetDebug(true) }},
		{"Loop.AddSignalHandler", func() { _ = l.AddSignalHandler(os.Interrupt, nothing) }},
		{"Loop.RemoveSignalHandler", func() { l.RemoveSignalHandler(os.Interrupt) }},
		{"Handle.Cancel", h.Cancel},
		{"Handle.Canceled", func() { h.Canceled() }},
		{"TimerHandle.Cancel", th.Cancel},
		{"TimerHandle.Canceled", func() { th.Canceled() }},
	}
}

func taskOperations(ctx context.Context) []misuse {
	task, f := asyncio.Go(ctx, asynctest.SleepForever), asyncio.NewFuture[int](ctx)
	forget := f.AddDoneCallback(func(*asyncio.Future[int]) {})
	info := task.Info()
	return []misuse{
		{"CreateTask", func() { asyncio.CreateTask(ctx, f.Await) }},
		{"Go", func() { asyncio.Go(ctx, asynctest.SleepForever) }},
		{"AllTasks", func() { asyncio.AllTasks(ctx) }},
		{"Task.Result", func() { _, _ = task.Result() }},
		{"Task.Err", func() { _ = task.Err() }},
		{"Task.Done", func() { task.Done() }},
		{"Task.Canceled", func() { task.Canceled() }},
		{"Task.Cancel", func() { task.Cancel() }},
		{"Task.CancelCause", func() { task.CancelCause(errBoom) }},
		{"Task.Info", func() { task.Info() }},
		{"TaskInfo.Stack", func() { info.Stack() }},
		{"Task.AddDoneCallback", func() { task.AddDoneCallback(func(*asyncio.Task[struct{}]) {}) }},
		{"NewFuture", func() { asyncio.NewFuture[int](ctx) }},
		{"Future.SetResult", func() { _ = f.SetResult(1) }},
		{"Future.SetError", func() { _ = f.SetError(errBoom) }},
		{"Future.Result", func() { _, _ = f.Result() }},
		{"Future.Err", func() { _ = f.Err() }},
		{"Future.Done", func() { f.Done() }},
		{"Future.Canceled", func() { f.Canceled() }},
		{"Future.Cancel", func() { f.Cancel() }},
		{"Future.AddDoneCallback", func() { f.AddDoneCallback(func(*asyncio.Future[int]) {}) }},
		{"removing a done callback", func() { forget() }},
		{"TaskSet.Add", func() { new(asyncio.TaskSet[struct{}]).Add(task) }},
		{"RunInExecutor", func() { asyncio.RunInExecutor(ctx, goExecutor{}, f.Await) }},
	}
}

func waitOperations(ctx context.Context) []misuse {
	task, f := asyncio.Go(ctx, asynctest.SleepForever), asyncio.NewFuture[int](ctx)
	q, l, b := asyncio.NewQueue[int](1), new(asyncio.Lock), new(asyncio.Broadcast[int])
	coro := asyncio.Coro[int](func(ctx context.Context) (int, error) { return 0, asynctest.SleepForever(ctx) })
	return []misuse{
		{"Sleep", func() { _ = asyncio.Sleep(ctx, time.Second) }},
		{"Yield", func() { _ = asyncio.Yield(ctx) }},
		{"SleepUntil", func() { _ = asyncio.SleepUntil(ctx, time.Time{}) }},
		{"Every", func() {
			for range asyncio.Every(ctx, time.Second) {
			}
		}},
		{"Task.Await", func() { _, _ = task.Await(ctx) }},
		{"Future.Await", func() { _, _ = f.Await(ctx) }},
		{"Gather", func() { _, _ = asyncio.Gather(ctx, f) }},
		{"Gather of coroutines", func() { _, _ = asyncio.Gather(ctx, coro) }},
		{"Gather2", func() { _, _, _ = asyncio.Gather2(ctx, f, task) }},
		{"Gather3", func() { _, _, _, _ = asyncio.Gather3(ctx, f, task, f) }},
		{"GatherSettled", func() { _, _ = asyncio.GatherSettled(ctx, f) }},
		{"Race", func() { _, _ = asyncio.Race(ctx, f) }},
		{"Any", func() { _, _ = asyncio.Any(ctx, f) }},
		{"Wait", func() { _, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{f}, asyncio.AllCompleted, 0) }},
		{"WaitFor", func() { _, _ = asyncio.WaitFor(ctx, f, time.Second) }},
		{"WaitFor without time", func() { _, _ = asyncio.WaitFor(ctx, f, 0) }},
		{"Shield", func() { _, _ = asyncio.Shield(ctx, f) }},
		{"AsCompleted", func() {
			for range asyncio.AsCompleted(ctx, f) {
			}
		}},
		{"WithTaskGroup", func() {
			_ = asyncio.WithTaskGroup(ctx, func(context.Context, *asyncio.TaskGroup) error { panic("it ran") })
		}},
		{"WithTimeout", func() {
			_ = asyncio.WithTimeout(ctx, time.Hour, func(context.Context) error { panic("it ran") })
		}},
		{"WithTimeoutAt", func() {
			_ = asyncio.WithTimeoutAt(ctx, time.Time{}, func(context.Context) error { panic("it ran") })
		}},
		{"ToThread", func() { _, _ = asyncio.ToThread(ctx, coro) }},
		{"Event.Wait", func() { _ = new(asyncio.Event).Wait(ctx) }},
		{"Lock.Acquire", func() { _ = l.Acquire(ctx) }},
		{"Semaphore.Acquire", func() { _ = asyncio.NewSemaphore(1).Acquire(ctx) }},
		{"Semaphore.AcquireN", func() { _ = asyncio.NewSemaphore(2).AcquireN(ctx, 2) }},
		{"RWLock.Acquire", func() { _ = new(asyncio.RWLock).Acquire(ctx) }},
		{"RWLock.AcquireRead", func() { _ = new(asyncio.RWLock).AcquireRead(ctx) }},
		{"Broadcast.Put", func() { _ = b.Put(ctx, 1) }},
		{"Subscriber.Get", func() { _, _ = b.Subscribe().Get(ctx) }},
		{"Watch.Changes", func() {
			for range asyncio.NewWatch(1).Changes(ctx) {
				break
			}
		}},
		{"Watch.Wait", func() { _, _ = asyncio.NewWatch(1).Wait(ctx, func(int) bool { return true }) }},
		{"Condition.Wait", func() { _ = new(asyncio.Condition).Wait(ctx) }},
		{"Barrier.Wait", func() { _, _ = asyncio.NewBarrier(2).Wait(ctx) }},
		{"Queue.Put", func() { _ = q.Put(ctx, 1) }},
		{"Queue.Get", func() { _, _ = q.Get(ctx) }},
		{"Select", func() { _, _ = asyncio.Select(ctx, q.OnPut(1), l.OnAcquire()) }},
		{"Queue.Join", func() { _ = q.Join(ctx) }},
		{"TaskSet.Next", func() { _, _, _ = new(asyncio.TaskSet[int]).Next(ctx) }},
	}
}

func TestUseFromAForeignGoroutinePanicsWithAdvice(t *testing.T) {
	var all []outcome
	asynctest.MustEnd(t, func(ctx context.Context) error {
		all = outcomes(operations(ctx), func(do func()) any { return asynctest.PanicElsewhere(ctx, do) })
		return nil
	}, caught()...)
	expectOutcomes(t, all, "asyncio: ", "from a goroutine that does not run the loop", "use Loop.CallSoonThreadsafe or RunCoroutineThreadsafe")
	t.Run("TaskGroup", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, func() { tg.Go(asynctest.SleepForever) }), "TaskGroup.Go from a goroutine")
				asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, tg.Cancel), "TaskGroup.Cancel from a goroutine")
				asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, func() { tg.CancelAfter(0) }), "TaskGroup.CancelAfter from a goroutine")
				asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, func() { tg.Expired() }), "TaskGroup.Expired from a goroutine")
				return nil
			})
		}, caught()...)
	})
	t.Run("Timeout", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				x := asyncio.TimeoutOf(ctx)
				asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, func() { x.Reschedule(time.Time{}) }), "Timeout.Reschedule from a goroutine")
				asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, func() { x.Expired() }), "Timeout.Expired from a goroutine")
				return nil
			})
		}, caught()...)
	})
	t.Run("locks, events and queues that have met the loop", func(t *testing.T) {
		var all []outcome
		asynctest.MustEnd(t, func(ctx context.Context) error {
			ops := met(ctx)
			all = outcomes(ops, func(do func()) any { return asynctest.PanicElsewhere(ctx, do) })
			return nil
		}, caught()...)
		for _, o := range all {
			t.Run(o.name, func(t *testing.T) {
				asynctest.ExpectAdviceIn(t, o.value, o.name+" from a goroutine that does not run the loop", "use Loop.CallSoonThreadsafe")
			})
		}
	})
	t.Run("locks, events and queues of no loop, or of one that has ended, may be used", func(t *testing.T) {
		var ops []misuse
		asynctest.MustEnd(t, func(ctx context.Context) error {
			ops = met(ctx)
			return nil
		}, caught()...)
		for _, o := range append(outcomes(ops, asynctest.PanicOf), outcomes(unmet(), asynctest.PanicOf)...) {
			if o.value != nil {
				t.Errorf("%s panicked with %v", o.name, o.value)
			}
		}
	})
	t.Run("but what is for any goroutine does not", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, task := asyncio.RunningLoop(ctx), asyncio.Go(ctx, asynctest.SleepForever)
			if v := asynctest.PanicElsewhere(ctx, func() {
				_, _ = asyncio.RunningLoop(ctx).Now(), task.Name()
				_, _, _, _ = ctx.Err(), ctx.Done(), ctx.Value("key"), context.Cause(ctx)
				asyncio.CurrentTask(ctx)
				_ = l.CallSoonThreadsafe(nothing)
				asyncio.RunCoroutineThreadsafe(l, func(context.Context) (int, error) { return 1, nil })
			}); v != nil {
				t.Errorf("it panicked with %v", v)
			}
			return nil
		}, caught()...)
	})
}

// A set is one of each lock and queue.
type set struct {
	lock      asyncio.Lock
	event     asyncio.Event
	cond      asyncio.Condition
	semaphore *asyncio.Semaphore
	bounded   *asyncio.BoundedSemaphore
	barrier   *asyncio.Barrier
	rw        asyncio.RWLock
	broadcast asyncio.Broadcast[int]
	watch     asyncio.Watch[int]
	// of the broadcast
	subscriber *asyncio.Subscriber[int]
	queue      asyncio.Queue[int]
	tasks      asyncio.TaskSet[int]
}

func newSet() *set {
	s := &set{semaphore: asyncio.NewSemaphore(9), bounded: asyncio.NewBoundedSemaphore(9), barrier: asyncio.NewBarrier(1)}
	s.subscriber = s.broadcast.Subscribe()
	return s
}

// met are the methods without a context of what a task has used. Where one
// needs something to have been taken, it has been.
func met(ctx context.Context) []misuse {
	s := newSet()
	s.event.Set()
	for _, use := range []mainFunc{
		s.lock.Acquire, s.event.Wait, s.cond.Acquire, s.semaphore.Acquire, s.bounded.Acquire, s.rw.Acquire, s.queue.Join,
		func(ctx context.Context) error { return s.broadcast.Put(ctx, 1) },
		func(ctx context.Context) error { return firstOf(s.watch.Changes(ctx)) },
		func(ctx context.Context) error { _, err := s.barrier.Wait(ctx); return err },
		func(ctx context.Context) error { return s.bounded.AcquireN(ctx, 1) },
		func(ctx context.Context) error { return s.queue.Put(ctx, 1) },
		func(ctx context.Context) error { _, _, err := s.tasks.Next(ctx); return err },
	} {
		_ = use(ctx)
	}
	return s.methods()
}

// unmet are the same of what no task has used.
func unmet() []misuse {
	s := newSet()
	s.lock.TryAcquire()
	s.bounded.TryAcquireN(2)
	s.rw.TryAcquire()
	_ = s.queue.TryPut(1)
	return slices.DeleteFunc(s.methods(), func(m misuse) bool { return strings.HasPrefix(m.name, "Condition.") }) // its lock is free
}

func (s *set) methods() []misuse {
	return []misuse{
		{"Lock.Locked", func() { s.lock.Locked() }},
		{"Lock.TryAcquire", func() { s.lock.TryAcquire() }},
		{"Lock.Release", s.lock.Release},
		{"Event.IsSet", func() { s.event.IsSet() }},
		{"Event.Clear", s.event.Clear},
		{"Event.Set", s.event.Set},
		{"Condition.Notify", func() { s.cond.Notify(1) }},
		{"Condition.NotifyAll", s.cond.NotifyAll},
		{"Semaphore.Locked", func() { s.semaphore.Locked() }},
		{"Semaphore.TryAcquire", func() { s.semaphore.TryAcquire() }},
		{"Semaphore.Release", s.semaphore.Release},
		{"Semaphore.TryAcquireN", func() { s.semaphore.TryAcquireN(2) }},
		{"Semaphore.ReleaseN", func() { s.semaphore.ReleaseN(2) }},
		{"Semaphore.SetLimit", func() { s.semaphore.SetLimit(9) }},
		{"BoundedSemaphore.Release", s.bounded.Release},
		{"BoundedSemaphore.ReleaseN", func() { s.bounded.ReleaseN(1) }},
		{"RWLock.Locked", func() { s.rw.Locked() }},
		{"RWLock.TryAcquire", func() { s.rw.TryAcquire() }},
		{"RWLock.Release", s.rw.Release},
		{"RWLock.TryAcquireRead", func() { s.rw.TryAcquireRead() }},
		{"RWLock.ReleaseRead", s.rw.ReleaseRead},
		{"Barrier.Waiting", func() { s.barrier.Waiting() }},
		{"Barrier.Broken", func() { s.barrier.Broken() }},
		{"Barrier.Abort", s.barrier.Abort},
		{"Barrier.Reset", s.barrier.Reset},
		{"Broadcast.TryPut", func() { _ = s.broadcast.TryPut(1) }},
		{"Broadcast.Subscribe", func() { s.broadcast.Subscribe() }},
		{"Broadcast.Subscribers", func() { s.broadcast.Subscribers() }},
		{"Broadcast.Shutdown", func() { s.broadcast.Shutdown(false) }},
		{"Subscriber.Len", func() { s.subscriber.Len() }},
		{"Subscriber.TryGet", func() { _, _ = s.subscriber.TryGet() }},
		{"Subscriber.Close", s.subscriber.Close},
		{"Watch.Get", func() { s.watch.Get() }},
		{"Watch.Set", func() { s.watch.Set(1) }},
		{"Queue.Len", func() { s.queue.Len() }},
		{"Queue.Empty", func() { s.queue.Empty() }},
		{"Queue.Full", func() { s.queue.Full() }},
		{"Queue.TryPut", func() { _ = s.queue.TryPut(1) }},
		{"Queue.TryGet", func() { _, _ = s.queue.TryGet() }},
		{"Queue.TaskDone", func() { s.queue.TaskDone() }},
		{"Queue.Shutdown", func() { s.queue.Shutdown(true) }},
		{"TaskSet.Add", func() { s.tasks.Add() }},
		{"TaskSet.Len", func() { s.tasks.Len() }},
		{"TaskSet.TryNext", func() { s.tasks.TryNext() }},
	}
}

// firstOf ranges over pairs until the first one, and returns its error.
func firstOf[T any](pairs iter.Seq2[T, error]) error {
	for _, err := range pairs {
		return err
	}
	return nil
}

func TestAwaitingOneselfPanicsWithAdvice(t *testing.T) {
	ways := map[string]func(ctx context.Context, self *asyncio.Task[int]) error{
		"Await": func(ctx context.Context, self *asyncio.Task[int]) error { _, err := self.Await(ctx); return err },
		"Gather": func(ctx context.Context, self *asyncio.Task[int]) error {
			_, err := asyncio.Gather(ctx, asyncio.Awaitable[int](self))
			return err
		},
		"Race": func(ctx context.Context, self *asyncio.Task[int]) error {
			_, err := asyncio.Race(ctx, asyncio.Awaitable[int](self))
			return err
		},
		"Wait": func(ctx context.Context, self *asyncio.Task[int]) error {
			_, _, err := asyncio.Wait(ctx, []asyncio.Waitable{self}, asyncio.AllCompleted, 0)
			return err
		},
		"Shield": func(ctx context.Context, self *asyncio.Task[int]) error {
			_, err := asyncio.Shield(ctx, self)
			return err
		},
		"WaitFor": func(ctx context.Context, self *asyncio.Task[int]) error {
			_, err := asyncio.WaitFor(ctx, self, 1<<62)
			return err
		},
		"AsCompleted": func(ctx context.Context, self *asyncio.Task[int]) error {
			for range asyncio.AsCompleted(ctx, asyncio.Awaitable[int](self)) {
			}
			return nil
		},
	}
	for way, await := range ways {
		t.Run("with "+way, func(t *testing.T) {
			onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
				var self *asyncio.Task[int]
				self = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
					asynctest.ExpectAdvice(t, func() { _ = await(ctx, self) }, "task ouroboros awaits itself", "return instead, or await from another task")
					return 1, nil
				}, asyncio.Name("ouroboros"))
				_ = asyncio.Sleep(ctx, time.Hour)
				if !self.Done() {
					t.Error("it waits for itself")
				}
				self.Cancel()
				return nil
			})
		})
	}
}

// besideLoop runs fn on a loop of its own while the loop of ctx is busy.
func besideLoop(ctx context.Context, fn func(ctx context.Context)) error {
	busy := asyncio.Go(ctx, func(ctx context.Context) error {
		for {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
	})
	_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
		return 0, asynctest.Run(context.Background(), func(ctx context.Context) error {
			fn(ctx)
			return nil
		})
	})
	busy.Cancel()
	return err
}

func TestUseOfAnotherLoopPanicsWithAdvice(t *testing.T) {
	t.Run("by its context", func(t *testing.T) {
		var all []outcome
		asynctest.MustEnd(t, func(other context.Context) error {
			ops := operations(other)
			return besideLoop(other, func(context.Context) { all = outcomes(ops, asynctest.PanicOf) })
		}, caught()...)
		expectOutcomes(t, all, "asyncio: ", "or the context is of another loop")
	})
	t.Run("by its tasks and futures", func(t *testing.T) {
		var all []outcome
		asynctest.MustEnd(t, func(other context.Context) error {
			task, f := asyncio.Go(other, asynctest.SleepForever), asyncio.NewFuture[int](other)
			return besideLoop(other, func(mine context.Context) { all = outcomes(waitsFor(mine, task, f), asynctest.PanicOf) })
		}, caught()...)
		expectOutcomes(t, all, "asyncio: ", "RunCoroutineThreadsafe", "another loop")
	})
	t.Run("of its locks, events and queues", func(t *testing.T) {
		var all []outcome
		asynctest.MustEnd(t, func(other context.Context) error {
			var lock asyncio.Lock
			var event asyncio.Event
			var queue asyncio.Queue[int]
			event.Set()
			_, _, _ = lock.Acquire(other), event.Wait(other), queue.Join(other)
			return besideLoop(other, func(mine context.Context) {
				all = outcomes([]misuse{
					{"Lock.Acquire", func() { _ = lock.Acquire(mine) }},
					{"Event.Wait", func() { _ = event.Wait(mine) }},
					{"Queue.Put", func() { _ = queue.Put(mine, 1) }},
				}, asynctest.PanicOf)
			})
		}, caught()...)
		expectOutcomes(t, all, "asyncio: ", "or the context is of another loop")
	})
}

// waitsFor are all ways to wait for something that is under way.
func waitsFor(ctx context.Context, task *asyncio.Task[struct{}], f *asyncio.Future[int]) []misuse {
	return []misuse{
		{"Task.Await", func() { _, _ = task.Await(ctx) }},
		{"Future.Await", func() { _, _ = f.Await(ctx) }},
		{"Gather", func() { _, _ = asyncio.Gather(ctx, f) }},
		{"Gather2", func() { _, _, _ = asyncio.Gather2(ctx, f, task) }},
		{"Gather3", func() { _, _, _, _ = asyncio.Gather3(ctx, f, task, f) }},
		{"GatherSettled", func() { _, _ = asyncio.GatherSettled(ctx, f) }},
		{"Race", func() { _, _ = asyncio.Race(ctx, f) }},
		{"Any", func() { _, _ = asyncio.Any(ctx, f) }},
		{"Wait", func() { _, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{f}, asyncio.AllCompleted, 0) }},
		{"WaitFor", func() { _, _ = asyncio.WaitFor(ctx, f, time.Second) }},
		{"WaitFor without time", func() { _, _ = asyncio.WaitFor(ctx, task, 0) }},
		{"Shield", func() { _, _ = asyncio.Shield(ctx, f) }},
		{"AsCompleted", func() {
			for range asyncio.AsCompleted(ctx, f) {
			}
		}},
	}
}

// withoutLoop are the contexts that belong to no loop that runs.
func withoutLoop(t *testing.T) map[string]context.Context {
	var ended context.Context
	asynctest.MustEnd(t, func(ctx context.Context) error {
		ended = ctx
		return nil
	})
	return map[string]context.Context{
		"in a plain context":          context.Background(),
		"in one of a loop that ended": ended,
	}
}

func TestUseWithoutALoop(t *testing.T) {
	coro := asyncio.Coro[int](func(context.Context) (int, error) { return 0, errors.New("it ran") })
	waits := map[string]func(ctx context.Context) error{
		"Sleep":         func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) },
		"Yield":         asyncio.Yield,
		"Coro.Await":    func(ctx context.Context) error { _, err := coro.Await(ctx); return err },
		"Gather":        func(ctx context.Context) error { _, err := asyncio.Gather(ctx, coro); return err },
		"Gather2":       func(ctx context.Context) error { _, _, err := asyncio.Gather2(ctx, coro, coro); return err },
		"Gather3":       func(ctx context.Context) error { _, _, _, err := asyncio.Gather3(ctx, coro, coro, coro); return err },
		"GatherSettled": func(ctx context.Context) error { _, err := asyncio.GatherSettled(ctx, coro); return err },
		"Gather of nothing": func(ctx context.Context) error {
			_, err := asyncio.Gather[int](ctx)
			return err
		},
		"Race":                 func(ctx context.Context) error { _, err := asyncio.Race(ctx, coro); return err },
		"Any":                  func(ctx context.Context) error { _, err := asyncio.Any(ctx, coro); return err },
		"WaitFor":              func(ctx context.Context) error { _, err := asyncio.WaitFor(ctx, coro, time.Second); return err },
		"WaitFor without time": func(ctx context.Context) error { _, err := asyncio.WaitFor(ctx, coro, 0); return err },
		"Shield":               func(ctx context.Context) error { _, err := asyncio.Shield(ctx, coro); return err },
		"AsCompleted": func(ctx context.Context) (last error) {
			for _, err := range asyncio.AsCompleted(ctx, coro) {
				last = err
			}
			return last
		},
		"Wait": func(ctx context.Context) error {
			_, _, err := asyncio.Wait(ctx, []asyncio.Waitable{}, asyncio.AllCompleted, 0)
			return err
		},
		"WithTaskGroup": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(context.Context, *asyncio.TaskGroup) error { return errors.New("it ran") })
		},
		"WithTimeout": func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, 0, func(context.Context) error { return errors.New("it ran") })
		},
		"WithTimeoutAt": func(ctx context.Context) error {
			return asyncio.WithTimeoutAt(ctx, time.Time{}, func(context.Context) error { return errors.New("it ran") })
		},
		"ToThread":           func(ctx context.Context) error { _, err := asyncio.ToThread(ctx, coro); return err },
		"Event.Wait":         func(ctx context.Context) error { return new(asyncio.Event).Wait(ctx) },
		"Lock.Acquire":       func(ctx context.Context) error { return new(asyncio.Lock).Acquire(ctx) },
		"Semaphore.Acquire":  func(ctx context.Context) error { return asyncio.NewSemaphore(1).Acquire(ctx) },
		"Semaphore.AcquireN": func(ctx context.Context) error { return asyncio.NewSemaphore(2).AcquireN(ctx, 2) },
		"RWLock.Acquire":     func(ctx context.Context) error { return new(asyncio.RWLock).Acquire(ctx) },
		"RWLock.AcquireRead": func(ctx context.Context) error { return new(asyncio.RWLock).AcquireRead(ctx) },
		"Barrier.Wait":       func(ctx context.Context) error { _, err := asyncio.NewBarrier(1).Wait(ctx); return err },
		"Queue.Put":          func(ctx context.Context) error { return asyncio.NewQueue[int](0).Put(ctx, 1) },
		"Queue.Get":          func(ctx context.Context) error { _, err := asyncio.NewQueue[int](0).Get(ctx); return err },
		"Queue.Join":         func(ctx context.Context) error { return asyncio.NewQueue[int](0).Join(ctx) },
		"Select": func(ctx context.Context) error {
			_, err := asyncio.Select(ctx, new(asyncio.Event).OnSet(), asyncio.After(time.Hour))
			return err
		},
		"Broadcast.Put": func(ctx context.Context) error { return new(asyncio.Broadcast[int]).Put(ctx, 1) },
		"Subscriber.Get": func(ctx context.Context) error {
			_, err := new(asyncio.Broadcast[int]).Subscribe().Get(ctx)
			return err
		},
		"Watch.Changes": func(ctx context.Context) error { return firstOf(asyncio.NewWatch(1).Changes(ctx)) },
		"Watch.Wait": func(ctx context.Context) error {
			_, err := asyncio.NewWatch(1).Wait(ctx, func(int) bool { return true })
			return err
		},
	}
	starts := map[string]func(ctx context.Context){
		"CreateTask":    func(ctx context.Context) { asyncio.CreateTask(ctx, coro) },
		"Go":            func(ctx context.Context) { asyncio.Go(ctx, asynctest.SleepForever) },
		"NewFuture":     func(ctx context.Context) { asyncio.NewFuture[int](ctx) },
		"RunInExecutor": func(ctx context.Context) { asyncio.RunInExecutor(ctx, goExecutor{}, coro) },
	}
	for where, ctx := range withoutLoop(t) {
		for name, wait := range waits {
			t.Run(name+" "+where+" returns ErrNoRunningLoop", func(t *testing.T) {
				if err := wait(ctx); !errors.Is(err, asyncio.ErrNoRunningLoop) {
					t.Errorf("it returned %v", err)
				}
			})
		}
		for name, start := range starts {
			t.Run(name+" "+where+" panics with advice", func(t *testing.T) {
				asynctest.ExpectAdvice(t, func() { start(ctx) }, "without a running event loop", "call it in a coroutine that Run runs")
			})
		}
	}
}

func TestSuspendingInACallbackPanicsWithAdvice(t *testing.T) {
	asynctest.NothingIsLeft(t)
	var heard asynctest.Reports
	var all []outcome
	err := asynctest.Run(t.Context(), func(ctx context.Context) error {
		ops := waitOperations(ctx)
		asyncio.RunningLoop(ctx).CallSoon(func() { all = outcomes(ops, asynctest.PanicOf) })
		asyncio.RunningLoop(ctx).CallSoon(func() { _ = asyncio.Sleep(ctx, time.Hour) }) //asyncio:ok callback-suspends that it panics is what is tested
		letPass(ctx, 3)
		return nil
	}, heard.Option(), asynctest.VirtualTime())
	if err != nil {
		t.Error(err)
	}
	heard.Expect(t, "panic in a callback: asyncio: Sleep in a callback")
	expectOutcomes(t, all, "in a callback, which cannot suspend", "create a task there")
}

func TestAFinishedGroupPanicsWithAdvice(t *testing.T) {
	asynctest.MustEnd(t, func(ctx context.Context) error {
		var left *asyncio.TaskGroup
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			left = tg
			return nil
		})
		asynctest.ExpectAdvice(t, func() { left.Go(asynctest.SleepForever) }, "TaskGroup that has been left", "start tasks in its body", "or use CreateTask")
		asynctest.ExpectAdvice(t, func() { asyncio.Spawn(left, asynctest.Value(1)) }, "TaskGroup that has been left")
		if v := asynctest.PanicOf(left.Cancel); v != nil {
			t.Errorf("Cancel panicked with %v", v)
		}
		return err
	})
	for name, tg := range map[string]*asyncio.TaskGroup{"a nil group": nil, "a group that was never entered": new(asyncio.TaskGroup)} {
		t.Run("as does "+name, func(t *testing.T) {
			asynctest.ExpectAdvice(t, func() { tg.Go(asynctest.SleepForever) }, "TaskGroup that is not open", "use the one that WithTaskGroup hands to its body")
			asynctest.ExpectAdvice(t, tg.Cancel, "TaskGroup that is not open")
		})
	}
}

func TestNilPanicsWithAdvice(t *testing.T) {
	t.Run("nil function", func(t *testing.T) {
		expectAdviceOfAll(t, nilFunctions, "asyncio: nil function: pass what is to be called")
	})
	t.Run("nil coroutine", func(t *testing.T) {
		expectAdviceOfAll(t, nilCoroutines, "asyncio: nil coroutine: pass a function")
	})
	t.Run("nil awaitable", func(t *testing.T) {
		expectAdviceOfAll(t, nilAwaitables, "nil awaitable", "pass a Coro, a *Task or a *Future")
	})
	t.Run("nil among what Wait waits for", func(t *testing.T) {
		onVirtualLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			asynctest.ExpectAdvice(t, func() { _, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{nil}, asyncio.AllCompleted, 0) },
				"nil awaitable", "pass a *Task or a *Future")
			return nil
		})
	})
	t.Run("nil context", func(t *testing.T) {
		expectAdviceOfAll(t, nilContexts, "asyncio: nil context: pass the context")
	})
	t.Run("nil context outside a loop", func(t *testing.T) {
		expectOutcomes(t, outcomes(nilContexts(context.Background()), asynctest.PanicOf), "asyncio: nil context: pass the context")
		var none context.Context
		asynctest.ExpectAdvice(t, func() { _ = asyncio.Run(none, asynctest.SleepForever) }, "asyncio: nil context")
		asynctest.ExpectAdvice(t, func() { _ = asyncio.NewRunner().Run(none, asynctest.SleepForever) }, "asyncio: nil context")
	})
	t.Run("nil executor", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			asynctest.ExpectAdvice(t, func() { asyncio.RunInExecutor(ctx, nil, asynctest.Value(1)) }, "nil executor", "pass a WorkerPool, or use ToThread")
			return nil
		})
	})
	t.Run("nil option", func(t *testing.T) {
		asynctest.ExpectAdvice(t, func() { _ = asyncio.Run(t.Context(), asynctest.SleepForever, nil) }, "asyncio: nil option: leave it out")
	})
	t.Run("a method of a nil loop", func(t *testing.T) {
		expectOutcomes(t, outcomes(loopMethods(asyncio.RunningLoop(t.Context())), asynctest.PanicOf), "on a nil loop", "in a coroutine that Run runs")
	})
	t.Run("a method of a zero loop", func(t *testing.T) {
		expectOutcomes(t, outcomes(loopMethods(new(asyncio.Loop)), asynctest.PanicOf), "or a zero one", "in a coroutine that Run runs")
	})
	t.Run("nil loop", func(t *testing.T) {
		asynctest.ExpectAdvice(t, func() { asyncio.RunCoroutineThreadsafe(nil, asynctest.Value(1)) }, "nil loop", "take the loop with RunningLoop")
		asynctest.ExpectAdvice(t, func() { asyncio.RunCoroutineThreadsafe(new(asyncio.Loop), asynctest.Value(1)) }, "zero one", "take the loop with RunningLoop")
	})
}

func nilFunctions(ctx context.Context) []misuse {
	l, task, f := asyncio.RunningLoop(ctx), asyncio.Go(ctx, asyncio.Yield), asyncio.NewFuture[int](ctx)
	return []misuse{
		{"CallSoon", func() { l.CallSoon(nil) }},
		{"CallLater", func() { l.CallLater(1, nil) }},
		{"CallAt", func() { l.CallAt(time.Time{}, nil) }},
		{"CallSoonThreadsafe", func() { _ = l.CallSoonThreadsafe(nil) }},
		{"AddSignalHandler", func() { _ = l.AddSignalHandler(os.Interrupt, nil) }},
		{"Task.AddDoneCallback", func() { task.AddDoneCallback(nil) }},
		{"Future.AddDoneCallback", func() { f.AddDoneCallback(nil) }},
		{"ToThread", func() { _, _ = asyncio.ToThread[int](ctx, nil) }},
		{"RunInExecutor", func() { asyncio.RunInExecutor[int](ctx, goExecutor{}, nil) }},
		{"WithTaskGroup", func() { _ = asyncio.WithTaskGroup(ctx, nil) }},
		{"WithTimeout", func() { _ = asyncio.WithTimeout(ctx, 1, nil) }},
		{"WithTimeoutAt", func() { _ = asyncio.WithTimeoutAt(ctx, time.Time{}, nil) }},
	}
}

func nilCoroutines(ctx context.Context) []misuse {
	var none asyncio.Coro[int]
	l := asyncio.RunningLoop(ctx)
	return []misuse{
		{"Run", func() { _ = asyncio.Run(ctx, nil) }},
		{"RunValue", func() { _, _ = asyncio.RunValue[int](ctx, nil) }},
		{"Runner.Run", func() { _ = asyncio.NewRunner().Run(ctx, nil) }},
		{"CreateTask", func() { asyncio.CreateTask[int](ctx, nil) }},
		{"Go", func() { asyncio.Go(ctx, nil) }},
		{"Coro.Await", func() { _, _ = none.Await(ctx) }},
		{"Gather", func() { _, _ = asyncio.Gather(ctx, none) }},
		{"RunCoroutineThreadsafe", func() { asyncio.RunCoroutineThreadsafe[int](l, nil) }},
		{"TaskGroup.Go", func() {
			_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(nil)
				return nil
			})
		}},
	}
}

func nilAwaitables(ctx context.Context) []misuse {
	var none asyncio.Awaitable[int]
	return []misuse{
		{"Gather", func() { _, _ = asyncio.Gather(ctx, none) }},
		{"Race", func() { _, _ = asyncio.Race(ctx, none) }},
		{"Shield", func() { _, _ = asyncio.Shield(ctx, none) }},
		{"WaitFor", func() { _, _ = asyncio.WaitFor(ctx, none, time.Second) }},
		{"AsCompleted", func() { asyncio.AsCompleted(ctx, none) }},
	}
}

func nilContexts(context.Context) []misuse {
	var none context.Context
	return []misuse{
		{"CreateTask", func() { asyncio.Go(none, asynctest.SleepForever) }},
		{"NewFuture", func() { asyncio.NewFuture[int](none) }},
		{"Sleep", func() { _ = asyncio.Sleep(none, 1) }},
		{"Yield", func() { _ = asyncio.Yield(none) }},
		{"Gather", func() { _, _ = asyncio.Gather(none, asynctest.Value(1)) }},
		{"RunningLoop", func() { asyncio.RunningLoop(none) }},
		{"CurrentTask", func() { asyncio.CurrentTask(none) }},
		{"Event.Wait", func() { _ = new(asyncio.Event).Wait(none) }},
		{"Select", func() { _, _ = asyncio.Select(none, asyncio.Ready()) }},
	}
}
