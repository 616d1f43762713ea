package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// weighted is what both semaphores can do with several permits.
type weighted interface {
	AcquireN(ctx context.Context, n int) error
	TryAcquireN(n int) bool
	ReleaseN(n int)
	SetLimit(n int)
	Acquire(ctx context.Context) error
	TryAcquire() bool
	Release()
	Locked() bool
	SetName(string)
}

// eachWeighted runs a test with both semaphores.
func eachWeighted(t *testing.T, test func(t *testing.T, ctx context.Context, make func(n int) weighted)) {
	t.Helper()
	makers := map[string]func(n int) weighted{
		"Semaphore":        func(n int) weighted { return asyncio.NewSemaphore(n) },
		"BoundedSemaphore": func(n int) weighted { return asyncio.NewBoundedSemaphore(n) },
	}
	for name, make := range makers {
		t.Run(name, func(t *testing.T) {
			asynctest.InOrder(t, func(ctx context.Context) { test(t, ctx, make) })
		})
	}
}

// wants acquires n permits in a task of its own, and notes it.
func wants(ctx context.Context, d *asynctest.Logbook, s weighted, name string, n int) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error {
		err := s.AcquireN(ctx, n)
		if err != nil {
			d.Add("%s: %v", name, err)
		} else {
			d.Add("%s has %d", name, n)
		}
		if errors.Is(err, asyncio.ErrSemaphoreLimit) {
			return nil
		}
		return err
	})
}

// expectFree expects that n permits are free, and takes them.
func expectFree(t *testing.T, s weighted, n int) {
	t.Helper()
	if n > 0 && !s.TryAcquireN(n) || s.TryAcquireN(1) {
		t.Errorf("not %d permits are free", n)
	}
}

