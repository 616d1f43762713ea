package console

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// gathering runs a test with a collector that watches fake loops, on a clock of its own.
func gathering(t *testing.T, fn func(t *testing.T, c *gatherer, f *fakeLoop)) {
	synctest.Test(t, func(t *testing.T) {
		c, f := newGatherer(0), newFakeLoop()
		c.watch(f)
		defer c.Close()
		fn(t, c, f)
	})
}

func snapshotOf(t *testing.T, c *gatherer, limit int) *wire.Snapshot {
	t.Helper()
	s, err := c.Snapshot(t.Context(), 0, limit)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHello(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, _ *fakeLoop) {
		h := c.Hello()
		if h.V != wire.Version || h.PID == 0 || h.Program == "" || h.Epoch != epoch.UnixNano() ||
			!slices.Equal(h.Loops, []wire.Loop{{ID: 1, Name: "loop 1"}}) {
			t.Errorf("%+v", h)
		}
		if h.Limits != (wire.Limits{History: defaultHistory, Seconds: 60, Ended: 10_000, Records: 2000}) {
			t.Errorf("%+v", h.Limits)
		}
	})
}

func TestSnapshotHasTasksAndThoseThatHaveEnded(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		f.mu.Lock()
		f.state.Tasks = []wire.Task{{ID: 1, Name: "main", State: wire.Running}, {ID: 2, State: wire.Ready}, {ID: 4, State: wire.Ready}}
		f.batches = []batch{{
			recs: []record{
				{kind: engine.Spawned, at: 10, task: 4, arg: 1},
				{kind: engine.Spawned, at: 10, task: 3, arg: 1, text: 1},
				{kind: engine.Failed, at: 30, task: 3, text: 2},
				{kind: engine.Ends, from: 20, at: 30, task: 3}, // as the engine tells it
				{kind: engine.Ends, from: 30, at: 35, task: 2}, // after the snapshot was taken
				{kind: engine.Returned, at: 35, task: 2},
			},
			texts: []string{"job", "no luck"},
		}}
		f.mu.Unlock()
		s := snapshotOf(t, c, 0)
		if !slices.Equal(ids(s.Tasks), []uint64{1, 4, 2, 3}) {
			t.Fatalf("the tasks are %v", ids(s.Tasks))
		}
		want := wire.Task{
			ID: 3, Name: "job", Parent: 1, State: wire.Done, Outcome: wire.Failed, Error: "no luck",
			Begun: 10, Since: 30, Ended: 30, Steps: 1, Busy: 10, Ready: 10, Longest: 10, Created: []wire.Frame{},
		}
		if got := s.Tasks[3]; !reflect.DeepEqual(got, want) {
			t.Errorf("the one that has failed is %+v", got)
		}
		if s.Loop != 1 || s.Stale || s.Truncated != 0 || s.Groups == nil || s.Warnings == nil || len(s.Stats.Lag) != buckets {
			t.Errorf("the snapshot is %+v", *s)
		}
		if s := snapshotOf(t, c, 2); s.Truncated != 2 || len(s.Tasks) != 2 {
			t.Errorf("with a limit of 2 it has %d, and leaves out %d", len(s.Tasks), s.Truncated)
		}
		f.mu.Lock()
		f.time += int64(keepEnded) + 36
		f.state.Tasks = nil
		f.mu.Unlock()
		time.Sleep(time.Second)
		if s := snapshotOf(t, c, 0); len(s.Tasks) != 0 {
			t.Errorf("after a minute there are %v", ids(s.Tasks))
		}
	})
}

func TestEndedTasksAreBounded(t *testing.T) {
	b := newBench(t)
	for id := range uint64(3 * mostEnded) {
		b.happen(spawn(id+1, 1, ""), told{record: record{kind: engine.Returned, at: 2, task: id + 1}})
	}
	b.second()
	if n := len(b.w.tasks); n != mostEnded {
		t.Errorf("%d tasks that have ended are kept", n)
	}
	if first := b.w.tasks[0].ID; first != 2*mostEnded+1 {
		t.Errorf("the oldest that is kept is %d", first)
	}
	if n := len(b.w.tallies.live) + len(b.w.tallies.byID); n != mostEnded {
		t.Errorf("there are %d tallies", n)
	}
}

