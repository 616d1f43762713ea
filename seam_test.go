package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// watched returns what fn does, as a stream brings it that is attached meanwhile.
func watched(ctx context.Context, s *engine.Stream, fn func()) (all []engine.Happening) {
	core := engine.LoopOf(ctx)
	core.Attach(s)
	fn()
	core.Detach(s)
	for _, c := range s.Take() {
		for h := range c.All {
			all = append(all, h)
		}
		c.Release()
	}
	return all
}

// onOneLoop runs fn on a loop with the machine's clock, and fails if that fails.
func onOneLoop(t *testing.T, fn func(ctx context.Context)) {
	t.Helper()
	t.Parallel()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error { fn(ctx); return nil })
	if err != nil {
		t.Error(err)
	}
}

func TestStreamCountsWhatItDrops(t *testing.T) {
	onOneLoop(t, func(ctx context.Context) {
		core := engine.LoopOf(ctx)
		small, large := engine.NewStream(2), engine.NewStream(1000)
		core.Attach(large)
		core.Attach(small)
		for range 2000 {
			asyncio.Go(ctx, func(context.Context) error { return nil })
			_ = asyncio.Yield(ctx)
		}
		core.Detach(small)
		core.Detach(large)
		kept, all := 0, 0
		for _, c := range small.Take() {
			kept += c.Len()
		}
		for i, c := range large.Take() {
			if i > 0 { // the first is what the other was not there for
				all += c.Len()
			}
		}
		if large.Dropped() != 0 || small.Dropped() == 0 || kept == 0 || kept+int(small.Dropped()) != all {
			t.Errorf("of %d records %d were kept and %d dropped; the large stream has dropped %d", all, kept, small.Dropped(), large.Dropped())
		}
	})
}

func TestStreamCountsEveryYield(t *testing.T) {
	onOneLoop(t, func(ctx context.Context) {
		const yields = 1234
		count := uint64(0)
		for _, h := range watched(ctx, engine.NewStream(1000), func() {
			for range yields {
				_ = asyncio.Yield(ctx)
			}
		}) {
			if h.Kind == engine.Yields {
				count += max(h.Arg, 1)
			}
		}
		if count != yields {
			t.Errorf("%d yields were told of, want %d", count, yields)
		}
	})
}

// TestSiteOfTask looks whether the first function outside of this library is that which
// has created the task, in each way in which one can.
func TestSiteOfTask(t *testing.T) {
	noop := func(context.Context) error { return nil }
	coro := func(context.Context) (int, error) { return 0, nil }
	ways := map[string]func(ctx context.Context){
		"Go":                 func(ctx context.Context) { asyncio.Go(ctx, noop) },
		"CreateTask":         func(ctx context.Context) { asyncio.CreateTask(ctx, coro) },
		"CreateTask, eager":  func(ctx context.Context) { asyncio.CreateTask(ctx, coro, asyncio.Eager()) },
		"a method value":     func(ctx context.Context) { asyncio.Go(ctx, new(siteless).run) },
		"a generic function": func(ctx context.Context) { createdBy[string](ctx) },
		"Gather": func(ctx context.Context) {
			_, _ = asyncio.Gather[int](ctx, asyncio.Coro[int](coro), asyncio.Coro[int](coro))
		},
		"TaskGroup.Go": func(ctx context.Context) {
			_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error { tg.Go(noop); return nil })
		},
		"Spawn": func(ctx context.Context) {
			_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error { asyncio.Spawn(tg, coro); return nil })
		},
	}
	for name, create := range ways {
		t.Run(name, func(t *testing.T) {
			onOneLoop(t, func(ctx context.Context) {
				told := false
				for _, h := range watched(ctx, engine.NewStream(10), func() { create(ctx); _ = asyncio.Yield(ctx) }) {
					if h.Kind != engine.Spawned {
						continue
					}
					told = true
					if f := firstOutside(h.Site); !strings.Contains(f, "_test.TestSiteOfTask") && !strings.Contains(f, "_test.createdBy") {
						t.Errorf("the task was created by %q, of %q", f, functionsOf(h.Site))
					}
				}
				if !told {
					t.Error("no task was told of")
				}
			})
		})
	}
}

type siteless struct{}

func (*siteless) run(context.Context) error { return nil }

//go:noinline
func createdBy[T any](ctx context.Context) {
	asyncio.CreateTask(ctx, func(context.Context) (x T, err error) { return x, nil })
}

func functionsOf(site []uintptr) (names []string) {
	frames := runtime.CallersFrames(site)
	for {
		f, more := frames.Next()
		names = append(names, f.Function)
		if !more {
			return names
		}
	}
}

func firstOutside(site []uintptr) string {
	for _, f := range functionsOf(site) {
		if !strings.HasPrefix(f, "github.com/asyncio-go/asyncio.") && !strings.Contains(f, "/internal/engine.") {
			return f
		}
	}
	return ""
}