func TestAcquireN(t *testing.T) {
	t.Run("takes all at once, without suspending where there are so many", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			s := make(5)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				asynctest.ExpectNil(t, s.AcquireN(ctx, 3))
				asynctest.ExpectEqual(t, "TryAcquireN(3)", s.TryAcquireN(3), false)
				asynctest.ExpectEqual(t, "TryAcquireN(2)", s.TryAcquireN(2), true)
				asynctest.ExpectEqual(t, "locked", s.Locked(), true)
				asynctest.ExpectNil(t, s.AcquireN(ctx, 0))
				s.ReleaseN(0)
				s.ReleaseN(5)
			}), 0)
			expectFree(t, s, 5)
		})
	})
	t.Run("is not overtaken by what asks for less", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			var d asynctest.Logbook
			s := make(4)
			_ = s.TryAcquireN(3)
			wants(ctx, &d, s, "large", 3)
			wants(ctx, &d, s, "small", 1)
			asyncio.Go(ctx, acquirer(&d, "one", s.Acquire, nothing))
			asynctest.Settle(ctx)
			d.Expect(t)
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), false)
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t)
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "large has 3")
			s.ReleaseN(2)
			asynctest.Settle(ctx)
			d.Expect(t, "large has 3", "small has 1", "one")
			expectFree(t, s, 0)
		})
	})
	t.Run("is served together with those behind it, if there is enough", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			var d asynctest.Logbook
			s := make(9)
			_ = s.TryAcquireN(9)
			for i, n := range []int{2, 1, 3, 4, 1} {
				wants(ctx, &d, s, fmt.Sprint(i), n)
			}
			asynctest.Settle(ctx)
			s.ReleaseN(7)
			_ = asyncio.Yield(ctx)
			d.Expect(t, "0 has 2", "1 has 1", "2 has 3")
			s.ReleaseN(2)
			s.Release()
			_ = asyncio.Yield(ctx)
			d.Expect(t, "0 has 2", "1 has 1", "2 has 3", "3 has 4")
		})
	})
	t.Run("that is canceled at the head lets those behind it go on", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			var d asynctest.Logbook
			s := make(3)
			_ = s.TryAcquire()
			large := wants(ctx, &d, s, "large", 3)
			wants(ctx, &d, s, "small", 1)
			asyncio.Go(ctx, acquirer(&d, "one", s.Acquire, nothing))
			asynctest.Settle(ctx)
			large.Cancel()
			asynctest.ExpectEqual(t, "TryAcquire", s.TryAcquire(), false)
			asynctest.Settle(ctx)
			d.Expect(t, "large: asyncio: canceled", "small has 1", "one")
			expectFree(t, s, 0)
		})
	})
	t.Run("that is canceled leaves a permit that is released meanwhile to the next", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			var d asynctest.Logbook
			s := make(3)
			_ = s.TryAcquireN(3)
			large := wants(ctx, &d, s, "large", 2)
			wants(ctx, &d, s, "other", 2)
			asynctest.Settle(ctx)
			s.Release()
			large.Cancel()
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "large: asyncio: canceled", "other has 2")
			s.ReleaseN(3)
			expectFree(t, s, 3)
		})
	})
	t.Run("that was woken can no longer be canceled", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			var d asynctest.Logbook
			s := make(2)
			_ = s.TryAcquireN(2)
			task := wants(ctx, &d, s, "a", 2)
			asynctest.Settle(ctx)
			s.ReleaseN(2)
			task.Cancel()
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
			asynctest.Settle(ctx)
			d.Expect(t, "a has 2")
		})
	})
	t.Run("waits in line behind one that is on its way", func(t *testing.T) {
		for _, first := range []int{1, 2} {
			eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
				var d asynctest.Logbook
				s := make(4)
				_ = s.TryAcquireN(4)
				wants(ctx, &d, s, "first", first)
				asynctest.Settle(ctx)
				s.ReleaseN(4)
				asynctest.ExpectEqual(t, "TryAcquireN", s.TryAcquireN(2), false)
				asynctest.ExpectNil(t, s.AcquireN(ctx, 2))
				d.Add("second")
				d.Expect(t, fmt.Sprint("first has ", first), "second")
				expectFree(t, s, 2-first)
			})
		}
	})
	t.Run("on a canceled context takes nothing", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			s := make(2)
			onCanceledContext(ctx, func(ctx context.Context) {
				asynctest.ExpectCanceled(t, s.AcquireN(ctx, 2))
				asynctest.ExpectCanceled(t, s.AcquireN(ctx, 0))
			})
			expectFree(t, s, 2)
		})
	})
	t.Run("of more than there are waits for a Semaphore, to which more may be released", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := new(asyncio.Semaphore)
			wants(ctx, &d, s, "a", 2)
			asynctest.Settle(ctx)
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t)
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "a has 2")
		})
	})
	t.Run("of more than there are is refused by a BoundedSemaphore", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			s := asyncio.NewBoundedSemaphore(2)
			asynctest.ExpectIs(t, s.AcquireN(ctx, 3), asyncio.ErrSemaphoreLimit)
			asynctest.ExpectEqual(t, "TryAcquireN", s.TryAcquireN(3), false)
			expectFree(t, s, 2)
		})
	})
}

