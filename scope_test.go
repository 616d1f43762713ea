package asyncio_test

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A suspension is an operation that waits until its context is canceled.
type suspension struct {
	name string
	wait func(ctx context.Context) error
}

// suspensions returns every operation that can suspend, made so that nothing
// but a cancellation ends it.
func suspensions(ctx context.Context) []suspension {
	return append(append(plainWaits(ctx), primitiveWaits(ctx)...), combinedWaits()...)
}

func plainWaits(ctx context.Context) []suspension {
	future := asyncio.NewFuture[int](ctx)
	return []suspension{
		{name: "Sleep", wait: asynctest.SleepForever},
		{name: "Future.Await", wait: func(ctx context.Context) error {
			_, err := future.Await(ctx)
			return err
		}},
		{name: "Task.Await", wait: func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, asynctest.SleepForever).Await(ctx)
			return err
		}},
		{name: "Coro.Await", wait: func(ctx context.Context) error {
			_, err := asynctest.Later(1000*time.Hour, 1).Await(ctx)
			return err
		}},
		{name: "WithTaskGroup with a task", wait: func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(asynctest.SleepForever)
				return nil
			})
		}},
		{name: "WithTaskGroup with a body", wait: func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error {
				return asynctest.SleepForever(ctx)
			})
		}},
		{name: "WithTimeout", wait: func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, 2000*time.Hour, func(ctx context.Context) error {
				return asynctest.SleepForever(ctx)
			})
		}},
	}
}

func primitiveWaits(ctx context.Context) []suspension {
	var event asyncio.Event
	var lock asyncio.Lock
	lock.TryAcquire()
	var cond asyncio.Condition
	var read, written asyncio.RWLock
	read.TryAcquireRead()
	written.TryAcquire()
	broadcast := asyncio.NewBroadcast[int](1)
	broadcast.Subscribe()
	_ = broadcast.TryPut(1)
	full, empty := asyncio.NewQueue[int](1), asyncio.NewQueue[int](0)
	_ = full.TryPut(1)
	return []suspension{
		{name: "Event.Wait", wait: event.Wait},
		{name: "Select", wait: func(ctx context.Context) error {
			_, err := asyncio.Select(ctx, event.OnSet(), asyncio.After(time.Hour))
			return err
		}},
		{name: "Lock.Acquire", wait: lock.Acquire},
		{name: "Semaphore.Acquire", wait: asyncio.NewSemaphore(0).Acquire},
		{name: "BoundedSemaphore.Acquire", wait: asyncio.NewBoundedSemaphore(0).Acquire},
		{name: "Semaphore.AcquireN", wait: func(ctx context.Context) error { return asyncio.NewSemaphore(1).AcquireN(ctx, 2) }},
		{name: "RWLock.Acquire", wait: read.Acquire},
		{name: "RWLock.AcquireRead", wait: written.AcquireRead},
		{name: "Broadcast.Put", wait: func(ctx context.Context) error { return broadcast.Put(ctx, 1) }},
		{name: "Subscriber.Get", wait: func(ctx context.Context) error {
			_, err := new(asyncio.Broadcast[int]).Subscribe().Get(ctx)
			return err
		}},
		{name: "Watch.Wait", wait: func(ctx context.Context) error {
			_, err := asyncio.NewWatch(1).Wait(ctx, func(v int) bool { return v != 1 })
			return err
		}},
		{name: "Condition.Wait", wait: func(ctx context.Context) error {
			return cond.With(context.WithoutCancel(ctx), func() error { return cond.Wait(ctx) })
		}},
		{name: "Barrier.Wait", wait: func(ctx context.Context) error {
			_, err := asyncio.NewBarrier(2).Wait(ctx)
			return err
		}},
		{name: "Queue.Get", wait: func(ctx context.Context) error {
			_, err := empty.Get(ctx)
			return err
		}},
		{name: "Queue.Put", wait: func(ctx context.Context) error { return full.Put(ctx, 2) }},
		{name: "Queue.Join", wait: full.Join},
	}
}

