package cpython

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// An acquirer is a Lock or a semaphore.
type acquirer interface {
	Acquire(ctx context.Context) error
	Release()
	Locked() bool
}

// queueFor starts a task that notes its name when it has what it asks for, and
// its name and an x when it is canceled meanwhile.
func queueFor(ctx context.Context, d *journal, name string, l acquirer) *asyncio.Task[none] {
	task := asyncio.Go(ctx, func(ctx context.Context) error {
		err := l.Acquire(ctx)
		if err != nil {
			name += "x"
		}
		d.add(name)
		return err
	}, asyncio.Name(name))
	passes(ctx, 1)
	return task
}

func TestCPythonLock(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"is taken at once when it is free": func(t *testing.T, ctx context.Context) {
			var l asyncio.Lock
			asynctest.ExpectEqual(t, "locked", l.Locked(), false)
			is(t, "Acquire", l.Acquire(ctx), nil)
			asynctest.ExpectEqual(t, "locked", l.Locked(), true)
			l.Release()
			asynctest.ExpectEqual(t, "locked", l.Locked(), false)
		},
		"goes to those who wait, one by one, in their order": func(t *testing.T, ctx context.Context) {
			var d journal
			var l asyncio.Lock
			is(t, "Acquire", l.Acquire(ctx), nil)
			for _, name := range []string{"a", "b", "c"} {
				queueFor(ctx, &d, name, &l)
			}
			for _, want := range []string{"a", "a b", "a b c"} {
				l.Release()
				passes(ctx, 2)
				d.expect(t, want)
				asynctest.ExpectEqual(t, "locked", l.Locked(), true)
			}
		},
		"is not kept by one that was canceled": func(t *testing.T, ctx context.Context) {
			var d journal
			var l asyncio.Lock
			is(t, "Acquire", l.Acquire(ctx), nil)
			task := queueFor(ctx, &d, "a", &l)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			l.Release()
			is(t, "Acquire", l.Acquire(ctx), nil)
			d.expect(t, "ax")
		},
		"is not lost when its next holder is canceled before the release": func(t *testing.T, ctx context.Context) {
			var d journal
			var l asyncio.Lock
			is(t, "Acquire", l.Acquire(ctx), nil)
			a := queueFor(ctx, &d, "a", &l)
			queueFor(ctx, &d, "b", &l)
			a.Cancel()
			l.Release()
			passes(ctx, 3)
			d.expect(t, "ax b")
		},
		"belongs to its next holder when that is canceled after the release": func(t *testing.T, ctx context.Context) {
			var d journal
			var l asyncio.Lock
			is(t, "Acquire", l.Acquire(ctx), nil)
			a := queueFor(ctx, &d, "a", &l)
			queueFor(ctx, &d, "b", &l)
			l.Release()
			a.Cancel()
			passes(ctx, 3)
			d.expect(t, "a")
			asynctest.ExpectEqual(t, "locked", l.Locked(), true)
			l.Release()
			passes(ctx, 2)
			d.expect(t, "a b")
		},
		"is not overtaken between release and wake-up": func(t *testing.T, ctx context.Context) {
			var d journal
			var l asyncio.Lock
			is(t, "Acquire", l.Acquire(ctx), nil)
			queueFor(ctx, &d, "a", &l)
			l.Release()
			asynctest.ExpectEqual(t, "TryAcquire", l.TryAcquire(), false)
			queueFor(ctx, &d, "b", &l)
			passes(ctx, 2)
			d.expect(t, "a")
		},
		"can be released only when it is held": func(t *testing.T, ctx context.Context) {
			var l asyncio.Lock
			panics(t, "Release of a Lock that is not held", l.Release)
			_ = l.Acquire(ctx)
			l.Release()
			asynctest.ExpectEqual(t, "locked", l.Locked(), false)
			panics(t, "Release of a Lock that is not held", l.Release)
		},
		"is held inside With only": func(t *testing.T, ctx context.Context) {
			var l asyncio.Lock
			err := l.With(ctx, func() error {
				asynctest.ExpectEqual(t, "locked", l.Locked(), true)
				return errOops
			})
			is(t, "With", err, errOops)
			asynctest.ExpectEqual(t, "locked", l.Locked(), false)
		},
	})
}