func TestReleaseN(t *testing.T) {
	t.Run("does what so many Release do, pass by pass", func(t *testing.T) {
		run := func(release func(s *asyncio.Semaphore)) (log []string) {
			asynctest.InOrder(t, func(ctx context.Context) {
				log = nil
				s := asyncio.NewSemaphore(0)
				start := asyncio.RunningLoop(ctx).Stats().Passes
				for i := range 5 {
					asyncio.Go(ctx, func(ctx context.Context) error {
						if i > 2 {
							_ = asyncio.Yield(ctx)
						}
						err := s.Acquire(ctx)
						if err != nil { // the test is over
							return err
						}
						log = append(log, fmt.Sprint(i, " in pass ", asyncio.RunningLoop(ctx).Stats().Passes-start))
						return nil
					})
				}
				_ = asyncio.Yield(ctx)
				release(s)
				asynctest.Settle(ctx)
			})
			return log
		}
		got := run(func(s *asyncio.Semaphore) { s.ReleaseN(4) })
		want := run(func(s *asyncio.Semaphore) {
			for range 4 {
				s.Release()
			}
		})
		if fmt.Sprint(got) != fmt.Sprint(want) || len(got) != 4 {
			t.Errorf("ReleaseN: %v, Release: %v", got, want)
		}
	})
	t.Run("of more than were acquired panics for a BoundedSemaphore", func(t *testing.T) {
		asynctest.OnLoop(t, func(context.Context) {
			s := asyncio.NewBoundedSemaphore(3)
			_ = s.TryAcquireN(2)
			asynctest.ExpectAdvice(t, func() { s.ReleaseN(3) }, "ReleaseN(3)", "2 permits are taken", "release what was acquired")
			asynctest.ExpectPanic(t, func() { s.ReleaseN(math.MaxInt) })
			s.ReleaseN(2)
			asynctest.ExpectPanic(t, func() { s.ReleaseN(1) })
			expectFree(t, s, 3)
		})
	})
	t.Run("can give a Semaphore more than it began with, up to what an int can count", func(t *testing.T) {
		asynctest.OnLoop(t, func(context.Context) {
			s := asyncio.NewSemaphore(1)
			s.ReleaseN(2)
			expectFree(t, s, 3)
			s.ReleaseN(math.MaxInt)
			asynctest.ExpectAdvice(t, func() { s.ReleaseN(1) }, "more permits than an int can count")
			asynctest.ExpectAdvice(t, func() { s.SetLimit(2) }, "more permits than an int can count")
		})
	})
}

func TestSetLimit(t *testing.T) {
	t.Run("that is higher wakes those that now can go on", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			var d asynctest.Logbook
			s := make(1)
			_ = s.TryAcquire()
			asyncio.Go(ctx, acquirer(&d, "one", s.Acquire, nothing))
			asyncio.Go(ctx, acquirer(&d, "two", s.Acquire, nothing))
			asynctest.Settle(ctx)
			s.SetLimit(2)
			asynctest.Settle(ctx)
			d.Expect(t, "one")
			s.SetLimit(9)
			asynctest.Settle(ctx)
			d.Expect(t, "one", "two")
			expectFree(t, s, 6)
		})
	})
	t.Run("that is lower takes permits out of use as they come back", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			var d asynctest.Logbook
			s := make(4)
			_ = s.TryAcquireN(3)
			s.SetLimit(1)
			asynctest.ExpectEqual(t, "locked", s.Locked(), true)
			asyncio.Go(ctx, acquirer(&d, "one", s.Acquire, nothing))
			asynctest.Settle(ctx)
			s.Release()
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t)
			s.Release()
			asynctest.Settle(ctx)
			d.Expect(t, "one")
			s.Release()
			expectFree(t, s, 1)
		})
	})
	t.Run("can be lowered and raised again while all is taken", func(t *testing.T) {
		eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
			s := make(3)
			_ = s.TryAcquireN(3)
			for _, n := range []int{0, 5, 1, 3} {
				s.SetLimit(n)
			}
			s.ReleaseN(3)
			expectFree(t, s, 3)
		})
	})
	t.Run("counts what was released to a Semaphore beyond what it was made with", func(t *testing.T) {
		asynctest.OnLoop(t, func(context.Context) {
			var s asyncio.Semaphore
			s.ReleaseN(2)
			s.SetLimit(3)
			expectFree(t, &s, 5)
		})
	})
	t.Run("is what may be released to a BoundedSemaphore", func(t *testing.T) {
		asynctest.OnLoop(t, func(context.Context) {
			s := asyncio.NewBoundedSemaphore(1)
			s.SetLimit(2)
			asynctest.ExpectPanic(t, s.Release)
			_ = s.TryAcquireN(2)
			s.SetLimit(1)
			s.ReleaseN(2)
			asynctest.ExpectPanic(t, s.Release)
			expectFree(t, s, 1)
		})
	})
	t.Run("refuses what waits for more, when it is its turn", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := asyncio.NewBoundedSemaphore(3)
			_ = s.TryAcquireN(3)
			wants(ctx, &d, s, "a", 2)
			wants(ctx, &d, s, "b", 3)
			wants(ctx, &d, s, "c", 1)
			asynctest.Settle(ctx)
			s.SetLimit(2)
			asynctest.Settle(ctx)
			d.Expect(t)
			s.ReleaseN(3)
			asynctest.Settle(ctx)
			d.Expect(t, "a has 2", "b: "+asyncio.ErrSemaphoreLimit.Error())
			s.ReleaseN(2)
			asynctest.Settle(ctx)
			d.Expect(t, "a has 2", "b: "+asyncio.ErrSemaphoreLimit.Error(), "c has 1")
			expectFree(t, s, 1)
		})
	})
	t.Run("refuses at once what is first in line, and then serves the next", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := asyncio.NewBoundedSemaphore(3)
			_ = s.TryAcquire()
			wants(ctx, &d, s, "a", 3)
			wants(ctx, &d, s, "b", 1)
			asynctest.Settle(ctx)
			s.SetLimit(2)
			asynctest.Settle(ctx)
			d.Expect(t, "a: "+asyncio.ErrSemaphoreLimit.Error(), "b has 1")
			expectFree(t, s, 0)
		})
	})
	t.Run("refuses what comes to the head because one for a single permit was canceled", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			s := asyncio.NewBoundedSemaphore(3)
			_ = s.TryAcquireN(3)
			one := asyncio.Go(ctx, s.Acquire)
			wants(ctx, &d, s, "a", 3)
			asynctest.Settle(ctx)
			s.SetLimit(2)
			one.Cancel()
			asynctest.Settle(ctx)
			d.Expect(t, "a: "+asyncio.ErrSemaphoreLimit.Error())
		})
	})
}