func TestTextsOfErrorsAreCutBetweenCharacters(t *testing.T) {
	onOneLoop(t, func(ctx context.Context) {
		for shift := range 4 {
			long := errors.New(strings.Repeat("x", shift) + strings.Repeat("\U0001F600", 100))
			texts := 0
			for _, h := range watched(ctx, engine.NewStream(10), func() {
				_, _ = asyncio.Go(ctx, func(context.Context) error { return long }).Await(ctx)
			}) {
				if h.Kind != engine.Failed {
					continue
				}
				texts++
				if !utf8.ValidString(h.Text) || len(h.Text) > 210 || !strings.HasPrefix(long.Error(), strings.TrimSuffix(h.Text, "...")) {
					t.Errorf("the text is %q", h.Text)
				}
			}
			if texts != 1 {
				t.Errorf("%d tasks have failed", texts)
			}
		}
	})
}

type errorThatPanics struct{}

func (errorThatPanics) Error() string { panic("no text") }

type errorThatAsks struct{ ctx context.Context }

func (e errorThatAsks) Error() string {
	asyncio.Go(e.ctx, func(context.Context) error { return nil }, asyncio.Name("of the error"))
	return fmt.Sprint(len(asyncio.AllTasks(e.ctx)) > 0)
}

type errorThatExits struct{}

func (errorThatExits) Error() string { runtime.Goexit(); return "" }

type errorThatSuspends struct{ ctx context.Context }

func (e errorThatSuspends) Error() string { return fmt.Sprint(asyncio.Yield(e.ctx)) }

// TestTextsOfStrangeErrors watches tasks whose errors do more than to say what they are.
func TestTextsOfStrangeErrors(t *testing.T) {
	onOneLoop(t, func(ctx context.Context) {
		var texts []string
		for _, h := range watched(ctx, engine.NewStream(10), func() {
			for _, err := range []error{errorThatPanics{}, errorThatAsks{ctx}, errorThatExits{}, errorThatSuspends{ctx}, fmt.Errorf("it is %w", io.EOF)} {
				_, _ = asyncio.Go(ctx, func(context.Context) error { return err }).Await(ctx)
			}
		}) {
			if h.Kind == engine.Failed {
				texts = append(texts, h.Text)
			}
		}
		const panics, exits = "an error that panics when it is asked what it is", "an error that ends the goroutine which asks it what it is"
		if want := []string{panics, "true", exits, panics, "it is EOF"}; !slices.Equal(texts, want) {
			t.Errorf("the texts are %q", texts)
		}
	})
}

// TestSnapshotKnowsNothingOfTimesWithoutATrace attaches, detaches and attaches again: what
// was counted before says nothing of what was not seen since.
func TestSnapshotKnowsNothingOfTimesWithoutATrace(t *testing.T) {
	onOneLoop(t, func(ctx context.Context) {
		core := engine.LoopOf(ctx)
		var e asyncio.Event
		waiter := asyncio.Go(ctx, func(ctx context.Context) error {
			for range 2 {
				if err := e.Wait(ctx); err != nil {
					return err
				}
				e.Clear()
			}
			return nil
		})
		view := func() *engine.TaskView {
			now := core.SnapshotNow(nil)
			now.Complete()
			for _, v := range now.Tasks {
				if v.ID == waiter.Info().ID {
					return v
				}
			}
			t.Fatal("the task is not in the snapshot")
			return nil
		}
		s := engine.NewStream(10)
		core.Attach(s)
		_ = asyncio.Yield(ctx)
		if v := view(); v.Steps != 1 || !v.Known || v.About {
			t.Errorf("while it is watched: %+v", v)
		}
		core.Detach(s)
		e.Set()
		_ = asyncio.Yield(ctx)
		core.Attach(s)
		if v := view(); v.Steps != 0 || v.Known && !v.About {
			t.Errorf("when it is watched again: %d steps, since %v, known %t", v.Steps, v.Since, v.Known)
		}
		core.Detach(s)
		e.Set()
		_, _ = waiter.Await(ctx)
	})
}

// TestSnapshotOfScopes looks at what stands in what.
func TestSnapshotOfScopes(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var e asyncio.Event
		asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
					return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
						tg.Go(func(ctx context.Context) error {
							return asyncio.WithTimeout(ctx, time.Minute, e.Wait)
						})
						return nil
					}, asyncio.GroupName("inner"))
				})
			}, asyncio.GroupName("outer"))
		})
		_ = asyncio.Sleep(ctx, time.Second)
		byNumber, parents := map[uint32]engine.GroupView{0: {Name: "none"}}, map[string]string{}
		name := func(g engine.GroupView) string {
			if g.Timeout {
				return fmt.Sprint("timeout ", g.Deadline)
			}
			return g.Name
		}
		groups := engine.LoopOf(ctx).SnapshotNow(nil).Groups
		for _, g := range groups {
			byNumber[g.Number] = g
		}
		for _, g := range groups {
			parents[name(g)] = name(byNumber[g.Parent])
		}
		want := map[string]string{"outer": "none", "timeout 1h0m0s": "outer", "inner": "timeout 1h0m0s", "timeout 1m0s": "inner"}
		if fmt.Sprint(parents) != fmt.Sprint(want) {
			t.Errorf("the parents are %v, want %v", parents, want)
		}
		e.Set()
	})
}

