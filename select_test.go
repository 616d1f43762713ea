package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/coro"
)

// expectSelect calls Select, which must not suspend.
func expectSelect(t *testing.T, ctx context.Context, want int, wantErr error, cases ...asyncio.Case) {
	t.Helper()
	asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
		chosen, err := asyncio.Select(ctx, cases...)
		asynctest.ExpectEqual(t, "chosen", chosen, want)
		if !errors.Is(err, wantErr) {
			t.Errorf("the error is %v, want %v", err, wantErr)
		}
	}), 0)
}

func TestSelect(t *testing.T) {
	t.Run("does the first argument of several that can go on", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var full, other asyncio.Queue[int]
			var set asyncio.Event
			set.Set()
			_, _ = full.TryPut(1), other.TryPut(2)
			var item int
			expectSelect(t, ctx, 0, nil, full.OnGet(&item), other.OnGet(&item), set.OnSet())
			expectSelect(t, ctx, 1, nil, full.OnGet(&item), other.OnGet(&item), set.OnSet())
			expectSelect(t, ctx, 2, nil, full.OnGet(&item), other.OnGet(&item), set.OnSet())
			asynctest.ExpectEqual(t, "item", item, 2)
		})
	})
	t.Run("takes Ready last, wherever it stands", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var q asyncio.Queue[int]
			var item int
			for _, at := range []int{0, 1, 2} {
				cases := slices.Insert([]asyncio.Case{new(asyncio.Event).OnSet(), q.OnGet(&item)}, at, asyncio.Ready())
				expectSelect(t, ctx, at, nil, cases...)
				_ = q.TryPut(1)
				get := 2
				if at == 2 {
					get = 1
				}
				expectSelect(t, ctx, get, nil, cases...)
			}
			expectSelect(t, ctx, 0, nil, asyncio.Ready())
			expectSelect(t, ctx, 1, nil, q.OnGet(&item), asyncio.Ready(), asyncio.Ready())
		})
	})
	t.Run("waits for its context when there is no case", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			s := startSelect(ctx)
			asynctest.ExpectEqual(t, "waits for", s.Info().WaitingOn, "select")
			s.Cancel()
			s.expect(t, ctx, -1, asyncio.ErrCanceled)
			err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				_, err := asyncio.Select(ctx)
				return err
			})
			asynctest.ExpectTimeout(t, err)
		})
	})
	t.Run("is over after the shortest time", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			never := new(asyncio.Event).OnSet()
			for _, c := range []struct {
				cases []asyncio.Case
				want  int
				takes time.Duration
			}{
				{[]asyncio.Case{asyncio.After(3 * time.Second), never, asyncio.After(2 * time.Second)}, 2, 2 * time.Second},
				{[]asyncio.Case{never, asyncio.After(time.Second), asyncio.After(time.Second)}, 1, time.Second},
				{[]asyncio.Case{never, asyncio.After(1 << 62), asyncio.After(time.Second), asyncio.After(1<<63 - 1)}, 2, time.Second},
				{[]asyncio.Case{never, asyncio.After(time.Second), asyncio.After(0)}, 2, 0},
				{[]asyncio.Case{never, asyncio.After(-time.Second), asyncio.Ready()}, 1, 0},
			} {
				took := asynctest.Elapsed(ctx, func() {
					chosen, err := asyncio.Select(ctx, c.cases...)
					asynctest.ExpectEqual(t, "chosen", chosen, c.want)
					asynctest.ExpectNil(t, err)
				})
				asynctest.ExpectEqual(t, "time", took, c.takes)
			}
		})
	})
	t.Run("leaves no timer behind", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var e asyncio.Event
			s := startSelect(ctx, asyncio.After(time.Hour), e.OnSet())
			e.Set()
			s.expect(t, ctx, 1, nil)
			s = startSelect(ctx, asyncio.After(time.Hour))
			s.Cancel()
			s.expect(t, ctx, -1, asyncio.ErrCanceled)
			took := asynctest.Elapsed(ctx, func() { asynctest.ExpectNil(t, asyncio.Sleep(ctx, 2*time.Hour)) })
			asynctest.ExpectEqual(t, "time", took, 2*time.Hour)
		})
	})
	t.Run("fails with a queue that is shut down", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			q, item := asyncio.NewQueue[int](1), 0
			_ = q.TryPut(1)
			s := startSelect(ctx, new(asyncio.Event).OnSet(), q.OnPut(2))
			q.Shutdown(false)
			s.expect(t, ctx, 1, asyncio.ErrQueueShutDown)
			expectSelect(t, ctx, 0, asyncio.ErrQueueShutDown, q.OnPut(2), q.OnGet(&item))
			expectSelect(t, ctx, 0, nil, q.OnGet(&item), q.OnPut(2))
			expectSelect(t, ctx, 0, asyncio.ErrQueueShutDown, q.OnGet(&item), asyncio.Ready())
			asynctest.ExpectEqual(t, "item", item, 1)
		})
	})
}

