package asyncio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A fixture is a case of Select that cannot go on yet, and has an object of its own.
type fixture struct {
	asyncio.Case
	happen func()             // lets it go on
	taken  func() bool        // whether that was taken, once it has happened
	waits  asyncio.Coro[bool] // the operation as a method of its own, with the word whether it was done
	passes int                // how many it takes until the object hears of what happens
}

// fixtures make a fixture of each kind.
var fixtures = map[string]func(ctx context.Context) fixture{
	"Queue.OnGet":                func(context.Context) fixture { return gets(new(asyncio.Queue[int])) },
	"LifoQueue.OnGet":            func(context.Context) fixture { return gets(new(asyncio.LifoQueue[int])) },
	"PriorityQueue.OnGet":        func(context.Context) fixture { return gets(asyncio.NewPriorityQueue(0, lessInt)) },
	"Queue.OnPut":                func(context.Context) fixture { return puts(asyncio.NewQueue[int](1)) },
	"LifoQueue.OnPut":            func(context.Context) fixture { return puts(asyncio.NewLifoQueue[int](1)) },
	"PriorityQueue.OnPut":        func(context.Context) fixture { return puts(asyncio.NewPriorityQueue(1, lessInt)) },
	"Lock.OnAcquire":             func(context.Context) fixture { return acquires(new(asyncio.Lock)) },
	"Semaphore.OnAcquire":        func(context.Context) fixture { return acquires(asyncio.NewSemaphore(1)) },
	"BoundedSemaphore.OnAcquire": func(context.Context) fixture { return acquires(asyncio.NewBoundedSemaphore(1)) },
	"RWLock.OnAcquire":           func(context.Context) fixture { return acquires(new(asyncio.RWLock)) },
	"RWLock.OnAcquireRead": func(context.Context) fixture {
		l := new(asyncio.RWLock)
		l.TryAcquire()
		return fixture{
			l.OnAcquireRead(), l.Release, func() bool { return !l.TryAcquire() },
			func(ctx context.Context) (bool, error) { err := l.Acquire(ctx); return err == nil, err }, 0, // a reader would come in, too
		}
	},
	"Broadcast.OnPut": func(context.Context) fixture {
		b := asyncio.NewBroadcast[int](1)
		s := b.Subscribe()
		_ = b.TryPut(7)
		return fixture{
			b.OnPut(8), func() { _, _ = s.TryGet() }, func() bool { return s.Len() == 1 },
			func(ctx context.Context) (bool, error) { err := b.Put(ctx, 8); return err == nil, err }, 0,
		}
	},
	"Subscriber.OnGet": func(context.Context) fixture {
		var item int
		b := new(asyncio.Broadcast[int])
		s := b.Subscribe()
		return fixture{
			s.OnGet(&item), func() { _ = b.TryPut(7) }, func() bool { return s.Len() == 0 && item == 7 },
			func(ctx context.Context) (bool, error) { v, err := s.Get(ctx); return v == 7, err }, 0,
		}
	},
	"Watch.OnWait": func(context.Context) fixture {
		var value int
		x := new(asyncio.Watch[int])
		seven := func(v int) bool { return v == 7 }
		return fixture{x.OnWait(&value, seven), func() { x.Set(7) }, nil, func(ctx context.Context) (bool, error) {
			v, err := x.Wait(ctx, seven)
			return v == 7, err
		}, 0}
	},
	"Event.OnSet": func(context.Context) fixture {
		e := new(asyncio.Event)
		return fixture{e.OnSet(), e.Set, nil, func(ctx context.Context) (bool, error) { err := e.Wait(ctx); return err == nil, err }, 0}
	},
	"Task.OnDone": func(ctx context.Context) fixture {
		e := new(asyncio.Event)
		t := asyncio.Go(ctx, e.Wait)
		return fixture{t.OnDone(), func() { t.Cancel() }, nil, nil, 1}
	},
	"TaskSet.OnNext": func(ctx context.Context) fixture {
		set, t := new(asyncio.TaskSet[struct{}]), asyncio.Go(ctx, asynctest.WaitForever)
		set.Add(t)
		var next *asyncio.Task[struct{}]
		return fixture{
			set.OnNext(&next), func() { t.Cancel() }, func() bool { return set.Len() == 0 && next == t },
			func(ctx context.Context) (bool, error) {
				next, ok, err := set.Next(ctx)
				if !ok && err == nil {
					err = asynctest.WaitForever(ctx)
				}
				return next == t, err
			}, 2,
		}
	},
	"Future.OnDone": func(ctx context.Context) fixture {
		f := asyncio.NewFuture[int](ctx)
		return fixture{f.OnDone(), func() { f.Cancel() }, nil, nil, 0}
	},
}