func TestTasksWhoseEndIsLostGo(t *testing.T) {
	b := newBench(t)
	b.happen(spawn(5, 1, "lost"))
	b.seconds(10)
	if len(b.w.tallies.live) != 0 {
		t.Error("a task that no snapshot has is kept")
	}
}

func TestTally(t *testing.T) {
	b := newBench(t)
	b.happen(
		spawn(2, 1000, "a"),
		step(engine.Pauses, 2, 2000, 2500),
		step(engine.Waits, 2, 3000, 3500),
		told{record: record{kind: engine.Woken, task: 2, at: 4500, label: engine.LabelTimer}},
		step(engine.Yields, 2, 5000, 5100),
		told{record: record{kind: engine.Asked, task: 2, at: 5500}},
		told{record: record{kind: engine.Canceled, task: 2, at: 5500}},
		step(engine.Ends, 2, 5400, 5500),
	)
	got := b.w.tallies.byID[2].row()
	want := wire.Task{
		ID: 2, Name: "a", Parent: 1, State: wire.Done, Outcome: wire.Canceled, Begun: 1000, Since: 5500, Ended: 5500, Canceled: 5500,
		Steps: 3, Busy: 1200, Ready: 1000 + 500 + 300, Waiting: 1000, Longest: 500, Created: []wire.Frame{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if n := b.w.tallies.byID[2].lengths[0]; n != 3 {
		t.Errorf("%d steps are in the histogram", n)
	}
}

func TestPresentTaskThatWaitsHasNoStep(t *testing.T) {
	b := newBench(t)
	b.happen(
		told{record: record{kind: engine.Present, task: 2, at: 10}},
		told{record: record{kind: engine.Named, at: 10, label: labelLock, arg: 1}},
		told{record: record{kind: engine.Waits, task: 2, from: 10, at: 10, label: labelLock, arg: 1}},
	)
	if n := b.w.tallies.live[2].steps; n != 0 {
		t.Errorf("it has made %d steps", n)
	}
	b.happen(told{record: record{kind: engine.Waits, task: 2, from: 10, at: 10, label: labelLock, arg: 1}})
	if n := b.w.tallies.live[2].steps; n != 1 {
		t.Errorf("it has made %d steps, not 1", n)
	}
}

func TestLags(t *testing.T) {
	var l lags
	l.add(5*sec, 900)       // less than a microsecond
	l.add(5*sec, 3*msec)    // less than 2^12
	l.add(14*sec, 100*msec) // less than 2^17
	counts := l.counts(14 * sec)
	if counts[0] != 1 || counts[12] != 1 || counts[17] != 1 {
		t.Errorf("%v", counts)
	}
	if got := quantile(counts, 0.5); got != 4096*1000 {
		t.Errorf("the median is below %d", got)
	}
	counts = l.counts(15 * sec)
	if counts[0] != 0 || counts[12] != 0 || counts[17] != 1 {
		t.Errorf("a second later: %v", counts)
	}
	if counts = l.counts(1000 * sec); quantile(counts, 0.99) != 0 {
		t.Errorf("much later: %v", counts)
	}
}

// hang lets the loop be seen with one task, and then stand in a step of that.
func (f *fakeLoop) hang(t *testing.T, c *gatherer, stuck *wire.Stuck) {
	t.Helper()
	f.mu.Lock()
	f.state.Tasks = []wire.Task{{ID: 1, State: wire.Running}}
	f.mu.Unlock()
	snapshotOf(t, c, 0)
	f.mu.Lock()
	f.silent, f.step = true, engine.Step{Number: 9, Goroutine: 1}
	f.stands = stuck
	f.mu.Unlock()
}

func TestStuckLoopIsStale(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		f.hang(t, c, &wire.Stuck{Task: 1, State: "sleep", Stack: []wire.Frame{{Func: "main.hang"}}})
		time.Sleep(5 * time.Second)
		start := time.Now()
		s := snapshotOf(t, c, 0)
		if took := time.Since(start); took > patience {
			t.Errorf("the answer took %v", took)
		}
		if !s.Stale || s.Stuck == nil || s.Stuck.Task != 1 || len(s.Stuck.Stack) != 1 || len(s.Tasks) != 1 {
			t.Fatalf("the answer is %+v", *s)
		}
		if s.Stuck.For < int64(4*time.Second) || s.Stuck.For > int64(5*time.Second) {
			t.Errorf("it is stuck for %v", time.Duration(s.Stuck.For))
		}
		if i := slices.IndexFunc(s.Warnings, func(w wire.Warning) bool { return w.ID == wire.NeverYields }); i < 0 {
			t.Error("there is no warning")
		}
		if d, err := c.Task(t.Context(), 0, 1); err != nil || len(d.Stack) != 1 {
			t.Errorf("the detail is %+v, %v", d, err)
		}
		f.goOn()
		if s := snapshotOf(t, c, 0); s.Stale || s.Stuck != nil {
			t.Error("the loop goes on, and still counts as stuck")
		}
	})
}