// A queue wakes a task, and another one may come before it.
func TestSelectThatIsOvertaken(t *testing.T) {
	t.Run("waits again, behind those that have come meanwhile", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var q asyncio.Queue[int]
			var item int
			s := startSelect(ctx, new(asyncio.Event).OnSet(), q.OnGet(&item))
			asyncio.Go(ctx, getter(&d, "behind", &q))
			_ = q.TryPut(1) // wakes the Select, whose turn comes after that of the other
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "chosen", s.chosen, -2)
			asyncio.Go(ctx, getter(&d, "further behind", &q))
			asynctest.Settle(ctx)
			_, _ = q.TryPut(2), q.TryPut(3)
			asynctest.Settle(ctx)
			s.expect(t, ctx, 1, nil)
			asynctest.ExpectEqual(t, "item", item, 2)
			d.Expect(t, "behind 1", "further behind 3")
		})
	})
	for _, test := range []struct {
		name string
		do   func(q *asyncio.Queue[int], e *asyncio.Event)
		want int
	}{
		{"goes on with another case that can", func(_ *asyncio.Queue[int], e *asyncio.Event) { e.Set() }, 0},
		{"waits for the next item", func(q *asyncio.Queue[int], _ *asyncio.Event) { _ = q.TryPut(3) }, 1},
		{"keeps its deadline", nil, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				var q asyncio.Queue[int]
				var e asyncio.Event
				var item int
				s := startSelect(ctx, e.OnSet(), q.OnGet(&item), asyncio.After(time.Minute))
				for range 3 {
					_ = q.TryPut(2)
					_, _ = q.TryGet()
					asynctest.Settle(ctx)
					asynctest.ExpectEqual(t, "chosen", s.chosen, -2)
				}
				if test.do == nil {
					took := asynctest.Elapsed(ctx, func() { _, _ = s.Await(ctx) })
					asynctest.ExpectEqual(t, "time", took, time.Minute)
				} else {
					test.do(&q, &e)
				}
				s.expect(t, ctx, test.want, nil)
			})
		})
	}
	t.Run("learns that the queue is shut down", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var q asyncio.Queue[int]
			var item int
			s := startSelect(ctx, q.OnGet(&item))
			_ = q.TryPut(2)
			q.Shutdown(true)
			s.expect(t, ctx, 0, asyncio.ErrQueueShutDown)
		})
	})
}

// Two cases may be of one object.
func TestSelectWithTwoCasesOfOneObject(t *testing.T) {
	t.Run("moves an item through a full queue, and through an empty one", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			q, item := asyncio.NewQueue[int](1), 0
			expectSelect(t, ctx, 1, nil, q.OnGet(&item), q.OnPut(5)) // empty: only the one can
			expectSelect(t, ctx, 1, nil, q.OnPut(6), q.OnGet(&item)) // full: only the other can
			asynctest.ExpectEqual(t, "item", item, 5)
			asynctest.ExpectEqual(t, "length", q.Len(), 0)
		})
	})
	t.Run("takes one of two permits", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			sem := asyncio.NewSemaphore(0)
			s := startSelect(ctx, sem.OnAcquire(), sem.OnAcquire())
			sem.Release()
			sem.Release()
			s.expect(t, ctx, 0, nil)
			asynctest.ExpectEqual(t, "the other is left", sem.TryAcquire(), true)
			asynctest.ExpectEqual(t, "and no third", sem.TryAcquire(), false)
		})
	})
	t.Run("waits for a lock that the task has itself", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var lock asyncio.Lock
			_ = lock.Acquire(ctx)
			chosen, err := asyncio.Select(ctx, lock.OnAcquire(), asyncio.After(time.Second))
			asynctest.ExpectEqual(t, "chosen", chosen, 1)
			asynctest.ExpectNil(t, err)
		})
	})
}

// What a PriorityQueue calls may panic. Its task was woken for what it now leaves as it is,
// and the next one is.
func TestSelectWhoseQueuePanics(t *testing.T) {
	asynctest.InOrder(t, func(ctx context.Context) {
		fails := false
		q := asyncio.NewPriorityQueue(2, func(a, b int) bool {
			if fails {
				fails = false
				panic("less")
			}
			return a < b
		})
		_, _ = q.TryPut(1), q.TryPut(2)
		var said any
		asyncio.Go(ctx, func(ctx context.Context) error {
			said = asynctest.PanicOf(func() { _, _ = asyncio.Select(ctx, new(asyncio.Event).OnSet(), q.OnPut(3)) })
			return nil
		})
		asynctest.Settle(ctx)
		next := startSelect(ctx, q.OnPut(4))
		_, _ = q.TryGet() // wakes the first
		fails = true
		next.expect(t, ctx, 0, nil)
		asynctest.ExpectEqual(t, "the first panics with", said, any("less"))
		_, _ = q.TryGet()
		item, _ := q.TryGet()
		asynctest.ExpectEqual(t, "the item", item, 4)
	})
}