func lessInt(a, b int) bool { return a < b }

func gets(q selectableQueue) fixture {
	var item int
	return fixture{
		q.OnGet(&item), func() { _ = q.TryPut(7) }, func() bool { return q.Empty() && item == 7 },
		func(ctx context.Context) (bool, error) { v, err := q.Get(ctx); return v == 7, err }, 0,
	}
}

// puts puts an 8 into a queue that has a 7.
func puts(q selectableQueue) fixture {
	_ = q.TryPut(7)
	return fixture{
		q.OnPut(8), func() { _, _ = q.TryGet() }, q.Full,
		func(ctx context.Context) (bool, error) { err := q.Put(ctx, 8); return err == nil, err }, 0,
	}
}

type selectableQueue interface {
	asynctest.Queue
	OnGet(*int) asyncio.Case
	OnPut(int) asyncio.Case
}

func acquires(g selectableGuard) fixture {
	g.TryAcquire()
	return fixture{
		g.OnAcquire(), g.Release, func() bool { return !g.TryAcquire() },
		func(ctx context.Context) (bool, error) { err := g.Acquire(ctx); return err == nil, err }, 0,
	}
}

type selectableGuard interface {
	TryAcquire() bool
	Acquire(ctx context.Context) error
	Release()
	OnAcquire() asyncio.Case
}

// expectTaken looks whether what has happened was taken, where there is something to take.
func (f fixture) expectTaken(t *testing.T, want bool) {
	t.Helper()
	if f.taken != nil {
		asynctest.ExpectEqual(t, "taken", f.taken(), want)
	}
}

// eachFixture runs a test with each kind.
func eachFixture(t *testing.T, on func(*testing.T, func(context.Context)), test func(t *testing.T, ctx context.Context, f fixture)) {
	t.Helper()
	for name, make := range fixtures {
		t.Run(name, func(t *testing.T) {
			on(t, func(ctx context.Context) { test(t, ctx, make(ctx)) })
		})
	}
}

// A selecting is a Select in a task of its own, and what it has returned.
type selecting struct {
	*asyncio.Task[struct{}]
	chosen int
	err    error
}

// startSelect starts a task that selects, and lets it wait.
func startSelect(ctx context.Context, cases ...asyncio.Case) *selecting {
	s := &selecting{chosen: -2}
	s.Task = asyncio.Go(ctx, func(ctx context.Context) error {
		s.chosen, s.err = asyncio.Select(ctx, cases...)
		return nil
	})
	asynctest.Settle(ctx)
	return s
}

// expect waits for the end of the Select.
func (s *selecting) expect(t *testing.T, ctx context.Context, chosen int, err error) {
	t.Helper()
	asynctest.Settle(ctx)
	asynctest.ExpectEqual(t, "chosen", s.chosen, chosen)
	if !errors.Is(s.err, err) {
		t.Errorf("the error is %v, want %v", s.err, err)
	}
}