func TestCPythonEvent(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"wakes all who wait, once it is set": func(t *testing.T, ctx context.Context) {
			var d journal
			var e asyncio.Event
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, func(ctx context.Context) error { defer d.add(name); return e.Wait(ctx) })
			}
			passes(ctx, 3)
			d.expect(t, "")
			e.Set()
			passes(ctx, 1)
			d.expect(t, "a b c")
		},
		"that is set keeps no one waiting": func(t *testing.T, ctx context.Context) {
			var e asyncio.Event
			e.Set()
			is(t, "Wait", e.Wait(ctx), nil)
			asynctest.ExpectEqual(t, "set", e.IsSet(), true)
		},
		"forgets who is canceled": func(t *testing.T, ctx context.Context) {
			var e asyncio.Event
			task, err := canceledAfter(ctx, e.Wait)
			is(t, "Wait", err, asyncio.ErrCanceled)
			e.Set()
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
		},
		"can be cleared": func(t *testing.T, ctx context.Context) {
			var e asyncio.Event
			asynctest.ExpectEqual(t, "set", e.IsSet(), false)
			e.Set()
			asynctest.ExpectEqual(t, "set", e.IsSet(), true)
			e.Clear()
			asynctest.ExpectEqual(t, "set", e.IsSet(), false)
		},
		"that is set and cleared at once wakes who waits, once": func(t *testing.T, ctx context.Context) {
			var d journal
			var e asyncio.Event
			asyncio.Go(ctx, func(ctx context.Context) error {
				_ = e.Wait(ctx)
				d.add("once")
				err := e.Wait(ctx)
				d.add("twice")
				return err
			})
			passes(ctx, 1)
			e.Set()
			e.Clear()
			passes(ctx, 3)
			d.expect(t, "once")
			e.Set()
			e.Set()
			passes(ctx, 1)
			d.expect(t, "once twice")
		},
	})
}

// conditionWaiter starts a task that waits on c and notes how that ended: its
// name, and an x if it was canceled.
func conditionWaiter(t *testing.T, ctx context.Context, d *journal, name string, c *asyncio.Condition) *asyncio.Task[none] {
	task := asyncio.Go(ctx, func(ctx context.Context) error {
		return c.With(ctx, func() error {
			err := c.Wait(ctx)
			asynctest.ExpectEqual(t, "locked after Wait", c.Locked(), true)
			if err != nil {
				name += "x"
			}
			d.add(name)
			return err
		})
	})
	passes(ctx, 1)
	return task
}

func notify(ctx context.Context, c *asyncio.Condition, n int) {
	_ = c.With(ctx, func() error { c.Notify(n); return nil })
}

