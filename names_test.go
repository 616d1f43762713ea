package asyncio_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A named is something that has a name, and how a task comes to wait for it.
type named struct {
	kind    string
	setName func(string)
	wait    func(ctx context.Context) error
}

// namedThings returns one of each kind, none of which has met a loop, in a state in which
// tasks have to wait.
func namedThings() (all []named) {
	add := func(kind string, setName func(string), wait func(ctx context.Context) error) {
		all = append(all, named{kind, setName, wait})
	}
	lock, event, condition, barrier := new(asyncio.Lock), new(asyncio.Event), new(asyncio.Condition), asyncio.NewBarrier(1000)
	lock.TryAcquire()
	semaphore, bounded := new(asyncio.Semaphore), asyncio.NewBoundedSemaphore(1)
	bounded.TryAcquire()
	large := asyncio.NewSemaphore(1)
	written, read := new(asyncio.RWLock), new(asyncio.RWLock)
	written.TryAcquire()
	read.TryAcquireRead()
	full := asyncio.NewBroadcast[int](1)
	slow, watch := full.Subscribe(), new(asyncio.Watch[string])
	_ = full.TryPut(1)
	empty := new(asyncio.Broadcast[int]).Subscribe()
	queue, lifo := new(asyncio.Queue[int]), new(asyncio.LifoQueue[string])
	ranked := asyncio.NewPriorityQueue(1, func(a, b int) bool { return a < b })
	_ = ranked.TryPut(1)
	tasks := new(asyncio.TaskSet[struct{}])
	add("lock", lock.SetName, lock.Acquire)
	add("event", event.SetName, event.Wait)
	add("condition", condition.SetName, func(ctx context.Context) error {
		return condition.With(ctx, func() error { return condition.Wait(ctx) })
	})
	add("barrier", barrier.SetName, func(ctx context.Context) error { _, err := barrier.Wait(ctx); return err })
	add("semaphore", semaphore.SetName, semaphore.Acquire)
	add("semaphore", bounded.SetName, bounded.Acquire)
	add("semaphore", large.SetName, func(ctx context.Context) error { return large.AcquireN(ctx, 2) })
	add("rwlock read", written.SetName, written.AcquireRead)
	add("rwlock write", read.SetName, read.Acquire)
	add("broadcast put", full.SetName, func(ctx context.Context) error { defer slow.Len(); return full.Put(ctx, 2) })
	add("subscriber get", empty.SetName, func(ctx context.Context) error { _, err := empty.Get(ctx); return err })
	add("watch", watch.SetName, func(ctx context.Context) error {
		_, err := watch.Wait(ctx, func(string) bool { return false })
		return err
	})
	add("queue get", queue.SetName, func(ctx context.Context) error { _, err := queue.Get(ctx); return err })
	add("queue get", lifo.SetName, func(ctx context.Context) error { _, err := lifo.Get(ctx); return err })
	add("queue put", ranked.SetName, func(ctx context.Context) error { return ranked.Put(ctx, 2) })
	add("task set", tasks.SetName, func(ctx context.Context) error {
		_, _ = tasks.TryNext() // that of the round before
		forever := asyncio.Go(ctx, asynctest.SleepForever)
		defer forever.Cancel()
		tasks.Add(forever)
		_, _, err := tasks.Next(ctx)
		return err
	})
	return all
}

// onALoop runs fn on a loop of its own, and expects no error.
func onALoop(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	asynctest.SkipInOtherWorlds(t)
	asynctest.EndWell(t, func(ctx context.Context) error { fn(ctx); return nil })
}

// TestNames gives each thing a name before there is a loop, and another one while a task
// waits, and looks at all that reports it; then on a second loop.
func TestNames(t *testing.T) {
	things := namedThings()
	for i, n := range things {
		n.setName(fmt.Sprint("first ", i))
	}
	for round := range 2 {
		onALoop(t, func(ctx context.Context) {
			s := engine.NewStream(100)
			core := engine.LoopOf(ctx)
			if round == 1 {
				core.Attach(s)
			}
			for i, n := range things {
				waiter := asyncio.Go(ctx, n.wait)
				_ = asyncio.Yield(ctx)
				expectName(t, ctx, waiter, n.kind, fmt.Sprint("first ", i))
				n.setName(fmt.Sprint("second ", i))
				expectName(t, ctx, waiter, n.kind, fmt.Sprint("second ", i))
				n.setName("")
				if on := waiter.Info().WaitingOn; on != n.kind {
					t.Errorf("without its name it waits for %s, want %s", on, n.kind)
				}
				n.setName(fmt.Sprint("first ", i))
				waiter.Cancel()
				_, _ = asyncio.Shield(ctx, waiter)
			}
			if round == 0 {
				return
			}
			core.Detach(s)
			names := map[uint64][]string{}
			for _, c := range s.Take() {
				for h := range c.All {
					if h.Kind == engine.Named && strings.Contains(h.Text, " ") {
						names[h.Arg] = append(names[h.Arg], h.Text)
					}
				}
			}
			for i := range things {
				want := fmt.Sprintf("[first %d second %d first %[1]d]", i, i)
				if got := fmt.Sprint(names[uint64(i+1)]); got != want {
					t.Errorf("object %d is called %s, want %s", i+1, got, want)
				}
			}
		})
	}
}

// expectName looks whether the report of a task that waits has the name.
func expectName(t *testing.T, ctx context.Context, waiter *asyncio.Task[struct{}], kind, name string) {
	t.Helper()
	if on, want := waiter.Info().WaitingOn, fmt.Sprintf("%s %q", kind, name); on != want {
		t.Errorf("it waits for %s, want %s", on, want)
	}
	for _, o := range engine.LoopOf(ctx).SnapshotNow(nil).Objects {
		if o.Name == name && o.Waiters == 1 {
			return
		}
	}
	t.Errorf("no object with a task that waits is called %q", name)
}

// TestNamesAreForTheLoop gives a name on a goroutine that is not the loop's.
func TestNamesAreForTheLoop(t *testing.T) {
	t.Parallel()
	for _, n := range namedThings() {
		onALoop(t, func(ctx context.Context) {
			asyncio.RunningLoop(ctx).SetDebug(true) // without it, not all systems know which goroutine calls
			waiter := asyncio.Go(ctx, n.wait)
			_ = asyncio.Yield(ctx)
			panicked, _ := asyncio.ToThread(ctx, func(context.Context) (text string, err error) {
				defer func() { text = fmt.Sprint(recover()) }()
				n.setName("from outside")
				return "", nil
			})
			if !strings.Contains(panicked, "SetName from a goroutine that does not run the loop") {
				t.Errorf("%s: it panics with %q", n.kind, panicked)
			}
			waiter.Cancel()
			_, _ = asyncio.Shield(ctx, waiter)
		})
	}
}

// TestGroupName looks at the name of a group in a dump.
func TestGroupName(t *testing.T) {
	onALoop(t, func(ctx context.Context) {
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(e.Wait)
				return nil
			}, asyncio.GroupName("first"), asyncio.GroupName("last"), asyncio.GroupName(""))
		})
		for range 3 {
			_ = asyncio.Yield(ctx)
		}
		var b bytes.Buffer
		if err := asyncio.DumpTasks(ctx, &b); err != nil || !strings.Contains(b.String(), `group "last" of 1 task`) {
			t.Errorf("the dump is %v\n%s", err, b.String())
		}
		e.Set()
	})
}