func TestEachCaseOfSelect(t *testing.T) {
	t.Run("goes on at once when it can, without suspending", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			f.happen()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				chosen, err := asyncio.Select(ctx, new(asyncio.Event).OnSet(), f.Case)
				asynctest.ExpectEqual(t, "chosen", chosen, 1)
				asynctest.ExpectNil(t, err)
			}), 0)
			f.expectTaken(t, true)
		})
	})
	t.Run("waits until it can go on", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			s := startSelect(ctx, new(asyncio.Event).OnSet(), f.Case)
			asynctest.ExpectEqual(t, "ended", s.Done(), false)
			f.happen()
			s.expect(t, ctx, 1, nil)
			f.expectTaken(t, true)
		})
	})
	t.Run("goes on in the pass in which the operation alone would", func(t *testing.T) {
		eachFixture(t, asynctest.InOrder, func(t *testing.T, ctx context.Context, f fixture) {
			s := startSelect(ctx, f.Case)
			f.happen()
			for range 1 + f.passes {
				_ = asyncio.Yield(ctx)
			}
			asynctest.ExpectEqual(t, "chosen", s.chosen, 0)
		})
	})
	t.Run("does nothing when another is chosen", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			var e asyncio.Event
			s := startSelect(ctx, f.Case, e.OnSet())
			e.Set()
			f.happen()
			s.expect(t, ctx, 1, nil)
			f.expectTaken(t, false)
		})
	})
	t.Run("does nothing when it is not looked at", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			f.happen()
			chosen, err := asyncio.Select(ctx, asyncio.After(0), f.Case)
			asynctest.ExpectEqual(t, "chosen", chosen, 0)
			asynctest.ExpectNil(t, err)
			f.expectTaken(t, false)
		})
	})
	t.Run("does nothing when the wait is canceled", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			s := startSelect(ctx, new(asyncio.Event).OnSet(), f.Case)
			s.Cancel()
			f.happen()
			s.expect(t, ctx, -1, asyncio.ErrCanceled)
			f.expectTaken(t, false)
		})
	})
	t.Run("does nothing at all under a canceled context", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			f.happen()
			asynctest.Settle(ctx)
			canceled, cancel := context.WithCancel(ctx)
			cancel()
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				chosen, err := asyncio.Select(canceled, f.Case)
				asynctest.ExpectEqual(t, "chosen", chosen, -1)
				asynctest.ExpectIs(t, err, context.Canceled)
			}), 1)
			f.expectTaken(t, false)
		})
	})
	t.Run("cannot be canceled once it was woken", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			s := startSelect(ctx, new(asyncio.Event).OnSet(), f.Case)
			f.happen()
			if f.passes > 0 { // or more: in these orders, other tasks may have their turns before
				asynctest.Settle(ctx)
			}
			s.Cancel()
			s.expect(t, ctx, 1, nil)
			f.expectTaken(t, true)
		})
	})
	t.Run("is counted among those that wait in no list, once another was woken", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			if f.waits == nil {
				f.happen()
				return
			}
			var e asyncio.Event
			s := startSelect(ctx, f.Case, e.OnSet())
			behind := asyncio.CreateTask(ctx, f.waits)
			asynctest.Settle(ctx)
			e.Set()
			f.happen()
			s.expect(t, ctx, 1, nil)
			done, err := behind.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "done", done, true)
		})
	})
	t.Run("stands in line", func(t *testing.T) {
		eachFixture(t, asynctest.InOrder, func(t *testing.T, ctx context.Context, f fixture) {
			if f.taken == nil {
				return
			}
			s := startSelect(ctx, new(asyncio.Event).OnSet(), f.Case)
			behind := asyncio.CreateTask(ctx, f.waits)
			asynctest.Settle(ctx)
			f.happen()
			s.expect(t, ctx, 1, nil)
			asynctest.ExpectEqual(t, "the one behind is done", behind.Done(), false)
			behind.Cancel()
		})
	})
	t.Run("counts once if it is there twice, and can be used again", func(t *testing.T) {
		eachFixture(t, asynctest.OnLoop, func(t *testing.T, ctx context.Context, f fixture) {
			s := startSelect(ctx, f.Case, f.Case)
			f.happen()
			s.expect(t, ctx, 0, nil)
			f.expectTaken(t, true)
			again := startSelect(ctx, f.Case)
			again.Cancel()
			asynctest.Settle(ctx)
		})
	})
}

// Of two cases, whichever comes first is chosen, and the other is as it was.
func TestEachPairOfCasesOfSelect(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	for nameA, makeA := range fixtures {
		for nameB, makeB := range fixtures {
			onVirtualLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
				a, b := makeA(ctx), makeB(ctx)
				s := startSelect(ctx, b.Case, a.Case)
				a.happen()
				for range a.passes {
					_ = asyncio.Yield(ctx)
				}
				b.happen()
				asynctest.Settle(ctx)
				if s.chosen != 1 || s.err != nil || a.taken != nil && !a.taken() || b.taken != nil && b.taken() {
					t.Errorf("%s and then %s: %d, %v", nameA, nameB, s.chosen, s.err)
				}
				return nil
			})
		}
	}
}

// A cancellation at any moment finds nothing taken, or all.
func TestEachCaseOfSelectIsCancelable(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	for name, make := range fixtures {
		t.Run(name, func(t *testing.T) {
			asynciotest.AssertCancelable(t, func(ctx context.Context) error {
				f := make(ctx)
				helper := asyncio.Go(ctx, func(ctx context.Context) error {
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
					f.happen()
					return nil
				})
				chosen, err := asyncio.Select(ctx, new(asyncio.Event).OnSet(), asyncio.After(time.Hour), f.Case)
				_, failed := helper.Await(context.WithoutCancel(ctx))
				asynctest.Settle(context.WithoutCancel(ctx))
				f.expectTaken(t, err == nil)
				if err == nil && chosen != 2 {
					t.Errorf("%d is chosen", chosen)
				}
				return errors.Join(err, failed, asyncio.Yield(ctx))
			})
		})
	}
}