// TestObjectsOfSeveralLoops uses a lock on one loop after the other, and on the first again.
func TestObjectsOfSeveralLoops(t *testing.T) {
	t.Parallel()
	a, b := asyncio.NewRunner(), asyncio.NewRunner()
	defer a.Close()
	defer b.Close()
	var lock asyncio.Lock
	lock.SetName("one")
	use := func(r *asyncio.Runner) {
		t.Helper()
		err := r.Run(context.Background(), func(ctx context.Context) error {
			return lock.With(ctx, func() error {
				waiter := asyncio.Go(ctx, func(ctx context.Context) error { return lock.With(ctx, func() error { return nil }) })
				_ = asyncio.Yield(ctx)
				core := engine.LoopOf(ctx)
				core.SnapshotNow(nil) // meets it
				objects := core.SnapshotNow(nil).Objects
				if len(objects) != 1 || objects[0].Name != "one" || objects[0].Holder != asyncio.CurrentTask(ctx).ID || objects[0].Waiters != 1 {
					t.Errorf("the objects are %+v", objects)
				}
				waiter.Cancel()
				_ = asyncio.Yield(ctx)
				return nil
			})
		})
		if err != nil {
			t.Error(err)
		}
	}
	for _, r := range []*asyncio.Runner{a, b, a, b, a} {
		use(r)
	}
	err := b.Run(context.Background(), func(ctx context.Context) error {
		lock.TryAcquire()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	err = a.Run(context.Background(), func(ctx context.Context) error {
		waiter := asyncio.Go(ctx, lock.Acquire)
		_ = asyncio.Yield(ctx)
		core := engine.LoopOf(ctx)
		core.SnapshotNow(nil)
		if objects := core.SnapshotNow(nil).Objects; len(objects) != 1 || objects[0].Holder != 0 || objects[0].Len != 1 {
			t.Errorf("of a lock that a task of another loop holds: %+v", objects)
		}
		waiter.Cancel()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestHolderOfSemaphore asks who holds a permit when some were given back.
func TestHolderOfSemaphore(t *testing.T) {
	asynctest.InOrder(t, func(ctx context.Context) {
		s := asyncio.NewSemaphore(2)
		s.SetName("permits")
		var a, b asyncio.Event
		holds := func(e *asyncio.Event) *asyncio.Task[struct{}] {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return s.With(ctx, func() error { return e.Wait(ctx) }) })
			_ = asyncio.Yield(ctx)
			return task
		}
		first := holds(&a)
		second := holds(&b)
		third := holds(&b) // waits, so that the semaphore is known
		holder := func(want uint64, when string) {
			t.Helper()
			core := engine.LoopOf(ctx)
			core.SnapshotNow(nil)
			for _, o := range core.SnapshotNow(nil).Objects {
				if o.Name == "permits" && o.Holder != want {
					t.Errorf("%s: the holder is task %d, want %d", when, o.Holder, want)
				}
			}
		}
		holder(second.Info().ID, "two hold it")
		third.Cancel()
		b.Set()
		_, _ = second.Await(ctx)
		holder(0, "the one that has taken it last has given it back")
		a.Set()
		_, _ = first.Await(ctx)
		_, _ = asyncio.Shield(ctx, third)
	})
}

// TestObjectsAreCollected lets tasks wait for locks that then are garbage.
func TestObjectsAreCollected(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	onOneLoop(t, func(ctx context.Context) {
		core := engine.LoopOf(ctx)
		s := engine.NewStream(1)
		core.Attach(s)
		defer core.Detach(s)
		use := func() {
			for range 25_000 {
				e := new(asyncio.Event)
				waiter := asyncio.Go(ctx, e.Wait)
				_ = asyncio.Yield(ctx)
				e.Set()
				_, _ = waiter.Await(ctx)
			}
		}
		use()
		grown := int64(math.MaxInt64) // a leak shows each time, the garbage of other tests some times
		const most = 1 << 20
		for n := 0; n < 10 && grown > most; n++ {
			before := heapInUse()
			use()
			grown = min(grown, int64(heapInUse())-int64(before))
		}
		if grown > most {
			t.Errorf("the heap grows by %d bytes each time", grown)
		}
		runtime.GC()
		if left := len(core.SnapshotNow(nil).Objects); left > 10 {
			t.Errorf("%d objects are left", left)
		}
	})
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