func combinedWaits() []suspension {
	long := asynctest.Later(1000*time.Hour, 1)
	return []suspension{
		{name: "Gather", wait: func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, long, long)
			return err
		}},
		{name: "Gather2", wait: func(ctx context.Context) error {
			_, _, err := asyncio.Gather2(ctx, long, long)
			return err
		}},
		{name: "Gather3", wait: func(ctx context.Context) error {
			_, _, _, err := asyncio.Gather3(ctx, long, long, long)
			return err
		}},
		{name: "GatherSettled", wait: func(ctx context.Context) error {
			_, err := asyncio.GatherSettled(ctx, long, long)
			return err
		}},
		{name: "Race", wait: func(ctx context.Context) error {
			_, err := asyncio.Race(ctx, long, long)
			return err
		}},
		{name: "Any", wait: func(ctx context.Context) error {
			_, err := asyncio.Any(ctx, long, long)
			return err
		}},
		{name: "Wait", wait: func(ctx context.Context) error {
			task := asyncio.CreateTask(ctx, long)
			defer task.Cancel() // Wait leaves it
			_, _, err := asyncio.Wait(ctx, []*asyncio.Task[int]{task}, asyncio.AllCompleted, 0)
			return err
		}},
		{name: "WaitFor", wait: func(ctx context.Context) error {
			_, err := asyncio.WaitFor(ctx, long, 2000*time.Hour)
			return err
		}},
		{name: "AsCompleted", wait: func(ctx context.Context) (err error) {
			a, b := asyncio.CreateTask(ctx, long), asyncio.CreateTask(ctx, long)
			defer a.Cancel()
			defer b.Cancel()
			for _, err = range asyncio.AsCompleted(ctx, a, b) {
			}
			return err
		}},
		{name: "Shield", wait: func(ctx context.Context) error {
			task := asyncio.CreateTask(ctx, long)
			defer task.Cancel()
			_, err := asyncio.Shield(ctx, task)
			return err
		}},
	}
}

// eachSuspension runs check with every suspension, on a loop of its own.
func eachSuspension(t *testing.T, check func(t *testing.T, ctx context.Context, s suspension)) {
	eachSuspensionIn(t, asynctest.OnLoop, check)
}

func eachSuspensionIn(t *testing.T, on func(*testing.T, func(context.Context)), check func(t *testing.T, ctx context.Context, s suspension)) {
	var count int
	asynctest.InVirtualTime(t, func(ctx context.Context) { count = len(suspensions(ctx)) })
	for i := range count {
		var name string
		asynctest.InVirtualTime(t, func(ctx context.Context) { name = suspensions(ctx)[i].name })
		t.Run(name, func(t *testing.T) {
			on(t, func(ctx context.Context) { check(t, ctx, suspensions(ctx)[i]) })
		})
	}
}

