package main

// Crowds: 100,000 tasks wait on one Event, Lock, Semaphore or Condition, and are
// all woken, or all canceled, or every tenth of them is canceled, from among
// the others. This is compared with a tenth as many: if one task then costs about the
// same, the cost of all is linear, and it does not matter among how many others a task
// waits. (Only about the same, because no cache can hold 100,000 stacks.) Woken tasks are
// compared with as many goroutines on what Go has for the purpose. One operation is one
// task that is woken or canceled. The time runs until all those have ended; creating them
// is not in it.
//
// Not measured: waiters that do not all wait for the same thing.

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/asyncio-go/asyncio"
)

// place is what a crowd waits for, in tasks and in goroutines.
type place struct {
	name  string
	tasks func() (wait func(context.Context) error, wake func(n int))

	goName     string
	goroutines func() (wait func(), wake func(n int))
	ratios     []target // of tasks to goroutines, where all are woken
}

var places = []place{
	{"an Event", onEvent, "close of a channel", onChannel, nil},
	{"a Lock", onLock, "sync.Mutex", onMutex, nil},
	{"a Semaphore", onSemaphore, "semaphore.Weighted", onWeighted, nil},
	{"a Condition", onCondition, "sync.Cond", onCond, []target{{wall, 1.2}}},
}

func crowdSubjects(count int) (all []subject) {
	for _, p := range places {
		goroutines := base{contender{name: p.goName, unit: count, body: wakeGoroutines(p, count)}, p.ratios}
		wake := crowdSubject("wake all on "+p.name, count, count, p.wakeAll, goroutines)
		if len(p.ratios) > 0 {
			wake.rounds = usualRounds
		}
		all = append(all, wake,
			cancelCrowd("cancel all on "+p.name, count, count, p.cancelAll),
			cancelCrowd("cancel every tenth on "+p.name, count, count/10, p.cancelTenth),
		)
	}
	return all
}

// crowdSubject compares a crowd of count, in which so many operations are done,
// with one that is a tenth as large.
func crowdSubject(name string, count, ops int, do func(most int) body, others ...base) subject {
	tenth := base{contender{name: "a tenth as many", unit: ops / 10, body: do(count / 10)}, []target{{wall, 2}}}
	return subject{
		name: name, op: "task", rounds: 3, ops: fewOps,
		ours:  contender{name: "asyncio", unit: ops, body: do(count)},
		bases: append([]base{tenth}, others...),
	}
}

func cancelCrowd(name string, count, ops int, do func(most int) body) subject {
	s := crowdSubject(name, count, ops, do)
	s.ops = uncounted
	return s
}

func onEvent() (func(context.Context) error, func(int)) {
	e := new(asyncio.Event)
	return e.Wait, func(int) { e.Set() }
}

func onLock() (func(context.Context) error, func(int)) {
	l := new(asyncio.Lock)
	l.TryAcquire()
	return func(ctx context.Context) error { return l.With(ctx, succeed) }, func(int) { l.Release() }
}

func succeed() error { return nil }

func onSemaphore() (func(context.Context) error, func(int)) {
	s := asyncio.NewSemaphore(0)
	return s.Acquire, func(n int) {
		for range n {
			s.Release()
		}
	}
}

func onCondition() (func(context.Context) error, func(int)) {
	l := new(asyncio.Lock)
	c := asyncio.NewCondition(l)
	wait := func(ctx context.Context) error {
		return c.With(ctx, func() error { return c.Wait(ctx) })
	}
	return wait, func(int) {
		l.TryAcquire()
		c.NotifyAll()
		l.Release()
	}
}

func onChannel() (func(), func(int)) {
	c := make(chan struct{})
	return func() { <-c }, func(int) { close(c) }
}

func onMutex() (func(), func(int)) {
	m := new(sync.Mutex)
	m.Lock()
	return func() { m.Lock(); defer m.Unlock() }, func(int) { m.Unlock() }
}