func TestSelectOwnsNothing(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		var e asyncio.Event
		boom := errors.New("boom")
		task := asyncio.Go(ctx, func(ctx context.Context) error { return errors.Join(e.Wait(ctx), boom) })
		s := startSelect(ctx, task.OnDone())
		asynctest.ExpectEqual(t, "awaited by", fmt.Sprint(names(asyncio.AwaitedBy(task))), fmt.Sprint([]string{s.Name()}))
		s.Cancel()
		s.expect(t, ctx, -1, asyncio.ErrCanceled)
		asynctest.ExpectEqual(t, "the task is done", task.Done(), false)
		s = startSelect(ctx, task.OnDone())
		e.Set()
		s.expect(t, ctx, 0, nil)
		asynctest.ExpectIs(t, task.Err(), boom)
	})
	reports := asynctest.ReportsOf(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(context.Context) error { return errors.New("boom") })
		chosen, err := asyncio.Select(ctx, task.OnDone())
		asynctest.ExpectEqual(t, "chosen", chosen, 0)
		asynctest.ExpectNil(t, err)
	})
	asynctest.ExpectEqual(t, "reports of an error that no one has looked at", len(reports), 1)
}

func names(infos []asyncio.TaskInfo) (all []string) {
	for _, i := range infos {
		all = append(all, i.Name)
	}
	return all
}

func TestSelectOfWhatMeansNothing(t *testing.T) {
	onVirtualLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
		var q asyncio.Queue[int]
		asynctest.ExpectAdvice(t, func() { q.OnGet(nil) }, "OnGet(nil)", "pass a pointer")
		asynctest.ExpectAdvice(t, func() { new(asyncio.Broadcast[int]).Subscribe().OnGet(nil) }, "OnGet(nil)", "pass a pointer")
		asynctest.ExpectAdvice(t, func() { new(asyncio.Subscriber[int]).OnGet(new(int)) }, "zero Subscriber")
		asynctest.ExpectAdvice(t, func() { new(asyncio.Watch[int]).OnWait(nil, func(int) bool { return true }) }, "OnWait(nil)", "pass a pointer")
		asynctest.ExpectAdvice(t, func() { new(asyncio.Watch[int]).OnWait(new(int), nil) }, "nil function")
		asynctest.ExpectAdvice(t, func() { _, _ = asyncio.Select(ctx, q.OnPut(1), asyncio.Case{}) }, "zero Case", "OnGet")
		asynctest.ExpectEqual(t, "items", q.Len(), 0)
		asynctest.ExpectAdvice(t, func() { new(asyncio.Future[int]).OnDone() }, "nil or zero", "NewFuture")
		asynctest.ExpectAdvice(t, func() { (*asyncio.Task[int])(nil).OnDone() }, "nil or zero", "CreateTask")
		self := make(chan *asyncio.Task[struct{}], 1)
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			me := <-self //asyncio:ok channel its task was sent before it began
			asynctest.ExpectAdvice(t, func() { _, _ = asyncio.Select(ctx, me.OnDone()) }, "awaits itself")
			return nil
		})
		self <- task
		_, err := task.Await(ctx)
		return err
	})
}

func TestSelectOfAnotherLoop(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if !coro.CheapID {
		t.Skip("skipped: on this architecture only debug mode knows whose goroutine it is")
	}
	err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
		var q asyncio.Queue[int]
		var l asyncio.Lock
		f := asyncio.NewFuture[int](ctx)
		waits := startSelect(ctx, q.OnPut(1), l.OnAcquire()) // the objects are of this loop now
		waits.expect(t, ctx, 0, nil)
		_, _ = l.TryAcquire(), q.Len()
		return asyncio.RunOnFunc(ctx, g.Loop(1), func(ctx context.Context) error {
			var item int
			for _, c := range []asyncio.Case{q.OnGet(&item), l.OnAcquire(), f.OnDone()} {
				asynctest.ExpectAdvice(t, func() { _, _ = asyncio.Select(ctx, c) }, "loop")
			}
			return nil
		})
	})
	asynctest.ExpectNil(t, err)
	_, err = asyncio.Select(t.Context(), asyncio.Ready())
	asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
}

