package console

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/trace"
)

// patient bounds what a test waits for; only a test that hangs gets there.
const patient = time.Minute

// watchHere watches the loop of a task.
func watchHere(t *testing.T, ctx context.Context) *watching {
	t.Helper()
	w := newWatching(0)
	detach, err := w.Attach(engine.LoopOf(ctx))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { detach(); w.Close() })
	return w
}

// elsewhere calls fn on another goroutine, as the server does, while the loop works.
func elsewhere[T any](t *testing.T, ctx context.Context, fn func(ctx context.Context) (T, error)) T {
	t.Helper()
	v, err := asyncio.ToThread(ctx, fn)
	if err != nil {
		t.Errorf("%v", err)
	}
	return v
}

// look returns how things stand. On a machine that is busy, the loop may be late with
// its answer.
func look(t *testing.T, ctx context.Context, w *watching) *wire.Snapshot {
	t.Helper()
	return elsewhere(t, ctx, func(ctx context.Context) (*wire.Snapshot, error) {
		for end := time.Now().Add(patient); ; {
			if s, err := w.Snapshot(ctx, 0, 0); err != nil || !s.Stale || time.Now().After(end) {
				return s, err
			}
		}
	})
}

// until repeats what it looks for.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for end := time.Now().Add(patient); !met(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, patient)
		}
	}
}

func named(tasks []wire.Task, name string) *wire.Task {
	if i := slices.IndexFunc(tasks, func(t wire.Task) bool { return t.Name == name }); i >= 0 {
		return &tasks[i]
	}
	return nil
}

