package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// onVirtualLoop runs main on the virtual clock with its loop, and expects that it
// ends well.
func onVirtualLoop(t *testing.T, main func(ctx context.Context, l *asyncio.Loop) error) {
	t.Helper()
	asynctest.MustEnd(t, func(ctx context.Context) error {
		return main(ctx, asyncio.RunningLoop(ctx))
	}, asynctest.VirtualTime())
}

// onThisLoop is onVirtualLoop in the world of the test.
func onThisLoop(t *testing.T, main func(ctx context.Context, l *asyncio.Loop) error) {
	t.Helper()
	asynctest.MustEnd(t, func(ctx context.Context) error {
		return main(ctx, asyncio.RunningLoop(ctx))
	})
}

// letPass lets n passes of the loop go by.
func letPass(ctx context.Context, n int) {
	for range n {
		_ = asyncio.Yield(ctx)
	}
}

func TestRunningLoop(t *testing.T) {
	t.Run("is nil outside a loop", func(t *testing.T) {
		if l := asyncio.RunningLoop(context.Background()); l != nil {
			t.Errorf("it is %v", l)
		}
	})
	t.Run("is one in all tasks, scopes and derived contexts", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			derived, cancel := context.WithCancel(context.WithoutCancel(ctx))
			defer cancel()
			if asyncio.RunningLoop(derived) != l {
				t.Error("a derived context has another loop")
			}
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error {
					if asyncio.RunningLoop(ctx) != l {
						t.Error("a task has another loop")
					}
					return nil
				})
				return nil
			})
		})
	})
}

func TestCallSoon(t *testing.T) {
	t.Run("calls in the order of the calls, in the next pass", func(t *testing.T) {
		var d asynctest.Logbook
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallSoon(d.Note("1"))
			l.CallSoon(d.Note("2"))
			d.Add("not yet")
			return asyncio.Yield(ctx)
		})
		d.Expect(t, "not yet", "1", "2")
	})
	t.Run("is in one line with tasks", func(t *testing.T) {
		var d asynctest.Logbook
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallSoon(d.Note("callback 1"))
			asyncio.Go(ctx, asynctest.Sleeper(&d, "task", 0))
			l.CallSoon(d.Note("callback 2"))
			letPass(ctx, 3)
			return nil
		})
		d.Expect(t, "callback 1", "callback 2", "task: <nil>")
	})
	t.Run("in a callback is for the next pass", func(t *testing.T) {
		var d asynctest.Logbook
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallSoon(func() {
				l.CallSoon(d.Note("second pass"))
				d.Add("first pass")
			})
			l.CallSoon(d.Note("first pass as well"))
			letPass(ctx, 1)
			d.Add("main")
			letPass(ctx, 1)
			return nil
		})
		d.Expect(t, "first pass", "first pass as well", "main", "second pass")
	})
	t.Run("for ever starves no timer, no other goroutine and no file", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, over := asyncio.RunningLoop(ctx), false
			var again func()
			again = func() {
				if !over {
					l.CallSoon(again)
				}
			}
			again()
			posted := asyncio.NewFuture[int](ctx)
			go func() { _ = l.CallSoonThreadsafe(func() { _ = posted.SetResult(1) }) }()
			_, _ = posted.Await(ctx)
			_, statErr := asyncio.ToThread(ctx, func(context.Context) (os.FileInfo, error) { return os.Stat(".") })
			sleepErr := asyncio.Sleep(ctx, time.Millisecond)
			over = true
			return errors.Join(statErr, sleepErr)
		})
	})
}

func TestHandle(t *testing.T) {
	t.Run("cancels a callback", func(t *testing.T) {
		var d asynctest.Logbook
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			h := l.CallSoon(d.Note("canceled"))
			l.CallSoon(d.Note("kept"))
			if h.Canceled() {
				t.Error("it is canceled before")
			}
			h.Cancel()
			h.Cancel()
			if !h.Canceled() {
				t.Error("it is not canceled")
			}
			letPass(ctx, 2)
			return nil
		})
		d.Expect(t, "kept")
	})
	t.Run("canceled after the call changes nothing", func(t *testing.T) {
		var d asynctest.Logbook
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			h := l.CallSoon(d.Note("called"))
			letPass(ctx, 1)
			if h.Canceled() {
				t.Error("the call made it canceled")
			}
			h.Cancel()
			return nil
		})
		d.Expect(t, "called")
	})
	t.Run("canceled by an earlier callback of the same pass is not called", func(t *testing.T) {
		var d asynctest.Logbook
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			var second *asyncio.Handle
			l.CallSoon(func() { second.Cancel() })
			second = l.CallSoon(d.Note("second"))
			letPass(ctx, 2)
			return nil
		})
		d.Expect(t)
	})
	t.Run("canceled by itself while it is called", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			var h *asyncio.Handle
			h = l.CallSoon(func() { h.Cancel() })
			letPass(ctx, 1)
			return nil
		})
	})
}

