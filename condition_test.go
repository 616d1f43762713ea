package asyncio_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// waiter is a task that waits on a condition and notes when it goes on.
func waiter(d *asynctest.Logbook, name string, cond *asyncio.Condition) func(context.Context) error {
	return func(ctx context.Context) error {
		return cond.With(ctx, func() error {
			err := cond.Wait(ctx)
			d.Add("%s: %v, locked: %v", name, err, cond.Locked())
			return err
		})
	}
}

func TestCondition(t *testing.T) {
	startThree := func(ctx context.Context, d *asynctest.Logbook, cond *asyncio.Condition) (tasks []*asyncio.Task[struct{}]) {
		for _, name := range []string{"a", "b", "c"} {
			tasks = append(tasks, asyncio.Go(ctx, waiter(d, name, cond)))
		}
		asynctest.Settle(ctx)
		return tasks
	}

	t.Run("Notify wakes those that have waited longest, and they have the lock", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var cond asyncio.Condition
			startThree(ctx, &d, &cond)
			_ = cond.With(ctx, func() error {
				cond.Notify(2)
				return nil
			})
			asynctest.Settle(ctx)
			d.Expect(t, "a: <nil>, locked: true", "b: <nil>, locked: true")
			asynctest.ExpectEqual(t, "locked", cond.Locked(), false)
		})
	})

	t.Run("NotifyAll wakes all", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var cond asyncio.Condition
			startThree(ctx, &d, &cond)
			_ = cond.With(ctx, func() error {
				cond.NotifyAll()
				return nil
			})
			asynctest.Settle(ctx)
			d.Expect(t, "a: <nil>, locked: true", "b: <nil>, locked: true", "c: <nil>, locked: true")
		})
	})

	t.Run("Notify of more than there are wakes all, and of no one does nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var cond asyncio.Condition
			startThree(ctx, &d, &cond)
			_ = cond.With(ctx, func() error {
				cond.Notify(0)
				cond.Notify(100)
				cond.Notify(1)
				return nil
			})
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "woken", len(d.Lines()), 3)
		})
	})

	t.Run("a waiter that is canceled has the lock when it returns", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var cond asyncio.Condition
			tasks := startThree(ctx, &d, &cond)
			tasks[1].Cancel()
			asynctest.Settle(ctx)
			d.Expect(t, "b: asyncio: canceled, locked: true")
			asynctest.ExpectEqual(t, "locked", cond.Locked(), false)
		})
	})

	t.Run("taking the lock back cannot be canceled", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var cond asyncio.Condition
			task := asyncio.Go(ctx, waiter(&d, "a", &cond))
			asynctest.Settle(ctx)
			_ = cond.Acquire(ctx)
			for range 3 {
				task.Cancel()
				_ = asyncio.Sleep(ctx, time.Minute)
			}
			d.Expect(t)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			cond.Release()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			d.Expect(t, "a: asyncio: canceled, locked: true")
		})
	})

	t.Run("one that was notified is not canceled while it takes the lock back", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var cond asyncio.Condition
			task := asyncio.Go(ctx, waiter(&d, "a", &cond))
			asynctest.Settle(ctx)
			_ = cond.Acquire(ctx)
			cond.Notify(1)
			asynctest.Settle(ctx)
			task.Cancel()
			asynctest.Settle(ctx)
			cond.Release()
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			d.Expect(t, "a: <nil>, locked: true")
		})
	})

	t.Run("no notification is lost with a waiter that is canceled", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var cond asyncio.Condition
			tasks := startThree(ctx, &d, &cond)
			_ = cond.Acquire(ctx)
			tasks[0].Cancel()
			cond.Notify(1)
			cond.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "a: asyncio: canceled, locked: true", "b: <nil>, locked: true")
		})
	})

	t.Run("WaitFor waits until what it wants holds", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var cond asyncio.Condition
			n, checks := 0, 0
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return cond.With(ctx, func() error {
					return cond.WaitFor(ctx, func() bool {
						checks++
						return n >= 3
					})
				})
			})
			for range 3 {
				asynctest.Settle(ctx)
				asynctest.ExpectEqual(t, "done", task.Done(), false)
				_ = cond.With(ctx, func() error {
					n++
					cond.NotifyAll()
					return nil
				})
			}
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "checks", checks, 4)
		})
	})

	t.Run("WaitFor does not suspend for what holds already", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var cond asyncio.Condition
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				asynctest.ExpectNil(t, cond.With(ctx, func() error { return cond.WaitFor(ctx, func() bool { return true }) }))
			}), 0)
		})
	})

	t.Run("can share a lock", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var lock asyncio.Lock
			a, b := asyncio.NewCondition(&lock), asyncio.NewCondition(&lock)
			asynctest.ExpectNil(t, a.Acquire(ctx))
			asynctest.ExpectEqual(t, "b locked", b.Locked(), true)
			asynctest.ExpectEqual(t, "TryAcquire", lock.TryAcquire(), false)
			b.Release()
			asynctest.ExpectEqual(t, "a locked", a.Locked(), false)
			asynctest.ExpectNil(t, asyncio.NewCondition(nil).Acquire(ctx))
		})
	})

	t.Run("panics without its lock", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var cond asyncio.Condition
			asynctest.ExpectPanic(t, func() { cond.Notify(1) })
			asynctest.ExpectPanic(t, cond.NotifyAll)
			asynctest.ExpectPanic(t, func() { _ = cond.Wait(ctx) })
			asynctest.ExpectPanic(t, cond.Release)
		})
	})
}
