package asyncio_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestSleep(t *testing.T) {
	t.Run("takes its time", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectEqual(t, "time", asynctest.Elapsed(ctx, func() { asynctest.ExpectNil(t, asyncio.Sleep(ctx, 3*time.Hour)) }), 3*time.Hour)
		})
	})

	t.Run("wakes in the order of deadlines, equal ones in the order in which they were set", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			for i, s := range []time.Duration{3, 1, 2, 1, 3, 2} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					err := asyncio.Sleep(ctx, s*time.Second)
					d.Add("%d of %d", i, s)
					return err
				})
			}
			_ = asyncio.Sleep(ctx, time.Minute)
			d.Expect(t, "1 of 1", "3 of 1", "2 of 2", "5 of 2", "0 of 3", "4 of 3")
		})
	})

	t.Run("resumes two passes after its deadline", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			var due uint64
			l.CallLater(time.Second, func() { due = l.Stats().Passes })
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Second))
			asynctest.ExpectEqual(t, "passes", l.Stats().Passes-due+1, 2)
		})
	})

	t.Run("of nothing is Yield", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			for _, d := range []time.Duration{0, -time.Second} {
				asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() { asynctest.ExpectNil(t, asyncio.Sleep(ctx, d)) }), 1)
			}
		})
	})

	t.Run("may be for ever", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, math.MaxInt64) })
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Hour))
			late := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, math.MaxInt64) })
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Hour))
			asynctest.ExpectEqual(t, "done", task.Done() || late.Done(), false)
		})
	})

	t.Run("leaves no timer behind when it is cut", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			for range 1000 {
				task := asyncio.Go(ctx, asynctest.SleepForever)
				_ = asyncio.Yield(ctx)
				task.Cancel()
			}
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "timers", asyncio.RunningLoop(ctx).Stats().Timers, 0)
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop", func(t *testing.T) {
		asynctest.ExpectIs(t, asyncio.Sleep(t.Context(), time.Second), asyncio.ErrNoRunningLoop)
		asynctest.ExpectIs(t, asyncio.Yield(t.Context()), asyncio.ErrNoRunningLoop)
	})

	t.Run("with a nil context panics", func(t *testing.T) {
		var none context.Context
		asynctest.ExpectPanic(t, func() { _ = asyncio.Sleep(none, time.Second) })
	})

	t.Run("in a callback panics", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asyncio.RunningLoop(ctx).CallSoon(func() {
				asynctest.ExpectPanic(t, func() { _ = asyncio.Sleep(ctx, time.Second) }) //asyncio:ok callback-suspends that it panics is what is tested
			})
			asynctest.Settle(ctx)
		})
	})
}

func TestSleepUntil(t *testing.T) {
	t.Run("a time of the loop's clock", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			when := l.Now().Add(90 * time.Minute)
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Hour))
			asynctest.ExpectNil(t, asyncio.SleepUntil(ctx, when))
			if now := l.Now(); !now.Equal(when) {
				t.Errorf("it is %v, want %v", now, when)
			}
		})
	})

	t.Run("a time of the real clock, in virtual time, is as far ahead", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() { asynctest.ExpectNil(t, asyncio.SleepUntil(ctx, time.Now().Add(time.Hour))) })
			if took <= 59*time.Minute || took > time.Hour {
				t.Errorf("it took %v", took)
			}
		})
	})

	t.Run("a time without a monotonic reading, by the wall clock", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			when := time.Now().Add(5 * time.Millisecond).Round(0)
			asynctest.ExpectNil(t, asyncio.SleepUntil(ctx, when))
			if early := time.Until(when); early > time.Millisecond { // the wall clock may be set
				t.Errorf("it woke %v too early", early)
			}
		})
	})

	t.Run("a time that has passed is Yield", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			now := asyncio.RunningLoop(ctx).Now()
			for _, when := range []time.Time{{}, now, now.Add(-time.Hour), time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)} {
				asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() { asynctest.ExpectNil(t, asyncio.SleepUntil(ctx, when)) }), 1)
			}
		})
	})

	t.Run("a time that never comes", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.SleepUntil(ctx, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
			})
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, 1000*time.Hour))
			asynctest.ExpectEqual(t, "it sleeps", task.Done(), false)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("without a loop, or on a canceled context", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectIs(t, asyncio.SleepUntil(context.Background(), time.Time{}), asyncio.ErrNoRunningLoop)
			canceled, cancel := context.WithCancel(ctx)
			cancel()
			for _, when := range []time.Time{{}, asyncio.RunningLoop(ctx).Now().Add(time.Hour)} {
				asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
					asynctest.ExpectIs(t, asyncio.SleepUntil(canceled, when), context.Canceled)
				}), 1)
			}
		})
	})
}

func TestYield(t *testing.T) {
	t.Run("lets everyone have a turn", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			for _, name := range []string{"a", "b"} {
				asyncio.Go(ctx, func(ctx context.Context) error {
					for i := range 2 {
						d.Add("%s%d", name, i)
						_ = asyncio.Yield(ctx)
					}
					return nil
				})
			}
			asynctest.Settle(ctx)
			d.Expect(t, "a0", "b0", "a1", "b1")
		})
	})

	t.Run("sees a cancellation that comes meanwhile", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var got error
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				got = asyncio.Yield(ctx)
				return got
			})
			_ = asyncio.Yield(ctx)
			task.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectCanceled(t, got)
		})
	})

	t.Run("on a canceled context still lets the others have their turn", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			turns := 0
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for turns < 5 {
					_ = asyncio.Sleep(ctx, time.Second)
				}
				return nil
			})
			_ = asyncio.Yield(ctx)
			task.Cancel()
			for range 5 {
				turns++
				_ = asyncio.Yield(ctx)
			}
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})
}