func TestCallLater(t *testing.T) {
	t.Run("calls by deadline", func(t *testing.T) {
		var d asynctest.Logbook
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			for _, s := range []time.Duration{3, 1, 2} {
				l.CallLater(s*time.Second, func() { d.Add("%d s", s) })
			}
			return asyncio.Sleep(ctx, time.Minute)
		})
		d.Expect(t, "1 s", "2 s", "3 s")
	})
	t.Run("calls equal deadlines in the order in which they were set", func(t *testing.T) {
		var d asynctest.Logbook
		var want []string
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			at := l.Now().Add(time.Hour)
			for i := range 100 {
				l.CallAt(at, func() { d.Add("%d", i) })
				want = append(want, fmt.Sprint(i))
			}
			return asyncio.Sleep(ctx, 2*time.Hour)
		})
		d.Expect(t, want...)
	})
	t.Run("of 0 comes after a later CallSoon", func(t *testing.T) {
		var d asynctest.Logbook
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallLater(0, d.Note("later"))
			l.CallSoon(d.Note("soon"))
			letPass(ctx, 2)
			return nil
		})
		d.Expect(t, "soon", "later")
	})
	t.Run("of a negative time is due at once", func(t *testing.T) {
		var d asynctest.Logbook
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallLater(math.MinInt64, d.Note("called"))
			letPass(ctx, 2)
			return nil
		})
		d.Expect(t, "called")
	})
	t.Run("of the longest time is set for the end of time", func(t *testing.T) {
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			h := l.CallLater(math.MaxInt64, func() { t.Error("it was called") })
			if err := asyncio.Sleep(ctx, 100*365*24*time.Hour); err != nil {
				return err
			}
			if !h.When().After(l.Now()) {
				t.Errorf("it is set for %v", h.When())
			}
			return nil
		})
	})
	t.Run("has passed when it is called", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			called := asyncio.NewFuture[time.Time](ctx)
			h := l.CallLater(3*time.Millisecond, func() { _ = called.SetResult(l.Now()) })
			at, err := called.Await(ctx)
			if at.Before(h.When()) {
				t.Errorf("called at %v, before %v", at, h.When())
			}
			return err
		})
	})
	t.Run("does not keep Run from ending", func(t *testing.T) {
		onVirtualLoop(t, func(_ context.Context, l *asyncio.Loop) error {
			l.CallLater(time.Hour, func() { t.Error("it was called") })
			return nil
		})
	})
}

func TestCallAt(t *testing.T) {
	t.Run("in the past is due at once", func(t *testing.T) {
		var d asynctest.Logbook
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallAt(l.Now().Add(-time.Hour), d.Note("an hour ago"))
			l.CallAt(time.Time{}, d.Note("the zero time"))
			letPass(ctx, 2)
			return nil
		})
		d.Expect(t, "the zero time", "an hour ago")
	})
	t.Run("goes by the loop's clock", func(t *testing.T) {
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			at, called := l.Now().Add(time.Hour), time.Time{}
			h := l.CallAt(at, func() { called = l.Now() })
			if !h.When().Equal(at) {
				t.Errorf("When is %v, want %v", h.When(), at)
			}
			err := asyncio.Sleep(ctx, 2*time.Hour)
			if !called.Equal(at) {
				t.Errorf("called at %v, want %v", called, at)
			}
			return err
		})
	})
}

func TestTimerHandle(t *testing.T) {
	t.Run("cancels a callback", func(t *testing.T) {
		var d asynctest.Logbook
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			h := l.CallLater(time.Second, d.Note("canceled"))
			l.CallLater(time.Second, d.Note("kept"))
			h.Cancel()
			if !h.Canceled() {
				t.Error("it is not canceled")
			}
			return asyncio.Sleep(ctx, time.Minute)
		})
		d.Expect(t, "kept")
	})
	t.Run("canceled in the pass in which it is due is not called", func(t *testing.T) {
		var d asynctest.Logbook
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			var second *asyncio.TimerHandle
			l.CallLater(time.Second, func() { second.Cancel() })
			second = l.CallLater(time.Second, d.Note("second"))
			return asyncio.Sleep(ctx, time.Minute)
		})
		d.Expect(t)
	})
	t.Run("canceled in great numbers leaves no timers", func(t *testing.T) {
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			for range 10_000 {
				l.CallLater(time.Hour, func() { t.Error("it was called") }).Cancel()
			}
			if n := l.Stats().Timers; n != 0 {
				t.Errorf("%d timers are set", n)
			}
			return asyncio.Sleep(ctx, 2*time.Hour)
		})
	})
	t.Run("canceled after the call changes nothing", func(t *testing.T) {
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			h := l.CallLater(time.Second, func() {})
			err := asyncio.Sleep(ctx, time.Minute)
			h.Cancel()
			if n := l.Stats().Timers; n != 0 {
				t.Errorf("%d timers are set", n)
			}
			return err
		})
	})
}