func TestSnapshotsAreShared(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		snapshotOf(t, c, 0)
		synctest.Wait()
		asked := func() int { f.mu.Lock(); defer f.mu.Unlock(); return f.asked }
		f.mu.Lock()
		f.silent = true
		f.mu.Unlock()
		before := asked()
		var readers sync.WaitGroup
		for range 100 {
			readers.Go(func() { snapshotOf(t, c, 0) })
		}
		synctest.Wait()
		if n := asked() - before; n != 1 {
			t.Errorf("the loop was asked %d times at once", n)
		}
		f.answerKept()
		synctest.Wait()
		if n := asked() - before; n != 2 { // those who came later want to know what is so since
			t.Errorf("the loop was asked %d times", n)
		}
		f.goOn()
		readers.Wait()
	})
}

func TestSnapshotEndsWithItsContext(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		time.Sleep(time.Second)
		f.mu.Lock()
		f.silent = true
		f.mu.Unlock()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Snapshot(ctx, 0, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		if err := c.Cancel(ctx, 0, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestWhatIsNotThere(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		for name, ask := range map[string]func() error{
			"Snapshot":   func() error { _, err := c.Snapshot(t.Context(), 7, 0); return err },
			"Task":       func() error { _, err := c.Task(t.Context(), 7, 1); return err },
			"Deadlocks":  func() error { _, err := c.Deadlocks(t.Context(), 7); return err },
			"Cancel":     func() error { return c.Cancel(t.Context(), 7, 1) },
			"Subscribe":  func() error { _, err := c.Subscribe(7, 0); return err },
			"WriteTrace": func() error { return c.WriteTrace(new(strings.Builder), 7, 1, "json") },
			"Dump":       func() error { return c.Dump(t.Context(), 7, new(strings.Builder)) },
		} {
			if err := ask(); !errors.Is(err, errNoLoop) {
				t.Errorf("%s of a loop that is none: %v", name, err)
			}
		}
		if err := c.Cancel(t.Context(), 0, 2); !errors.Is(err, errNoTask) {
			t.Errorf("Cancel of a task that is none: %v", err)
		}
		if err := c.Cancel(t.Context(), 0, 1); err != nil {
			t.Errorf("Cancel: %v", err)
		}
		if _, err := c.Task(t.Context(), 0, 2); !errors.Is(err, errNoTask) {
			t.Errorf("a task that is none: %v", err)
		}
	})
}

func TestDetail(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		recs := []record{
			{kind: engine.Spawned, at: 5, task: 1, text: 2},
			{kind: engine.Spawned, at: 10, task: 2, arg: 1, text: 1},
			{kind: engine.Waits, from: 20, at: 30 + 3*msec, task: 2, label: engine.LabelSleep, arg: uint64(sec)},
			{kind: engine.Woken, at: 2 * sec, task: 2, label: engine.LabelTask, arg: 1},
		}
		for i := range int64(500) {
			recs = append(recs, record{kind: engine.Yields, from: 3*sec + i, at: 3*sec + i + 1, task: 2})
		}
		f.mu.Lock()
		f.batches = []batch{{recs: recs[:6], texts: []string{"child", "main"}}}
		f.state.Tasks = []wire.Task{{ID: 1, State: wire.Running}, {ID: 2, State: wire.Ready, Name: "child"}}
		f.mu.Unlock()
		d, err := c.Task(t.Context(), 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range d.Events {
			told = append(told, e.Text)
		}
		want := []string{
			`created by task "main"`, "runs for 3ms, then waits for sleep 1s", `woken by task "main"`,
			"runs for 1ns, then lets others run", "runs for 1ns, then lets others run",
		}
		if !slices.Equal(told, want) {
			t.Errorf("its events are %q", told)
		}
		if d.Name != "child" || d.Stack == nil || len(d.Steps32) != buckets || d.Steps32[0] != 2 || d.Steps32[12] != 1 {
			t.Errorf("it is %+v", *d)
		}
		f.mu.Lock()
		f.batches = []batch{{recs: recs[6:]}}
		f.mu.Unlock()
		if d, err = c.Task(t.Context(), 0, 2); err != nil || len(d.Events) != eventsShown {
			t.Errorf("it has %d events, %v", len(d.Events), err)
		}
	})
}