func TestSelectInNoSuspend(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		var q asyncio.Queue[int]
		var item int
		asyncio.NoSuspend(ctx, func() { expectSelect(t, ctx, 1, nil, q.OnGet(&item), asyncio.Ready()) })
		asynctest.ExpectAdvice(t, func() {
			asyncio.NoSuspend(ctx, func() { _, _ = asyncio.Select(ctx, q.OnGet(&item), asyncio.After(time.Hour)) })
		}, "NoSuspend")
		_ = q.TryPut(1) // would wake what is left in the line
		asynctest.ExpectNil(t, asyncio.Yield(ctx))
		asynctest.ExpectEqual(t, "items", q.Len(), 1)
	})
}

// What a Select wanted to wait for that NoSuspend has refused is none of the next one's.
func TestSelectAfterNoSuspend(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		var refused, q asyncio.Queue[int]
		var item int
		asynctest.ExpectAdvice(t, func() {
			asyncio.NoSuspend(ctx, func() { _, _ = asyncio.Select(ctx, refused.OnGet(&item), asyncio.After(time.Hour)) })
		}, "NoSuspend")
		asyncio.RunningLoop(ctx).CallSoon(func() { _ = q.TryPut(1) })
		chosen, err := asyncio.Select(ctx, q.OnGet(&item))
		asynctest.ExpectNil(t, err)
		asynctest.ExpectEqual(t, "chosen", chosen, 0)
	})
}

// Items of interface types may be nil.
func TestSelectPutsNil(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		var q asyncio.Queue[error]
		expectSelect(t, ctx, 0, nil, q.OnPut(nil))
		expectSelect(t, ctx, 0, nil, q.OnPut(asyncio.ErrTimeout))
		got := errors.New("not set")
		expectSelect(t, ctx, 0, nil, q.OnGet(&got))
		asynctest.ExpectNil(t, got)
		expectSelect(t, ctx, 0, nil, q.OnGet(&got))
		asynctest.ExpectIs(t, got, asyncio.ErrTimeout)
	})
}

// Producers, consumers and a lock in many orders, with a cancellation at a moment of
// chance: every item that was put was got once, and every permit is back.
func TestSelectInManyOrders(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	asynciotest.Explore(t, func(ctx context.Context) {
		left, right := asyncio.NewQueue[int](1), asyncio.NewPriorityQueue(2, lessInt)
		sem := asyncio.NewBoundedSemaphore(2)
		var stop asyncio.Event
		put, got, inside := map[int]int{}, map[int]int{}, 0
		pause := func(ctx context.Context) error {
			return asyncio.Sleep(ctx, time.Duration(asynciotest.Rand(ctx).IntN(3)))
		}
		work := func(ctx context.Context, id int) error {
			for i := range 4 {
				item, x := 10*id+i, 0
				chosen, err := asyncio.Select(ctx, left.OnPut(item), right.OnPut(item), left.OnGet(&x), sem.OnAcquire(), stop.OnSet(), asyncio.After(2))
				switch {
				case err != nil:
					return err
				case chosen <= 1:
					put[item]++
				case chosen == 2:
					got[x]++
				case chosen == 3:
					if inside++; inside > 2 {
						t.Errorf("%d are inside", inside)
					}
					_ = pause(context.WithoutCancel(ctx))
					inside--
					sem.Release()
				}
				if err := pause(ctx); err != nil {
					return err
				}
			}
			return nil
		}
		consume := func(ctx context.Context) error {
			for {
				var x int
				switch _, err := asyncio.Select(ctx, left.OnGet(&x), right.OnGet(&x)); {
				case errors.Is(err, asyncio.ErrQueueShutDown):
					return takeAll(got, left.TryGet, right.TryGet)
				case err != nil:
					return err
				default:
					got[x]++
				}
			}
		}
		consumer := asyncio.Go(ctx, consume)
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			var tasks []*asyncio.Task[struct{}]
			for id := range 4 {
				tasks = append(tasks, tg.Go(func(ctx context.Context) error { return work(ctx, id) }))
			}
			for range asynciotest.Rand(ctx).IntN(12) {
				_ = asyncio.Yield(ctx)
			}
			tasks[asynciotest.Rand(ctx).IntN(4)].Cancel()
			if asynciotest.Rand(ctx).IntN(2) == 0 {
				stop.Set()
			}
			return nil
		})
		left.Shutdown(false)
		right.Shutdown(false)
		_, failed := consumer.Await(ctx)
		if err != nil || failed != nil || fmt.Sprint(put) != fmt.Sprint(got) {
			t.Errorf("%v, %v: put %v, got %v", err, failed, put, got)
		}
		if first, second := sem.TryAcquire(), sem.TryAcquire(); !first || !second {
			t.Error("a permit is lost")
		}
	})
}

// takeAll takes what is left.
func takeAll(got map[int]int, from ...func() (int, error)) error {
	for _, get := range from {
		for item, err := get(); err == nil; item, err = get() {
			got[item]++
		}
	}
	return nil
}