func TestEverySuspension(t *testing.T) {
	t.Run("ends when its task is canceled", func(t *testing.T) {
		eachSuspension(t, func(t *testing.T, ctx context.Context, s suspension) {
			var got error
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				got = s.wait(ctx)
				return got
			})
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "it waits", task.Done(), false)
			task.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectCanceled(t, got)
			asynctest.ExpectEqual(t, "task canceled", task.Canceled(), true)
		})
	})

	t.Run("ends at once on a context that is canceled, again and again", func(t *testing.T) {
		eachSuspension(t, func(t *testing.T, ctx context.Context, s suspension) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				asynctest.ExpectCanceled(t, asynctest.SleepForever(ctx))
				for range 3 {
					asynctest.ExpectCanceled(t, s.wait(ctx))
				}
				return nil
			})
			asynctest.Settle(ctx)
			task.Cancel()
			took := asynctest.Elapsed(ctx, func() { _, _ = task.Await(ctx) })
			asynctest.ExpectEqual(t, "time", took, 0)
		})
	})

	t.Run("is no match for a timeout around it", func(t *testing.T) {
		eachSuspension(t, func(t *testing.T, ctx context.Context, s suspension) {
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
					err := s.wait(ctx)
					asynctest.ExpectCanceled(t, err)
					return err
				}))
			})
			asynctest.ExpectEqual(t, "time", took, time.Minute)
		})
	})

	t.Run("ends when a group around it is canceled", func(t *testing.T) {
		eachSuspension(t, func(t *testing.T, ctx context.Context, s suspension) {
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(s.wait)
				asynctest.Settle(ctx)
				tg.Cancel()
				return nil
			}))
		})
	})

	t.Run("is not cut when context.WithoutCancel protects it", func(t *testing.T) {
		eachSuspensionIn(t, asynctest.OnRealLoop, func(t *testing.T, ctx context.Context, s suspension) {
			var cancel context.CancelCauseFunc
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				ctx, cancel = context.WithCancelCause(context.WithoutCancel(ctx))
				return s.wait(ctx)
			})
			_ = asyncio.Yield(ctx)
			task.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			cancel(errBoom)
			_, err := task.Await(ctx)
			asynctest.ExpectIs(t, err, errBoom)
			asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
		})
	})
}

func TestSuspensionOnAContextOfTheStandardLibrary(t *testing.T) {
	t.Run("ends with its error, which is not ErrCanceled", func(t *testing.T) {
		eachSuspensionIn(t, asynctest.OnRealLoop, func(t *testing.T, ctx context.Context, s suspension) {
			derived, cancel := context.WithCancelCause(ctx)
			asyncio.RunningLoop(ctx).CallSoon(func() { cancel(errBoom) })
			err := s.wait(derived)
			asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
			asynctest.ExpectIs(t, err, context.Canceled)
			asynctest.ExpectIs(t, err, errBoom)
			asynctest.ExpectIs(t, context.Cause(derived), errBoom)
		})
	})

	t.Run("ends at once when that is canceled already", func(t *testing.T) {
		eachSuspension(t, func(t *testing.T, ctx context.Context, s suspension) {
			derived, cancel := context.WithCancelCause(ctx)
			cancel(errBoom)
			for range 2 {
				err := s.wait(derived)
				asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
				asynctest.ExpectIs(t, err, errBoom)
			}
		})
	})

	t.Run("ends with ErrCanceled when ours is canceled below it", func(t *testing.T) {
		eachSuspension(t, func(t *testing.T, ctx context.Context, s suspension) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				ctx, cancel := context.WithTimeout(context.WithValue(ctx, keyOne, 1), 1000*time.Hour)
				defer cancel()
				ctx, cancel = context.WithCancel(context.WithValue(ctx, keyTwo, 2))
				defer cancel()
				return s.wait(ctx)
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectEqual(t, "task canceled", task.Canceled(), true)
		})
	})

	t.Run("starts no goroutine", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			others := func() int {
				return runtime.NumGoroutine() - asyncio.RunningLoop(ctx).Stats().Workers
			}
			before := others()
			waits := suspensions(ctx)
			tasks := make([]*asyncio.Task[struct{}], len(waits))
			for i, s := range waits {
				tasks[i] = asyncio.Go(ctx, func(ctx context.Context) error {
					ctx, cancel := context.WithCancelCause(ctx)
					defer cancel(nil)
					ctx, stop := context.WithCancel(context.WithValue(ctx, keyOne, 1))
					defer stop()
					return s.wait(ctx)
				})
			}
			asynctest.Settle(ctx)
			// The runtime counts a goroutine a moment longer than it lives.
			asynctest.Eventually(t, "there are no more goroutines besides the workers", func() bool { return others() <= before })
			for _, task := range tasks {
				task.Cancel()
			}
			asynctest.Settle(ctx)
		})
	})
}

type contextKey int

const (
	keyOne contextKey = iota
	keyTwo
)