// A Select that leaves the line may bring a request to the head that has to be refused.
func TestSetLimitAndSelect(t *testing.T) {
	asynctest.InOrder(t, func(ctx context.Context) {
		var d asynctest.Logbook
		var other asyncio.Event
		s := asyncio.NewBoundedSemaphore(3)
		_ = s.TryAcquireN(3)
		selects := startSelect(ctx, s.OnAcquire(), other.OnSet())
		wants(ctx, &d, s, "a", 3)
		asynctest.Settle(ctx)
		s.SetLimit(2)
		asynctest.Settle(ctx)
		d.Expect(t)
		other.Set()
		selects.expect(t, ctx, 1, nil)
		d.Expect(t, "a: "+asyncio.ErrSemaphoreLimit.Error())
	})
}

func TestNegativeNumbersOfPermitsPanicWithAdvice(t *testing.T) {
	eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
		s := make(1)
		for name, do := range map[string]func(){
			"AcquireN(-1)":    func() { _ = s.AcquireN(ctx, -1) },
			"TryAcquireN(-1)": func() { s.TryAcquireN(-1) },
			"ReleaseN(-1)":    func() { s.ReleaseN(-1) },
			"SetLimit(-1)":    func() { s.SetLimit(-1) },
		} {
			asynctest.ExpectAdvice(t, do, name, "cannot be negative")
		}
		expectFree(t, s, 1)
	})
}

// TestWeightedStateOfASemaphore looks at what a snapshot says of permits, and of who holds
// them.
func TestWeightedStateOfASemaphore(t *testing.T) {
	eachWeighted(t, func(t *testing.T, ctx context.Context, make func(int) weighted) {
		s := make(4)
		s.SetName("slots")
		_ = s.AcquireN(ctx, 3) // TryAcquireN does not know the task on every architecture
		waiter := asyncio.Go(ctx, func(ctx context.Context) error { return s.AcquireN(ctx, 2) })
		_ = asyncio.Yield(ctx)
		s.SetLimit(2)
		core := engine.LoopOf(ctx)
		core.SnapshotNow(nil)
		o := core.SnapshotNow(nil).Objects[0]
		if o.Len != 3 || o.Cap != 2 || o.Waiters != 1 || o.Holder != asyncio.CurrentTask(ctx).ID {
			t.Errorf("the semaphore is %+v", o)
		}
		asynctest.ExpectEqual(t, "it waits for", waiter.Info().WaitingOn, `semaphore "slots"`)
		waiter.Cancel()
		if _, err := waiter.Await(context.WithoutCancel(ctx)); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
	})
}