func TestCPythonCondition(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"wakes as many as it is told, the longest waiting first": func(t *testing.T, ctx context.Context) {
			var d journal
			var c asyncio.Condition
			for _, name := range []string{"a", "b", "c"} {
				conditionWaiter(t, ctx, &d, name, &c)
			}
			notify(ctx, &c, 1)
			passes(ctx, 4)
			d.expect(t, "a")
			notify(ctx, &c, 1)
			notify(ctx, &c, 2048)
			passes(ctx, 6)
			d.expect(t, "a b c")
			asynctest.ExpectEqual(t, "locked", c.Locked(), false)
		},
		"wakes all": func(t *testing.T, ctx context.Context) {
			var d journal
			var c asyncio.Condition
			conditionWaiter(t, ctx, &d, "a", &c)
			conditionWaiter(t, ctx, &d, "b", &c)
			_ = c.With(ctx, func() error { c.NotifyAll(); return nil })
			passes(ctx, 5)
			d.expect(t, "a b")
		},
		"gives the lock back to who is canceled": func(t *testing.T, ctx context.Context) {
			var d journal
			var c asyncio.Condition
			task := conditionWaiter(t, ctx, &d, "a", &c)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			d.expect(t, "ax")
			asynctest.ExpectEqual(t, "locked", c.Locked(), false)
			is(t, "Acquire", c.Acquire(ctx), nil)
			c.Release()
		},
		"lets who is canceled wait for the lock that another holds": func(t *testing.T, ctx context.Context) {
			var d journal
			var c asyncio.Condition
			task := conditionWaiter(t, ctx, &d, "a", &c)
			is(t, "Acquire", c.Acquire(ctx), nil)
			task.Cancel()
			passes(ctx, 5)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			c.Release()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
		},
		"does not cancel who was notified, but its next wait": func(t *testing.T, ctx context.Context) {
			var next, woken error
			var c asyncio.Condition
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				woken = c.With(ctx, func() error { return c.Wait(ctx) })
				next = asyncio.Yield(ctx)
				return next
			})
			passes(ctx, 1)
			is(t, "Acquire", c.Acquire(ctx), nil)
			c.Notify(1)
			passes(ctx, 2)
			task.Cancel()
			passes(ctx, 2)
			c.Release()
			_, _ = task.Await(ctx)
			is(t, "Wait", woken, nil)
			is(t, "the next wait", next, asyncio.ErrCanceled)
		},
		"hands a notification on that a canceled one would have had": func(t *testing.T, ctx context.Context) {
			var d journal
			var c asyncio.Condition
			a := conditionWaiter(t, ctx, &d, "a", &c)
			conditionWaiter(t, ctx, &d, "b", &c)
			is(t, "Acquire", c.Acquire(ctx), nil)
			a.Cancel()
			c.Notify(1)
			c.Release()
			passes(ctx, 6)
			d.expect(t, "ax b")
		},
		"leaves a notification with one that is canceled after it": func(t *testing.T, ctx context.Context) {
			var d journal
			var c asyncio.Condition
			a := conditionWaiter(t, ctx, &d, "a", &c)
			b := conditionWaiter(t, ctx, &d, "b", &c)
			is(t, "Acquire", c.Acquire(ctx), nil)
			c.Notify(1)
			a.Cancel()
			c.Release()
			passes(ctx, 6)
			d.expect(t, "a")
			asynctest.ExpectEqual(t, "the other is done", b.Done(), false)
		},
		"waits until what it is told to wait for holds": func(t *testing.T, ctx context.Context) {
			var c asyncio.Condition
			ready, asked := false, 0
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return c.With(ctx, func() error {
					return c.WaitFor(ctx, func() bool { asked++; return ready })
				})
			})
			passes(ctx, 1)
			notify(ctx, &c, 1)
			passes(ctx, 3)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			ready = true
			notify(ctx, &c, 1)
			_, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "it was asked", asked, 3)
		},
		"needs its lock for everything": func(t *testing.T, ctx context.Context) {
			var c asyncio.Condition
			panics(t, "Condition.Wait without its lock", func() { _ = c.Wait(ctx) })
			panics(t, "Condition.Wait without its lock", func() { _ = c.WaitFor(ctx, func() bool { return false }) })
			panics(t, "Condition.Notify without its lock", func() { c.Notify(1) })
			panics(t, "Condition.NotifyAll without its lock", c.NotifyAll)
		},
		"is its lock, for With": func(t *testing.T, ctx context.Context) {
			var l asyncio.Lock
			c := asyncio.NewCondition(&l)
			err := c.With(ctx, func() error {
				asynctest.ExpectEqual(t, "locked", l.Locked() && c.Locked(), true)
				return nil
			})
			is(t, "With", err, nil)
			asynctest.ExpectEqual(t, "locked", l.Locked() || c.Locked(), false)
		},
		"keeps its lock through a timeout of Wait": func(t *testing.T, ctx context.Context) {
			var c asyncio.Condition
			err := c.With(ctx, func() error {
				err := asyncio.WithTimeout(ctx, time.Second, c.Wait)
				is(t, "Wait", err, asyncio.ErrTimeout)
				asynctest.ExpectEqual(t, "locked", c.Locked(), true)
				return nil
			})
			is(t, "With", err, nil)
		},
	})
}