func TestLiveComesByItself(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		sub, err := c.Subscribe(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		frames, states := 0, 0
		deadline := time.After(10 * time.Second)
		for over := false; !over; {
			select {
			case v := <-sub.C:
				if _, ok := v.(*wire.LiveFrame); ok {
					frames++
				} else {
					states++
				}
			case <-deadline:
				over = true
			}
		}
		if frames < 99 || frames > 102 || states < 9 || states > 12 {
			t.Errorf("in ten seconds come %d frames and %d states", frames, states)
		}
	})
}

func TestTheGoroutineLivesAsLongAsLoops(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		running := func() bool { c.mu.Lock(); defer c.mu.Unlock(); return c.running }
		f.mu.Lock()
		f.gone = true
		f.mu.Unlock()
		c.poke()
		synctest.Wait()
		if running() || len(c.Hello().Loops) != 0 {
			t.Error("the loop has ended, and the goroutine is there")
		}
		second := newFakeLoop()
		w := c.watch(second)
		synctest.Wait()
		if !running() || c.Hello().Loops[0].ID != 2 {
			t.Error("another loop is there, and the goroutine is not")
		}
		c.unwatch(w)
		synctest.Wait()
		if running() {
			t.Error("the loop is no longer watched, and the goroutine is there")
		}
	})
}

// The lag of one whose sleep is over is from when that was to be over.
func TestLagOfATimer(t *testing.T) {
	b := newBench(t)
	sleep := step(engine.Waits, 2, 10*msec, 11*msec)
	sleep.label, sleep.arg = engine.LabelSleep, uint64(10*msec)
	expired := told{record: record{kind: engine.Woken, task: 2, at: 25 * msec, label: engine.LabelTimer}}
	b.happen(sleep, expired, step(engine.Waits, 2, 24*msec, 26*msec)) // a step begins where the loop's sleep has ended
	if counts := b.w.lags.counts(26 * msec); counts[bucketOf(3*msec)] != 1 {
		t.Errorf("a sleep that was over 3 ms before the step began: %v", counts)
	}
	canceled := told{record: record{kind: engine.Woken, task: 2, at: 40 * msec, label: engine.LabelCancel}}
	b.happen(sleep, canceled, step(engine.Waits, 2, 40*msec, 41*msec))
	if counts := b.w.lags.counts(41 * msec); counts[0] != 1 {
		t.Errorf("a sleep that was cut: %v", counts)
	}
}