func onWeighted() (func(), func(int)) {
	s := semaphore.NewWeighted(1 << 30)
	s.TryAcquire(1 << 30)
	return func() { _ = s.Acquire(context.Background(), 1) }, func(n int) { s.Release(int64(n)) }
}

func onCond() (func(), func(int)) {
	c := sync.NewCond(new(sync.Mutex))
	return func() { c.L.Lock(); defer c.L.Unlock(); c.Wait() }, func(int) { c.Broadcast() }
}

// crowd is a number of tasks that wait.
type crowd struct {
	tasks      []*asyncio.Task[struct{}]
	group      *asyncio.TaskGroup
	wake       func(n int)
	woken, cut int
}

// inCrowds lets n tasks wait, most at a time, does something with each crowd,
// and waits until all have ended.
func (p place) inCrowds(n, most int, do func(ctx context.Context, c *crowd) error, check func(c *crowd) error) error {
	return run(func(ctx context.Context) error {
		for size := range batches(n, most) {
			wait, wake := p.tasks()
			c := &crowd{wake: wake}
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				c.group = tg
				if err := c.fill(ctx, size, wait); err != nil {
					return err
				}
				return do(ctx, c)
			})
			if err != nil {
				return err
			}
			if err := check(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// fill returns when all tasks wait.
func (c *crowd) fill(ctx context.Context, size int, wait func(context.Context) error) error {
	arrived := 0
	for range size {
		c.tasks = append(c.tasks, c.group.Go(func(ctx context.Context) error {
			arrived++
			err := wait(ctx)
			if err == nil {
				c.woken++
			} else {
				c.cut++
			}
			return err
		}))
	}
	for arrived < size {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p place) wakeAll(most int) body {
	return func(t timer, n int) error {
		t.StopTimer()
		wake := func(_ context.Context, c *crowd) error {
			t.StartTimer()
			c.wake(len(c.tasks))
			return nil
		}
		return p.inCrowds(n, most, wake, func(c *crowd) error {
			t.StopTimer()
			return expect("woken tasks", c.woken, len(c.tasks))
		})
	}
}

func (p place) cancelAll(most int) body {
	return func(t timer, n int) error {
		t.StopTimer()
		cancel := func(_ context.Context, c *crowd) error {
			t.StartTimer()
			c.group.Cancel()
			return nil
		}
		return p.inCrowds(n, most, cancel, func(c *crowd) error {
			t.StopTimer()
			return expect("canceled tasks", c.cut, len(c.tasks))
		})
	}
}

// cancelTenth cancels every tenth task, n in all; the rest are woken when the
// watch has stopped.
func (p place) cancelTenth(most int) body {
	return func(t timer, n int) error {
		t.StopTimer()
		cancel := func(ctx context.Context, c *crowd) error {
			t.StartTimer()
			for i := 0; i < len(c.tasks); i += 10 {
				c.tasks[i].Cancel()
			}
			for c.cut < len(c.tasks)/10 {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			t.StopTimer()
			c.wake(len(c.tasks))
			return nil
		}
		return p.inCrowds(10*n, most, cancel, func(c *crowd) error {
			return expect("canceled tasks", c.cut, len(c.tasks)/10)
		})
	}
}

// wakeGoroutines does with goroutines what wakeAll does with tasks.
func wakeGoroutines(p place, most int) body {
	return func(t timer, n int) error {
		t.StopTimer()
		for size := range batches(n, most) {
			wait, wake := p.goroutines()
			var arrived atomic.Int64
			var all sync.WaitGroup
			for range size {
				all.Go(func() {
					arrived.Add(1)
					wait()
				})
			}
			for int(arrived.Load()) < size {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(20 * time.Millisecond) // the last ones have counted themselves, but wait only now
			t.StartTimer()
			wake(size)
			all.Wait()
			t.StopTimer()
		}
		return nil
	}
}
