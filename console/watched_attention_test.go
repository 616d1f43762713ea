package console

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// What a loop does while no one looks stays where it is, and is there for who comes.
func TestWhileNoOneLooksNothingIsTakenIn(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		happen := func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.batches = []batch{{recs: []record{{kind: engine.Spawned, at: 10, task: 4, arg: 1}}}}
		}
		waiting := func() int {
			f.mu.Lock()
			defer f.mu.Unlock()
			return len(f.batches)
		}
		synctest.Wait()
		happen()
		time.Sleep(time.Minute)
		if waiting() == 0 {
			t.Error("it was taken in, and no one looks")
		}
		f.mu.Lock()
		if f.asked < 10 || f.asked > 15 {
			t.Errorf("the loop was asked %d times in a minute", f.asked)
		}
		f.dropped = 7
		f.mu.Unlock()
		if s := snapshotOf(t, c, 0); waiting() != 0 || s.Dropped != 0 {
			t.Errorf("someone looks: %d wait, %d were lost", waiting(), s.Dropped)
		}
		f.mu.Lock()
		f.dropped = 9
		f.mu.Unlock()
		if s := snapshotOf(t, c, 0); s.Dropped != 2 {
			t.Errorf("2 were lost while someone looked, and it says %d", s.Dropped)
		}
		time.Sleep(attentive + stateEvery)
		happen()
		time.Sleep(attentive)
		if waiting() == 0 {
			t.Error("whoever has looked is gone, and it was taken in")
		}
		defer c.Log(slog.New(slog.DiscardHandler))()
		time.Sleep(stateEvery)
		if waiting() != 0 {
			t.Error("there is a logger, and it was not taken in")
		}
	})
}

// A busy loop that no one looks at forgets what is old. To who comes then, nothing is
// lost.
func TestWhoComesLateHasLostNothing(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := newWatching(leastHistory)
		detach, err := w.Attach(engine.LoopOf(ctx))
		if err != nil {
			return err
		}
		defer w.Close()
		defer detach()
		one := w.all()[0]
		until(t, "it rests", one.isLazy)
		begun, done := make(chan struct{}), make(chan struct{})
		thread := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return asyncio.ToThread(ctx, func(context.Context) (int, error) { close(begun); <-done; return 0, nil })
		})
		defer close(done)
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		<-begun //asyncio:ok channel another goroutine closes it, without the loop
		err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 2 {
				tg.Go(func(ctx context.Context) error {
					for range 10_000 {
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
		s := look(t, ctx, w)
		one.mu.Lock()
		defer one.mu.Unlock()
		if len(s.Threads) == 0 || s.Threads[0].Task != thread.Info().ID {
			t.Errorf("the threads are %+v", s.Threads)
		}
		if s.Dropped != 0 || one.history.evicted == 0 || one.history.added == 0 {
			t.Errorf("%d are lost, %d forgotten, %d there", s.Dropped, one.history.evicted, one.history.added)
		}
		if !slices.ContainsFunc(s.Tasks, func(t wire.Task) bool { return t.State == wire.Done }) {
			t.Errorf("the tasks are %+v", s.Tasks)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A console that the environment asked for is opened again for a second run, and sees it
// from its first step on.
func TestSecondRunIsSeenFromItsFirstStepOn(t *testing.T) {
	v, err := newVariable("unix:" + asynctest.SocketDir(t) + "/s")
	if err != nil {
		t.Fatal(err)
	}
	defer engine.OnNewLoop(v.made)()
	for run := range 2 {
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			if !engine.LoopOf(ctx).Traced() {
				t.Errorf("run %d is not watched in its first step", run+1)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// All that is known of a loop that has never answered is what runs.
func TestStuckInTheFirstStep(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		until(t, "it is told where it stands", func() bool { // on the loop, which answers nothing meanwhile
			s, err := w.Snapshot(t.Context(), 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Tasks) != 1 || s.Tasks[0].ID != asyncio.CurrentTask(ctx).ID || s.Tasks[0].State != wire.Running || s.Stats.Live != 1 {
				t.Fatalf("the tasks are %+v, and %d live", s.Tasks, s.Stats.Live)
			}
			return s.Stale && s.Stuck != nil
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALoopTellsHowLongItHasSlept(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l := engine.LoopOf(ctx)
		s := engine.NewStream(1)
		l.Attach(s)
		defer l.Detach(s)
		if err := asyncio.Sleep(ctx, 3*time.Second); err != nil {
			t.Fatal(err)
		}
		v := l.SnapshotNow(nil)
		defer v.Release()
		if v.Slept != 3*time.Second || v.Begun-v.Traced != 3*time.Second {
			t.Errorf("it has slept for %v of %v", v.Slept, v.Begun-v.Traced)
		}
	})
}

func TestWorkedShare(t *testing.T) {
	var s workedShare
	for i, test := range []struct {
		at, slept int64
		want      float64
	}{
		{100 * msec, 75 * msec, 0.25}, // the first look may be early
		{200 * msec, 75 * msec, 0.25}, // another one is not
		{1100 * msec, 575 * msec, 0.5},
		{61100 * msec, 60575 * msec, 0},
	} {
		s.note(restedUntil{since: sec, at: sec + test.at, slept: test.slept})
		if got := s.share; got < test.want-0.001 || got > test.want+0.001 {
			t.Errorf("%d: it is %v, want %v", i, got, test.want)
		}
	}
}

func TestLocksOfADeadlockAreNotHeldForLong(t *testing.T) {
	b := newBench(t)
	b.deadlocked()
	for i := range b.f.state.Objects {
		b.f.state.Objects[i].Waiters = 1
	}
	b.seconds(20)
	b.expect(wire.Deadlock)
	b.expectNone(wire.LongHeld)
}

// What a task and a group were called is known to who comes late, although the stream no
// longer has their beginning, and they have ended before anyone looked.
func TestWhoComesLateKnowsNames(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := newWatching(leastHistory)
		detach, err := w.Attach(engine.LoopOf(ctx))
		if err != nil {
			return err
		}
		defer w.Close()
		defer detach()
		one := w.all()[0]
		until(t, "it rests", one.isLazy)
		var lock asyncio.Lock
		lock.SetName("door")
		var over asyncio.Event
		busy := func() error {
			for range 20_000 {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			return nil
		}
		err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error { return over.Wait(ctx) }, asyncio.Name("early"))
			tg.Go(func(ctx context.Context) error { return over.Wait(ctx) })
			if err := busy(); err != nil {
				return err
			}
			tg.Go(func(context.Context) error { return nil }, asyncio.Name("late"))
			over.Set()
			return nil
		}, asyncio.GroupName("pool"))
		if err != nil {
			return err
		}
		var names []string
		for _, task := range look(t, ctx, w).Tasks {
			if task.State == wire.Done {
				names = append(names, task.Name)
			}
		}
		slices.Sort(names)
		if want := []string{"Task-3", "early", "late"}; !slices.Equal(names, want) {
			t.Errorf("those that have ended are %q, want %q", names, want)
		}
		sub, err := w.Subscribe(0, 60)
		if err != nil {
			return err
		}
		defer sub.Close()
		for f := range sub.past {
			for _, r := range f.Rec {
				if engine.Kind(r[0]) == engine.Spawned && f.Text[r[6]-1] == "late" {
					if r[5] == 0 || f.Text[r[5]-1] != "pool" {
						t.Errorf("its group is not told: %v of %q", r, f.Text)
					}
					return nil
				}
			}
		}
		t.Error("the past does not tell that the late one was created")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