func TestSuspensionPasses(t *testing.T) {
	t.Run("a wait that owns nothing returns in the pass after its cancellation", func(t *testing.T) {
		eachSuspensionIn(t, asynctest.InOrder, func(t *testing.T, ctx context.Context, s suspension) {
			owns := map[string]bool{
				"Task.Await": true, "WithTaskGroup with a task": true, "Gather": true, "Gather2": true,
				"Gather3": true, "GatherSettled": true, "Race": true, "Any": true,
			}
			if owns[s.name] {
				t.Skip("it waits for the end of what it owns")
			}
			l := asyncio.RunningLoop(ctx)
			var end uint64
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				err := s.wait(ctx)
				end = l.Stats().Passes
				return err
			})
			asynctest.Settle(ctx)
			begin := l.Stats().Passes
			task.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "passes", end-begin, 1)
		})
	})
}

func TestCleanupWithoutCancel(t *testing.T) {
	t.Run("can wait in a canceled task", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.CreateTask(ctx, asynctest.CleansUp(&d, "it", time.Minute))
			asynctest.Settle(ctx)
			task.Cancel()
			took := asynctest.Elapsed(ctx, func() { _, _ = task.Await(ctx) })
			asynctest.ExpectEqual(t, "time", took, time.Minute)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
			d.Expect(t, "it is clean")
		})
	})

	t.Run("can have a timeout of ours", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				return asyncio.WithTimeout(context.WithoutCancel(ctx), time.Second, func(ctx context.Context) error {
					return asynctest.SleepForever(ctx)
				})
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectTimeout(t, err)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
		})
	})

	t.Run("can have a group of its own", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (n int, err error) {
				_ = asynctest.SleepForever(ctx)
				err = asyncio.WithTaskGroup(context.WithoutCancel(ctx), func(_ context.Context, tg *asyncio.TaskGroup) error {
					for range 3 {
						tg.Go(func(ctx context.Context) error {
							n++
							return asyncio.Sleep(ctx, time.Second)
						})
					}
					return nil
				})
				return n, err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			n, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "tasks", n, 3)
		})
	})

	t.Run("can have a context of the standard library", func(t *testing.T) {
		for name, wait := range map[string]func(context.Context) error{
			"for a wait": asynctest.SleepForever,
			"for a group": func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(asynctest.SleepForever)
					return nil
				})
			},
			"for a timeout": func(ctx context.Context) error {
				return asyncio.WithTimeout(ctx, 2000*time.Hour, func(ctx context.Context) error {
					return asynctest.SleepForever(ctx)
				})
			},
		} {
			t.Run(name, func(t *testing.T) { standardContextInCleanup(t, wait) })
		}
	})
}

func standardContextInCleanup(t *testing.T, wait func(context.Context) error) {
	t.Helper()
	asynctest.OnRealLoop(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			_ = asynctest.SleepForever(ctx)
			cleanup, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
			asyncio.RunningLoop(ctx).CallSoon(func() { cancel(errBoom) })
			return wait(cleanup)
		})
		_ = asyncio.Yield(ctx)
		task.Cancel()
		_, err := task.Await(ctx)
		asynctest.ExpectIs(t, err, errBoom)
		asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
	})
}

// A context that has got out of its body is done, and so is what is opened on it. Its
// tasks are listed as long as they are there.
func TestTasksOnAContextThatHasGotOut(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		var leaked context.Context
		asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
			leaked = ctx
			return nil
		}))
		asynctest.ExpectCanceled(t, asyncio.WithTaskGroup(leaked, func(_ context.Context, tg *asyncio.TaskGroup) error {
			child := tg.Go(asynctest.SleepForever)
			listed := slices.ContainsFunc(asyncio.AllTasks(ctx), func(i asyncio.TaskInfo) bool { return i.Name == child.Name() })
			asynctest.ExpectEqual(t, "listed", listed, true)
			return nil
		}))
		asynctest.ExpectCanceled(t, asyncio.WithTimeout(leaked, time.Hour, asynctest.SleepForever))
	})
}