func TestSnapshotOfAProgram(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		var db asyncio.Lock
		db.SetName("db")
		jobs := asyncio.NewQueue[int](3)
		jobs.SetName("jobs")
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			if err := db.Acquire(ctx); err != nil { //asyncio:ok lock-leak the snapshot is to show who holds it
				return err
			}
			tg.Go(func(ctx context.Context) error { return db.With(ctx, func() error { return nil }) }, asyncio.Name("writer"))
			tg.Go(func(ctx context.Context) error { _, err := jobs.Get(ctx); return err }, asyncio.Name("worker"))
			tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("sleeper"))
			tg.Go(func(ctx context.Context) error { return nil }, asyncio.Name("done"))
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
			s := look(t, ctx, w)
			// Events are taken in for a while and no longer: on a busy machine the next state has them.
			for end := time.Now().Add(patient); named(s.Tasks, "writer") != nil && len(named(s.Tasks, "writer").Created) == 0 && time.Now().Before(end); {
				s = look(t, ctx, w)
			}
			me := asyncio.CurrentTask(ctx).ID
			writer, worker, sleeper, done := named(s.Tasks, "writer"), named(s.Tasks, "worker"), named(s.Tasks, "sleeper"), named(s.Tasks, "done")
			if writer == nil || worker == nil || sleeper == nil || done == nil {
				t.Fatalf("the tasks are %+v", s.Tasks)
			}
			if x := writer.Wait; x == nil || x.Kind != "lock" || x.Name != "db" || x.Text != `lock "db"` || x.Obj == 0 || !slices.Equal(x.By, []uint64{me}) || x.Since == 0 {
				t.Errorf("the writer waits for %+v", x)
			} else if i := slices.IndexFunc(s.Objects, func(o wire.Object) bool { return o.ID == x.Obj }); i < 0 ||
				s.Objects[i].Holder != me || s.Objects[i].Waiters != 1 || s.Objects[i].Since == 0 || s.Objects[i].Name != "db" {
				t.Errorf("the objects are %+v", s.Objects)
			}
			if x := worker.Wait; x == nil || x.Kind != "queue get" || x.Name != "jobs" || x.Until != 0 {
				t.Errorf("the worker waits for %+v", x)
			}
			if x := sleeper.Wait; x == nil || x.Kind != "sleep" || x.Text != "sleep 1h0m0s" || x.Until < int64(time.Hour) || x.Name != "1h0m0s" {
				t.Errorf("the sleeper waits for %+v", x)
			}
			if done.State != wire.Done || done.Outcome != wire.Returned || done.Ended == 0 {
				t.Errorf("the one that is done is %+v", *done)
			}
			if writer.Parent != me || writer.Group == 0 || writer.Steps != 1 || !strings.HasPrefix(writer.Place, "programs_test.go:") ||
				writer.Created[0].Func != "console.TestSnapshotOfAProgram.func1.1" {
				t.Errorf("the writer is %+v", *writer)
			}
			if i := slices.IndexFunc(s.Groups, func(g wire.Group) bool { return g.ID == writer.Group }); i < 0 || s.Groups[i].Owner != me || s.Groups[i].Children != 3 {
				t.Errorf("the groups are %+v", s.Groups)
			}
			if len(s.Timers) == 0 || s.Stats.Live != 4 || s.Stats.Passes == 0 {
				t.Errorf("timers %+v, health %+v", s.Timers, s.Stats)
			}
			if i := slices.IndexFunc(s.Threads, func(r wire.Thread) bool { return r.Task == me }); i < 0 {
				t.Errorf("the threads are %+v", s.Threads)
			}
			d := elsewhere(t, ctx, func(ctx context.Context) (*wire.TaskDetail, error) { return w.Task(ctx, 0, worker.ID) })
			if d == nil || len(d.Stack) == 0 || !strings.Contains(d.Stack[0].Func, "TestSnapshotOfAProgram") || len(d.Events) < 2 ||
				!strings.HasPrefix(d.Function, "console.TestSnapshotOfAProgram.func1.1.") {
				t.Errorf("the worker's detail is %+v", d)
			}
			cancel := func(id uint64) error {
				return elsewhere(t, ctx, func(ctx context.Context) (error, error) { return w.Cancel(ctx, 0, id), nil })
			}
			dump := elsewhere(t, ctx, func(ctx context.Context) (string, error) {
				var b strings.Builder
				err := w.Dump(ctx, 0, &b)
				return b.String(), err
			})
			if !strings.Contains(dump, "sleeper") || !strings.Contains(dump, `lock "db"`) {
				t.Errorf("the dump is %s", dump)
			}
			if err := errors.Join(cancel(sleeper.ID), cancel(worker.ID)); err != nil {
				t.Error(err)
			}
			if err := cancel(done.ID); !errors.Is(err, errNoTask) {
				t.Errorf("canceling one that is done: %v", err)
			}
			db.Release()
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeadlockOfAProgram(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		var a, b asyncio.Lock
		a.SetName("a")
		b.SetName("b")
		both := func(first, second *asyncio.Lock) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				return first.With(ctx, func() error {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
					return second.With(ctx, func() error { return nil })
				})
			}
		}
		one := asyncio.Go(ctx, both(&a, &b), asyncio.Name("one"))
		two := asyncio.Go(ctx, both(&b, &a), asyncio.Name("two"))
		found := elsewhere(t, ctx, func(ctx context.Context) (found []wire.Warning, err error) {
			until(t, "a deadlock", func() bool {
				d, err := w.Deadlocks(ctx, 0)
				found = d.Deadlocks
				return err != nil || len(found) > 0
			})
			return found, err
		})
		if len(found) != 1 || len(found[0].Cycle) != 2 || found[0].Cycle[0].Object != `lock "b"` || found[0].Cycle[0].Name != "one" {
			t.Errorf("%+v", found)
		}
		one.Cancel()
		if _, err := one.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
		if _, err := two.Await(ctx); err != nil {
			t.Error(err)
		}
		elsewhere(t, ctx, func(ctx context.Context) (any, error) {
			until(t, "its end", func() bool {
				d, err := w.Deadlocks(ctx, 0)
				return err != nil || len(d.Deadlocks) == 0
			})
			return nil, nil
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Ten thousand tasks take two locks in order, and wait for long. Every look at them is
// taken in several passes, in which the locks go on from one to the next.
func TestTwoLocksInOrderAreNoDeadlock(t *testing.T) {
	tasks, rounds := 10_000, 40
	if testing.Short() {
		tasks, rounds = 2000, 10
	}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		var a, b asyncio.Lock
		stop := false
		f := newCycleCounter(t, engine.LoopOf(ctx))
		defer f.close()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range tasks {
				tg.Go(func(ctx context.Context) error {
					for !stop {
						err := a.With(ctx, func() error {
							return b.With(ctx, func() error { return asyncio.Yield(ctx) })
						})
						if err != nil {
							return err
						}
					}
					return nil
				})
			}
			for range rounds {
				if err := f.round(ctx); err != nil {
					return err
				}
			}
			stop = true
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A cycleCounter looks for deadlocks in a loop as the collector does, but as if all waits
// had lasted for an hour.
type cycleCounter struct {
	t   *testing.T
	src *loopSource
}

func newCycleCounter(t *testing.T, l *engine.Loop) *cycleCounter {
	src, err := newLoopSource(l, true, 0, func() {})
	if err != nil {
		t.Fatal(err)
	}
	return &cycleCounter{t, src}
}

func (c *cycleCounter) close() { c.src.detach() }

func (c *cycleCounter) round(ctx context.Context) error {
	return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		views := make(chan *view, 1)
		if err := c.src.snapshot(func(read func() *view) { views <- read() }); err != nil {
			return err
		}
		v := <-views
		if v.Pass[0] == v.Pass[1] && len(v.Tasks) > 1000 {
			c.t.Error("a snapshot of so many tasks was taken in one pass")
		}
		w := newWatched(1, "loop 1", c.src, 0, func() {})
		w.mu.Lock()
		defer w.mu.Unlock()
		w.see(v)
		w.view.At += int64(time.Hour)
		w.suspect()
		if w.check == nil {
			return nil
		}
		select {
		case <-w.check.done:
		case <-time.After(patient):
			c.t.Error("the loop did not answer")
		}
		if w.confirmed(); len(w.deadlocks) > 0 {
			c.t.Errorf("a deadlock is told: %s", w.deadlocks[0].text)
		}
		return nil
	})
}

func TestStuckProgram(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		look(t, ctx, w)
		seen := make(chan *wire.Snapshot)
		go func() {
			defer close(seen)
			var s *wire.Snapshot
			until(t, "a loop that is stuck", func() bool {
				var err error
				s, err = w.Snapshot(t.Context(), 0, 0)
				return err != nil || s.Stuck != nil
			})
			seen <- s
		}()
		s := hang(seen)
		if !s.Stale || s.Stuck.Task != asyncio.CurrentTask(ctx).ID || s.Stuck.State != "chan receive" || s.Stuck.Advice == "" ||
			!slices.ContainsFunc(s.Stuck.Stack, func(f wire.Frame) bool { return f.Func == "console.hang" && f.Line > 0 }) {
			t.Errorf("it stands in %+v", s.Stuck)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

//go:noinline
func hang(c <-chan *wire.Snapshot) *wire.Snapshot { return <-c }

func TestRunGroupWithThreeLoops(t *testing.T) {
	w := newWatching(0)
	detach, err := w.Attach(nil)
	if err != nil {
		t.Fatal(err)
	}
	err = asyncio.RunGroup(t.Context(), 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
		elsewhere(t, ctx, func(context.Context) (any, error) {
			until(t, "three loops", func() bool { return len(w.Hello().Loops) >= 3 })
			return nil, nil
		})
		for i := range 3 {
			_, err := asyncio.RunOn(ctx, g.Loop(i), func(ctx context.Context) (any, error) {
				asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name(fmt.Sprintf("on %d", i)))
				return nil, asyncio.Yield(ctx)
			})
			if err != nil {
				return err
			}
		}
		found := 0
		for _, l := range w.Hello().Loops {
			s := elsewhere(t, ctx, func(ctx context.Context) (*wire.Snapshot, error) { return w.Snapshot(ctx, l.ID, 0) })
			for _, task := range s.Tasks {
				if strings.HasPrefix(task.Name, "on ") {
					found++
				}
			}
		}
		if found != 3 {
			t.Errorf("%d of the three tasks are seen", found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "no loop", func() bool { return len(w.Hello().Loops) == 0 })
	detach()
	w.Close()
	if _, err := w.Snapshot(t.Context(), 0, 0); !errors.Is(err, errNoLoop) {
		t.Errorf("%v", err)
	}
}

func TestAttachTwice(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := newWatching(0)
		defer w.Close()
		l := engine.LoopOf(ctx)
		first, err := w.Attach(l)
		if err != nil {
			return err
		}
		second, err := w.Attach(l)
		if err != nil {
			return err
		}
		if n := len(w.Hello().Loops); n != 1 {
			t.Errorf("one loop is there %d times", n)
		}
		first()
		first()
		if look(t, ctx, w); len(w.Hello().Loops) != 1 || !l.Traced() {
			t.Error("it is not watched any more, though one wants that")
		}
		if second(); l.Traced() {
			t.Error("it is still watched")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAttachALoopThatHasEnded(t *testing.T) {
	var l *engine.Loop
	if err := asyncio.Run(t.Context(), func(ctx context.Context) error { l = engine.LoopOf(ctx); return nil }); err != nil {
		t.Fatal(err)
	}
	w := newWatching(0)
	defer w.Close()
	if _, err := w.Attach(l); err == nil {
		t.Error("no error")
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		before := runtime.NumGoroutine()
		w := newWatching(0)
		if _, err := w.Attach(engine.LoopOf(ctx)); err != nil {
			return err
		}
		sub, err := w.Subscribe(0, 0)
		if err != nil {
			return err
		}
		w.Close()         // on the loop
		for range sub.C { //asyncio:ok channel Close has closed it
		}
		if after := runtime.NumGoroutine(); after > before {
			t.Errorf("%d goroutines before, %d after", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What was dropped, what is kept and what was evicted add up to all that has happened.
func TestOverrunIsCountedExactly(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l := engine.LoopOf(ctx)
		all := engine.NewStream(1 << 20)
		l.Attach(all)
		src, err := newLoopSource(l, true, 0, func() {})
		if err != nil {
			return err
		}
		for _, c := range all.Take() { // what came before the second stream
			c.Release()
		}
		w := newWatched(1, "loop 1", src, leastHistory, func() {})
		err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 2 {
				tg.Go(func(ctx context.Context) error {
					for range chunksQueued * 256 {
						if err := asyncio.Yield(ctx); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return nil
		})
		if err != nil {
			return err
		}
		l.Flush()
		w.takeAll(time.Now().Add(patient))
		happened, dropped := 0, uint64(0)
		for _, c := range all.Take() {
			if dropped < w.dropped { // the oldest chunks were
				dropped += uint64(c.Len())
				c.Release()
				continue
			}
			for range c.All {
				happened++
			}
			c.Release()
		}
		l.Detach(all)
		src.detach()
		kept := 0
		for range w.history.since(0) {
			kept++
		}
		if w.dropped == 0 || w.history.evicted == 0 || kept == 0 {
			t.Fatalf("%d dropped, %d evicted, %d kept: this is no overrun", w.dropped, w.history.evicted, kept)
		}
		if got := int(w.history.evicted) + kept; dropped != w.dropped || got != happened {
			t.Errorf("%d dropped of %d, %d evicted and %d kept make %d of %d", w.dropped, dropped, w.history.evicted, kept, got, happened)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A loop that has much to do, and three who look on at once.
func TestThreeReadersOfABusyLoop(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		stop := make(chan struct{})
		var readers sync.WaitGroup
		for i := range 3 {
			readers.Go(func() { readAll(t, w, stop, i) })
		}
		queue := asyncio.NewQueue[int](10)
		for round := range 30 {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for i := range 50 {
					tg.Go(func(ctx context.Context) error {
						for range 20 {
							if err := queue.Put(ctx, i); err != nil {
								return err
							}
						}
						return nil
					}, asyncio.Name(fmt.Sprintf("putter %d of %d", i, round)))
					tg.Go(func(ctx context.Context) error {
						for range 20 {
							if _, err := queue.Get(ctx); err != nil {
								return err
							}
						}
						return asyncio.Sleep(ctx, time.Millisecond)
					})
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		close(stop)
		return asyncio.ToThreadFunc(ctx, func(context.Context) error { readers.Wait(); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readAll reads all that there is, and checks what must hold of it.
func readAll(t *testing.T, w *watching, stop <-chan struct{}, reader int) {
	sub, err := w.Subscribe(0, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer sub.Close()
	known := map[uint64]bool{}
	frames := uint64(0)
	for {
		select {
		case <-stop:
			return
		case v := <-sub.C:
			switch v := v.(type) {
			case *wire.LiveFrame:
				if v.N < frames {
					t.Errorf("frame %d comes after %d", v.N, frames)
				}
				frames = v.N
			case *wire.State:
				readState(t, v, known)
			}
		default:
			s, err := w.Snapshot(t.Context(), 0, 0)
			if err != nil {
				t.Error(err)
				return
			}
			if len(s.Tasks) > 0 {
				task := s.Tasks[reader*len(s.Tasks)/3].ID
				if _, err := w.Task(t.Context(), 0, task); err != nil && !errors.Is(err, errNoTask) {
					t.Error(err)
				}
			}
		}
	}
}

func readState(t *testing.T, s *wire.State, known map[uint64]bool) {
	if s.Full {
		clear(known)
	} else if len(known) == 0 {
		t.Error("the first state is not full")
	}
	for _, task := range s.Tasks {
		known[task.ID] = true
	}
	for _, id := range s.Gone {
		if !known[id] {
			t.Errorf("task %d goes, and was never there", id)
		}
		delete(known, id)
	}
}

// On a virtual clock, what is told is the same each time.
func TestFramesOnAVirtualClock(t *testing.T) {
	var first string
	for i := range 3 {
		var got string
		asynciotest.Run(t, func(ctx context.Context) { got = toldOf(t, ctx) })
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("run %d tells\n%s, and the first told\n%s", i, got, first)
		}
	}
	if first != golden {
		t.Errorf("it is told\n%s, want\n%s", first, golden)
	}
}

const golden = `3 0-1 task 1 arg 0 - "-"
18 0-1 task 1 arg 1 - "-"
1 0-1 task 2 arg 1 - "reader"
1 0-1 task 3 arg 1 - "writer"
6 1-1 task 1 arg 1 task group "task group"
6 1-1 task 2 arg 1000000000 sleep "sleep 1s"
20 0-1 task 0 arg 1 lock "db"
6 1-1 task 3 arg 1 lock "lock \"db\""
17 1-1000000001 task 0 arg 0 - "-"
16 0-1000000001 task 0 arg 0 - "-"
9 0-1000000001 task 2 arg 0 timer "-"
7 1000000001-1000000001 task 2 arg 0 - "-"
10 0-1000000001 task 2 arg 0 - "-"
9 0-1000000001 task 3 arg 2 task "-"
6 1000000001-1000000001 task 3 arg 1000000000 sleep "sleep 1s"
17 1000000001-2000000001 task 0 arg 0 - "-"
16 0-2000000001 task 0 arg 0 - "-"
9 0-2000000001 task 3 arg 0 timer "-"
7 2000000001-2000000001 task 3 arg 0 - "-"
10 0-2000000001 task 3 arg 0 - "-"
19 0-2000000001 task 0 arg 1 - "-"
`

// toldOf runs a program, and returns what a client is told of it.
func toldOf(t *testing.T, ctx context.Context) string {
	src, err := newLoopSource(engine.LoopOf(ctx), true, 0, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer src.detach()
	w := newWatched(1, "loop 1", src, 0, func() {})
	sub := w.subscribe(0)
	var db asyncio.Lock
	db.SetName("db")
	err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for _, name := range []string{"reader", "writer"} {
			tg.Go(func(ctx context.Context) error {
				return db.With(ctx, func() error { return asyncio.Sleep(ctx, time.Second) })
			}, asyncio.Name(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	src.loop.Flush()
	w.take()
	w.mu.Lock()
	w.tellFrame()
	w.mu.Unlock()
	return lines(next[*wire.LiveFrame](t, sub))
}

func TestErrorsAndPoolsOfAProgram(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		asyncio.RunningLoop(ctx).SetExceptionHandler(func(asyncio.ExceptionContext) {})
		pool := asyncio.NewWorkerPool(1)
		release := make(chan struct{})
		busy := func(context.Context) (int, error) { <-release; return 0, nil }
		first, second := asyncio.RunInExecutor(ctx, pool, busy), asyncio.RunInExecutor(ctx, pool, busy)
		lost := asyncio.Go(ctx, func(ctx context.Context) error { return errors.New("out of paper") }, asyncio.Name("printer"))
		elsewhere(t, ctx, func(ctx context.Context) (any, error) {
			var s *wire.Snapshot
			until(t, "two warnings", func() (met bool) {
				var err error
				if s, err = w.Snapshot(ctx, 0, 0); err != nil {
					t.Error(err)
					return true
				}
				return hasWarning(s, wire.ErrorUnseen) && hasWarning(s, wire.PoolFull)
			})
			if len(s.Pools) != 1 || s.Pools[0].Busy != 1 || s.Pools[0].Queued != 1 || s.Pools[0].Size != 1 || s.Pools[0].Oldest == 0 {
				t.Errorf("the pools are %+v", s.Pools)
			}
			return nil, nil
		})
		close(release)
		if _, err := asyncio.Gather(ctx, first, second); err != nil {
			return err
		}
		if _, err := lost.Await(ctx); err == nil {
			t.Error("it has not failed")
		}
		return pool.Shutdown(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The workers of a pool, and other goroutines, go on while the loop rests.
func TestPoolWhileTheLoopRests(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		pool := asyncio.NewWorkerPool(1)
		if _, err := asyncio.RunInExecutor(ctx, pool, func(context.Context) (int, error) { return 0, nil }).Await(ctx); err != nil {
			return err
		}
		elsewhere(t, ctx, func(ctx context.Context) (any, error) {
			release := make(chan struct{})
			for n := range 5 {
				if n > 0 {
					if err := pool.Submit(func() { <-release }); err != nil {
						t.Error(err)
					}
				}
				until(t, fmt.Sprintf("%d functions", n), func() bool {
					s, err := w.Snapshot(ctx, 0, 0)
					if err != nil {
						t.Error(err)
						return true
					}
					return len(s.Pools) == 1 && s.Pools[0].Busy == min(n, 1) && s.Pools[0].Queued == max(n-1, 0)
				})
			}
			close(release)
			return nil, nil
		})
		return pool.Shutdown(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func hasWarning(s *wire.Snapshot, kind string) bool {
	return slices.ContainsFunc(s.Warnings, func(w wire.Warning) bool { return w.ID == kind })
}

func TestTraceOfAProgram(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		var db asyncio.Lock
		db.SetName("db")
		before := asyncio.Go(ctx, func(ctx context.Context) error {
			return db.With(ctx, func() error { return asyncio.Sleep(ctx, 20*time.Millisecond) })
		}, asyncio.Name("first"))
		after := asyncio.Go(ctx, func(ctx context.Context) error {
			return db.With(ctx, func() error { return errors.New("no luck") })
		}, asyncio.Name("second"))
		_, _ = before.Await(ctx)
		_, _ = after.Await(ctx)
		elsewhere(t, ctx, func(ctx context.Context) (any, error) {
			if _, err := w.Snapshot(ctx, 0, 0); err != nil {
				t.Error(err)
			}
			var written bytes.Buffer
			if err := w.WriteTrace(&written, 0, 60, "json"); err != nil {
				t.Error(err)
			}
			r, err := trace.ReadJSON(&written)
			if err != nil {
				t.Fatal(err)
			}
			told := map[string]trace.Event{}
			for e := range r.Events() {
				told[fmt.Sprint(e.Kind, " ", e.Name)] = e
			}
			if e := told["failed second"]; e.Text != "no luck" {
				t.Errorf("the end of the second is %+v", e)
			}
			if e := told["spawned first"]; len(e.Created) == 0 || !strings.Contains(e.Created[0].Function, "TestTraceOfAProgram") {
				t.Errorf("the first was created so: %+v", e)
			}
			if e := told["returned first"]; e.At < 20*time.Millisecond || e.At > r.Length() {
				t.Errorf("the end of the first is %+v, of %v", e, r.Length())
			}
			if e := told["waits second"]; e.What != `lock "db"` {
				t.Errorf("the second waits: %+v", e)
			}
			if _, double := told["returned second"]; double {
				t.Error("the second fails, and returns as well")
			}
			if err := w.WriteTrace(&written, 0, 0, "perfetto"); err != nil || written.Len() == 0 {
				t.Errorf("%d bytes for Perfetto, %v", written.Len(), err)
			}
			if err := w.WriteTrace(&written, 0, 0, "svg"); err == nil {
				t.Error("there is no such format, and no error")
			}
			return nil, nil
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTraceOfTheLastSecond(t *testing.T) {
	b := newBench(t)
	b.happen(spawn(2, sec, "old"), step(engine.Yields, 2, sec, sec+5), spawn(3, sec, "gone"),
		told{record: record{kind: engine.Canceled, task: 3, at: sec}})
	b.f.time = 10 * sec
	b.happen(step(engine.Yields, 2, 10*sec-5, 10*sec))
	r := trace.Of(b.w.past(1))
	var got []string
	for e := range r.Events() {
		got = append(got, fmt.Sprintf("%v %s %v", e.Kind, e.Name, e.At))
	}
	if want := []string{"present old 0s", "yields old 1s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if r := trace.Of(b.w.past(0)); r.Length() != 9*time.Second {
		t.Errorf("all that there is takes %v", r.Length())
	}
}

// A snapshot of many tasks is taken in several passes, in which tasks come and go before
// and behind the place where it is. It has each task that lives all the time, once, and
// what waits for a group, for whom.
func TestSnapshotWhileTasksComeAndGo(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		src, err := newLoopSource(engine.LoopOf(ctx), true, 0, func() {})
		if err != nil {
			return err
		}
		defer src.detach()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			stay := map[uint64]bool{}
			for i := range 1000 {
				tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("stays"))
				for j := range i % 4 {
					tg.Go(func(ctx context.Context) error {
						for range (i + j) % 40 {
							if err := asyncio.Yield(ctx); err != nil {
								return err
							}
						}
						return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
							tg.Go(func(ctx context.Context) error { return asyncio.Yield(ctx) })
							return nil
						})
					})
				}
			}
			several := 0
			for range 50 {
				v, err := viewNow(ctx, src)
				if err != nil {
					return err
				}
				if v.Pass[0] != v.Pass[1] {
					several++
				}
				seen := map[uint64]bool{}
				for _, task := range v.Tasks {
					if seen[task.ID] {
						t.Errorf("task %d is there twice", task.ID)
					}
					if seen[task.ID] = true; task.Name == "stays" {
						stay[task.ID] = true
					}
				}
				if !slices.IsSortedFunc(v.Tasks, func(a, b wire.Task) int { return cmp.Compare(a.ID, b.ID) }) {
					t.Error("the tasks are not in order")
				}
				for id := range stay {
					if !seen[id] {
						t.Errorf("task %d lives, and is not there", id)
					}
				}
				if len(stay) != 1000 {
					t.Fatalf("%d of the tasks that stay are there", len(stay))
				}
			}
			if several < 40 {
				t.Errorf("%d snapshots were taken in several passes", several)
			}
			tg.Cancel()
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// viewNow takes a snapshot while the loop goes on.
func viewNow(ctx context.Context, src *loopSource) (v *view, err error) {
	if err := src.snapshot(func(read func() *view) { v = read() }); err != nil {
		return nil, err
	}
	for v == nil {
		if err := asyncio.Yield(ctx); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func TestWhoWaitsForAGroupWaitsForItsTasks(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		var first, second uint64
		owner := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				sleep := func(ctx context.Context) error { return asyncio.Sleep(ctx, 90*time.Second) }
				first, second = tg.Go(sleep).Info().ID, tg.Go(sleep).Info().ID
				return nil
			})
		}, asyncio.Name("owner"))
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		s := look(t, ctx, w)
		if x := named(s.Tasks, "owner"); x == nil || x.Wait == nil || !slices.Equal(x.Wait.By, []uint64{first, second}) {
			t.Errorf("it waits for %+v", x)
		}
		if i, found := findTask(s.Tasks, first); !found || s.Tasks[i].Wait.Text != "sleep 1m30s" || s.Tasks[i].Name != fmt.Sprint("Task-", first) {
			t.Errorf("the first is %+v", s.Tasks)
		}
		owner.Cancel()
		_, _ = owner.Await(ctx)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// However many timers there are, the next ones are told, earliest first.
func TestNextTimersOfMany(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		return withSleepers(ctx, 1, 10_000, func(ctx context.Context) error {
			soon := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, 30*time.Minute) })
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			s := look(t, ctx, watchHere(t, ctx))
			if len(s.Timers) != 100 || s.Timers[0].Task != soon.Info().ID {
				t.Errorf("of 10,000 timers %d are told, %+v first", len(s.Timers), s.Timers[:min(len(s.Timers), 1)])
			}
			if !slices.IsSortedFunc(s.Timers, func(a, b wire.Timer) int { return cmp.Compare(a.At, b.At) }) {
				t.Error("they are not in order")
			}
			soon.Cancel()
			_, _ = soon.Await(ctx)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What has come since what was left over was taken is not overlooked.
func TestTakeSaysThatThereIsMore(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l := engine.LoopOf(ctx)
		src, err := newLoopSource(l, true, 0, func() {})
		if err != nil {
			return err
		}
		defer src.detach()
		happen := func() {
			for range 2*recordsInChunk + 1 {
				asyncio.Go(ctx, func(context.Context) error { return nil }).Cancel()
			}
			l.Flush()
		}
		taken := func(until time.Time) (n int, more bool) {
			_, more = src.take(until, func(b *batch) { n += len(b.recs) })
			return n, more
		}
		happen()
		if n, more := taken(time.Now()); n == 0 || !more {
			t.Errorf("at first %d were taken, more is %v", n, more)
		}
		happen()
		later := time.Now().Add(time.Hour)
		if n, more := taken(later); n == 0 || !more {
			t.Errorf("of those that were left over %d were taken, and it says more is %v", n, more)
		}
		if n, more := taken(later); n == 0 || more {
			t.Errorf("at last %d were taken, more is %v", n, more)
		}
		return asyncio.Yield(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}