func TestTimersToResumption(t *testing.T) {
	t.Run("a sleeper goes on two passes after its timer is due", func(t *testing.T) {
		var d asynctest.Logbook
		onVirtualLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallLater(time.Second, func() {
				d.Add("callback")
				l.CallSoon(d.Note("next pass"))
			})
			err := asyncio.Sleep(ctx, time.Second)
			d.Add("sleeper")
			return err
		})
		// The sleep's timer is due in the pass of the callback, and makes
		// the sleeper ready after what the callback made ready.
		d.Expect(t, "callback", "next pass", "sleeper")
	})
}

func TestCallbackThatPanics(t *testing.T) {
	t.Run("is reported, and the others go on", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var d asynctest.Logbook
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			l.CallSoon(d.Note("before"))
			l.CallSoon(explode)
			l.CallSoon(d.Note("after"))
			l.CallLater(time.Second, explode)
			return asyncio.Sleep(ctx, time.Minute)
		}, asynctest.VirtualTime(), heard.Option())
		if err != nil {
			t.Errorf("Run returned %v", err)
		}
		d.Expect(t, "before", "after")
		for _, c := range heard.Expect(t, "panic in a callback: bang", "panic in a callback: bang") {
			p, ok := c.Err.(*asyncio.PanicError)
			if !ok || p.Value != "bang" || c.Task.ID != 0 {
				t.Errorf("the report is %+v", c)
			}
			if !strings.Contains(string(c.Stack), "asyncio_test.explode") {
				t.Errorf("the stack does not name the function:\n%s", c.Stack)
			}
		}
	})
}

func explode() { panic("bang") }

func TestLoopNow(t *testing.T) {
	asynctest.MustEnd(t, func(ctx context.Context) error {
		l := asyncio.RunningLoop(ctx)
		begin := l.Now()
		err := asyncio.Sleep(ctx, 5*time.Millisecond)
		if passed := l.Now().Sub(begin); passed < 5*time.Millisecond {
			t.Errorf("%v have passed", passed)
		}
		return err
	})
}

func TestLoopStats(t *testing.T) {
	asynctest.SkipInOtherWorlds(t) // there, another task may be first
	onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
		task := asyncio.Go(ctx, asynctest.SleepForever)
		l.CallSoon(func() {})
		l.CallLater(time.Hour, func() {})
		if s := l.Stats(); s.Passes != 1 || s.Events != 1 || s.Created != 2 || s.Tasks != 2 || s.Ready != 2 || s.Timers != 1 {
			t.Errorf("at first the stats are %+v", s)
		}
		letPass(ctx, 1)
		if s := l.Stats(); s.Passes != 2 || s.Events != 4 || s.Timers != 2 || s.Workers != 2 || s.Spare != 0 {
			t.Errorf("later the stats are %+v", s)
		}
		task.Cancel()
		_, _ = task.Await(ctx)
		if s := l.Stats(); s.Tasks != 1 || s.Spare != 1 || s.Timers != 1 || s.Ready != 0 {
			t.Errorf("in the end the stats are %+v", s)
		}
		return nil
	})
}

func TestSetDebug(t *testing.T) {
	onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
		before := asyncio.Go(ctx, asyncio.Yield)
		l.SetDebug(true)
		during := asyncio.Go(ctx, asyncio.Yield)
		l.SetDebug(false)
		after := asyncio.Go(ctx, asyncio.Yield)
		if before.Info().Created != nil || during.Info().Created == nil || after.Info().Created != nil {
			t.Error("not just the task that was created in debug mode knows where")
		}
		return nil
	})
}

func TestCallbacksOnAnEndedLoopAreCaught(t *testing.T) {
	var l *asyncio.Loop
	asynctest.MustEnd(t, func(ctx context.Context) error {
		l = asyncio.RunningLoop(ctx)
		return nil
	})
	asynctest.ExpectAdvice(t, func() { l.CallSoon(func() {}) }, "CallSoon", "has ended")
	asynctest.ExpectAdvice(t, func() { l.CallLater(time.Second, func() {}) }, "CallLater", "has ended")
	asynctest.ExpectAdvice(t, func() { l.CallAt(time.Now(), func() {}) }, "CallAt", "has ended")
}