func TestTimersCountAsLag(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		for range 20 {
			if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
				return err
			}
		}
		var n uint64
		for _, c := range look(t, ctx, w).Stats.Lag {
			n += c
		}
		if n < 20 {
			t.Errorf("of 20 sleeps and a thread, %d count", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A loop that answers late because it has much to do, or because the process gets little
// of the machine, stands in no step; to print the stacks of all would make it slower yet.
func TestSlowLoopDoesNotStand(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		snapshotOf(t, c, 0)
		f.mu.Lock()
		f.silent, f.step = true, engine.Step{Number: 9, Goroutine: 1}
		f.stands = &wire.Stuck{Task: 1, State: "runnable"}
		f.mu.Unlock()
		for range 50 {
			time.Sleep(90 * time.Millisecond)
			f.mu.Lock()
			f.step.Number++
			f.mu.Unlock()
		}
		s := snapshotOf(t, c, 0)
		if !s.Stale || s.Stuck != nil || f.captures() != 0 {
			t.Errorf("stale %v, stuck %+v, %d stacks were taken", s.Stale, s.Stuck, f.captures())
		}
		for _, w := range s.Warnings {
			t.Errorf("there is a warning: %s", w.Text)
		}
	})
}

// What one looks at after long may have stood still with the process.
func TestTimeInWhichNoOneLookedIsNoLongStep(t *testing.T) {
	b := newBench(t)
	b.f.step = engine.Step{Number: 1, Goroutine: 1}
	start := time.Now()
	b.w.watchStep(start)
	b.w.watchStep(start.Add(time.Hour))
	if b.w.lasted != patience {
		t.Errorf("between two looks, a step has lasted for %v", b.w.lasted)
	}
}

func TestStacksAreTakenSeldomIfTheyAreDear(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		f.mu.Lock()
		f.silent, f.step, f.dear = true, engine.Step{Number: 9, Goroutine: 1}, time.Second
		f.mu.Unlock()
		time.Sleep(time.Minute)
		if n := f.captures(); n < 3 || n > 4 {
			t.Errorf("stacks that take a second were taken %d times in a minute", n)
		}
	})
}

// Who comes to a loop that is stuck is told so at once, and what was known before, and
// then each second how long it has been so.
func TestStuckLoopIsToldToThoseWhoComeLate(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		f.hang(t, c, &wire.Stuck{Task: 1, State: "sleep"})
		time.Sleep(3*time.Second + 10*time.Millisecond)
		sub, err := c.Subscribe(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		first := next[*wire.State](t, sub)
		if !first.Full || !first.Stale || first.Stuck == nil || len(first.Tasks) != 1 || len(first.Warnings) != 1 {
			t.Fatalf("the first state is %+v", *first)
		}
		states, last := 0, first.Stuck.For
		for end := time.After(5 * time.Second); ; {
			select {
			case v := <-sub.C:
				if s, ok := v.(*wire.State); ok {
					states++
					if !s.Stale || s.Full || s.Stuck == nil || s.Stuck.For <= last {
						t.Fatalf("state %d is %+v", states, *s)
					}
					last = s.Stuck.For
				}
				continue
			case <-end:
			}
			break
		}
		if states != 5 {
			t.Errorf("in five seconds come %d states", states)
		}
		f.goOn()
		for {
			if s, ok := (<-sub.C).(*wire.State); ok {
				if !s.Full || s.Stale {
					t.Errorf("when it goes on, the state is %+v", *s)
				}
				return
			}
		}
	})
}

func TestNumbersOfLoopsAreNotUsedAgain(t *testing.T) {
	id := func() (id int) {
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			id = look(t, ctx, watchHere(t, ctx)).Loop
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if first, second := id(), id(); second <= first {
		t.Errorf("loop %d comes after loop %d", second, first)
	}
}