func TestCPythonSemaphore(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"of nothing is locked": func(t *testing.T, ctx context.Context) {
			asynctest.ExpectEqual(t, "locked", asyncio.NewSemaphore(0).Locked(), true)
			panics(t, "cannot be negative", func() { asyncio.NewSemaphore(-1) })
			panics(t, "cannot be negative", func() { asyncio.NewBoundedSemaphore(-1) })
		},
		"of one is taken and given back": func(t *testing.T, ctx context.Context) {
			s := asyncio.NewSemaphore(1)
			asynctest.ExpectEqual(t, "locked", s.Locked(), false)
			is(t, "Acquire", s.Acquire(ctx), nil)
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
			s.Release()
			asynctest.ExpectEqual(t, "locked", s.Locked(), false)
		},
		"lets in as many as it has, the others in their order": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(3)
			is(t, "Acquire", s.Acquire(ctx), nil)
			for i := range 4 {
				queueFor(ctx, &d, fmt.Sprint(i+1), s)
			}
			passes(ctx, 1)
			d.expect(t, "1 2")
			s.Release()
			s.Release()
			passes(ctx, 2)
			d.expect(t, "1 2 3 4")
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
		},
		"hands the permit on that a canceled one would have had": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(1)
			is(t, "Acquire", s.Acquire(ctx), nil)
			a := queueFor(ctx, &d, "a", s)
			queueFor(ctx, &d, "b", s)
			a.Cancel()
			s.Release()
			passes(ctx, 3)
			d.expect(t, "ax b")
		},
		"is free again when all who waited are canceled": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(1)
			is(t, "Acquire", s.Acquire(ctx), nil)
			queueFor(ctx, &d, "a", s).Cancel()
			queueFor(ctx, &d, "b", s).Cancel()
			passes(ctx, 3)
			s.Release()
			asynctest.ExpectEqual(t, "locked", s.Locked(), false)
			is(t, "Acquire", s.Acquire(ctx), nil)
			d.expect(t, "ax bx")
		},
		"does not hang when one that was woken is canceled and comes back": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(1)
			is(t, "Acquire", s.Acquire(ctx), nil)
			a := queueFor(ctx, &d, "a", s)
			b := queueFor(ctx, &d, "b", s)
			s.Release()
			a.Cancel()
			passes(ctx, 3)
			d.expect(t, "a")
			s.Release()
			_, err := b.Await(ctx)
			is(t, "the next", err, nil)
			s.Release()
			asynctest.ExpectEqual(t, "locked", s.Locked(), false)
		},
		"is bounded if it is made so": func(t *testing.T, ctx context.Context) {
			panics(t, "Release of a BoundedSemaphore", asyncio.NewBoundedSemaphore(1).Release)
			s := asyncio.NewSemaphore(1)
			s.Release()
			_ = s.Acquire(ctx)
			asynctest.ExpectEqual(t, "locked", s.Locked(), false)
		},
		"gives a permit back to no one who waits": func(t *testing.T, ctx context.Context) {
			s := asyncio.NewBoundedSemaphore(1)
			is(t, "Acquire", s.Acquire(ctx), nil)
			s.Release()
			asynctest.ExpectEqual(t, "locked", s.Locked(), false)
		},
	})
}

// inOut asks for a permit again and again, and gives it back at once or after
// a pass.
func inOut(d *journal, s *asyncio.Semaphore, name string, pause bool, times int) asyncio.Coro[none] {
	return func(ctx context.Context) (none, error) {
		for range times {
			if err := s.Acquire(ctx); err != nil {
				return none{}, err
			}
			d.add(name)
			if pause {
				passes(ctx, 1)
			}
			s.Release()
		}
		return none{}, nil
	}
}

func TestCPythonSemaphoreOrder(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"tasks that hold it over a pass take turns": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(1)
			_, err := asyncio.Gather(ctx, inOut(&d, s, "a", true, 3), inOut(&d, s, "b", true, 3))
			is(t, "Gather", err, nil)
			d.expect(t, "a b a b a b")
		},
		"one that comes in between is last": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(1)
			is(t, "Acquire", s.Acquire(ctx), nil)
			queueFor(ctx, &d, "a", s)
			queueFor(ctx, &d, "b", s)
			s.Release()
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), false)
			queueFor(ctx, &d, "c", s)
			s.Release()
			s.Release()
			passes(ctx, 3)
			d.expect(t, "a b c")
		},
		"one that is canceled in the middle changes nothing for the others": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(0)
			queueFor(ctx, &d, "a", s)
			b := queueFor(ctx, &d, "b", s)
			queueFor(ctx, &d, "c", s)
			b.Cancel()
			s.Release()
			s.Release()
			passes(ctx, 3)
			d.expect(t, "bx a c")
		},
		"a permit that is given back while one is on its way goes to the next": func(t *testing.T, ctx context.Context) {
			var d journal
			s := asyncio.NewSemaphore(0)
			queueFor(ctx, &d, "a", s)
			s.Release()
			b := queueFor(ctx, &d, "b", s)
			s.Release()
			_, err := b.Await(ctx)
			is(t, "the second", err, nil)
			d.expect(t, "a b")
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
		},
	})
}
