package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A mainFunc is a main coroutine.
type mainFunc = func(ctx context.Context) error

func TestRun(t *testing.T) {
	t.Run("runs main and returns its error itself", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		err := asynctest.Run(t.Context(), func(context.Context) error { return errBoom })
		if err != errBoom {
			t.Errorf("Run returned %#v", err)
		}
	})
	t.Run("runs main on the calling goroutine's time", func(t *testing.T) {
		ended := false
		asynctest.MustEnd(t, func(ctx context.Context) error {
			defer func() { ended = true }()
			return asyncio.Yield(ctx)
		})
		if !ended {
			t.Error("Run returned before main")
		}
	})
	t.Run("hands main the values of its context", func(t *testing.T) {
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, "value")
		err := asynctest.Run(ctx, func(ctx context.Context) error {
			if ctx.Value(key{}) != "value" {
				t.Error("the value is lost")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("hands main the deadline of its context", func(t *testing.T) {
		want := time.Now().Add(time.Hour)
		ctx, cancel := context.WithDeadline(t.Context(), want)
		defer cancel()
		_ = asynctest.Run(ctx, func(ctx context.Context) error {
			if got, ok := ctx.Deadline(); !ok || !got.Equal(want) {
				t.Errorf("the deadline is %v, %v", got, ok)
			}
			return nil
		})
	})
	t.Run("names the main task", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			if name := asyncio.CurrentTask(ctx).Name; name != "Task-1" {
				t.Errorf("main is named %q", name)
			}
			return nil
		})
	})
}

func TestRunValue(t *testing.T) {
	t.Run("returns the result of main", func(t *testing.T) {
		v, err := asynctest.RunValue(t.Context(), func(ctx context.Context) (int, error) {
			return 42, asyncio.Yield(ctx)
		})
		if v != 42 || err != nil {
			t.Errorf("RunValue returned %v, %v", v, err)
		}
	})
	t.Run("returns a result besides an error", func(t *testing.T) {
		v, err := asynctest.RunValue(t.Context(), func(context.Context) (string, error) { return "half", errBoom })
		if v != "half" || err != errBoom {
			t.Errorf("RunValue returned %v, %v", v, err)
		}
	})
}

func TestRunTakesItsCancellationFromItsContext(t *testing.T) {
	t.Run("canceled before, main never runs", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := asynctest.Run(ctx, func(context.Context) error { panic("it ran") })
		if !errors.Is(err, asyncio.ErrCanceled) || !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
	})
	t.Run("canceled by main itself", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		outer, cancel := context.WithCancelCause(t.Context())
		var cause error
		err := asynctest.Run(outer, func(ctx context.Context) error {
			cancel(errBoom)
			err := asyncio.Sleep(ctx, time.Hour)
			cause = context.Cause(ctx)
			return err
		})
		if !errors.Is(err, asyncio.ErrCanceled) || cause != errBoom {
			t.Errorf("Run returned %v, because of %v", err, cause)
		}
	})
	t.Run("canceled from another goroutine while the loop sleeps", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynctest.NothingIsLeft(t)
		outer, cancel := context.WithCancel(t.Context())
		begun := make(chan struct{})
		go func() {
			<-begun
			cancel()
		}()
		err := asynctest.Run(outer, func(ctx context.Context) error {
			close(begun)
			return asynctest.SleepForever(ctx)
		})
		if !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("Run returned %v", err)
		}
	})
	t.Run("over its deadline", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		synctest.Test(t, func(t *testing.T) { // where main has begun before time goes on
			outer, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			var cause error
			err := asynctest.Run(outer, func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, 2*time.Hour)
				cause = context.Cause(ctx)
				return err
			})
			if !errors.Is(err, asyncio.ErrCanceled) || cause != context.DeadlineExceeded {
				t.Errorf("Run returned %v, because of %v", err, cause)
			}
		})
	})
	t.Run("main may go on regardless", func(t *testing.T) {
		outer, cancel := context.WithCancel(t.Context())
		err := asynctest.Run(outer, func(ctx context.Context) error {
			cancel()
			return asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
		})
		if err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
	t.Run("the other tasks are not canceled before main has ended", func(t *testing.T) {
		outer, cancel := context.WithCancel(t.Context())
		var d asynctest.Logbook
		_ = asynctest.Run(outer, func(ctx context.Context) error {
			asyncio.Go(ctx, asynctest.Sleeper(&d, "other", time.Hour))
			_ = asyncio.Yield(ctx)
			cancel()
			err := asynctest.SleepForever(ctx)
			_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
			d.Add("main ends")
			return err
		})
		d.Expect(t, "main ends", "other: asyncio: canceled")
	})
}

func TestLoopStop(t *testing.T) {
	t.Run("ends Run after the current pass, with clean-up", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var d asynctest.Logbook
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			l.CallSoon(func() {
				l.Stop()
				l.CallSoon(d.Note("next pass"))
				d.Add("stopped")
			})
			l.CallSoon(d.Note("same pass"))
			err := asynctest.SleepForever(ctx)
			d.Add("main: %v", err)
			return err
		})
		if !errors.Is(err, asyncio.ErrLoopStopped) {
			t.Errorf("Run returned %v", err)
		}
		d.Expect(t, "stopped", "same pass", "next pass", "main: asyncio: canceled")
	})
	t.Run("in the pass in which main ends changes nothing", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).Stop()
			return nil
		})
	})
	t.Run("before the run lets it have one pass", func(t *testing.T) {
		r := asynctest.NewRunner()
		defer r.Close()
		var d asynctest.Logbook
		r.Loop().CallSoon(d.Note("callback"))
		r.Loop().Stop()
		err := r.Run(t.Context(), func(ctx context.Context) error {
			d.Add("main begins")
			_ = asyncio.Yield(ctx)
			d.Add("main goes on")
			return nil
		})
		if !errors.Is(err, asyncio.ErrLoopStopped) {
			t.Errorf("Run returned %v", err)
		}
		d.Expect(t, "callback", "main begins")
	})
}

func TestRunner(t *testing.T) {
	t.Run("runs several coroutines on one loop", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		r := asynctest.NewRunner()
		for i := range 3 {
			err := r.Run(t.Context(), func(ctx context.Context) error {
				if asyncio.RunningLoop(ctx) != r.Loop() {
					t.Error("another loop")
				}
				if name := asyncio.CurrentTask(ctx).Name; name != fmt.Sprintf("Task-%d", i+1) {
					t.Errorf("run %d has %s", i, name)
				}
				return asyncio.Yield(ctx)
			})
			if err != nil {
				t.Error(err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("keeps what one run leaves over for the next", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var d asynctest.Logbook
		r := asynctest.NewRunner(asynctest.VirtualTime())
		_ = r.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, asynctest.Sleeper(&d, "short", time.Second))
			asyncio.Go(ctx, asynctest.Sleeper(&d, "long", time.Hour))
			return asyncio.Yield(ctx)
		})
		d.Add("between")
		_ = r.Run(t.Context(), func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Minute) })
		d.Add("close")
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		d.Expect(t, "between", "short: <nil>", "close", "long: asyncio: canceled")
	})
	t.Run("cancels main with the context of its run only", func(t *testing.T) {
		r := asynctest.NewRunner()
		defer r.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Run(ctx, asynctest.SleepForever); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
		if err := r.Run(t.Context(), asyncio.Yield); err != nil {
			t.Error(err)
		}
	})
	t.Run("goes on after a failed run", func(t *testing.T) {
		r := asynctest.NewRunner(asyncio.OnException(func(asyncio.ExceptionContext) {}))
		defer r.Close()
		if err := r.Run(t.Context(), func(context.Context) error { return errBoom }); err != errBoom {
			t.Error(err)
		}
		if v := asynctest.PanicOf(func() { _ = r.Run(t.Context(), func(context.Context) error { panic("oh") }) }); v == nil {
			t.Error("Run did not panic")
		}
		if err := r.Run(t.Context(), asyncio.Yield); err != nil {
			t.Error(err)
		}
	})
	t.Run("is not stopped by what has stopped the run before", func(t *testing.T) {
		r := asynctest.NewRunner()
		defer r.Close()
		stopped := func(ctx context.Context) error { // and its end stops the loop in the same pass
			asyncio.RunningLoop(ctx).Stop()
			return nil
		}
		goesOn := func(ctx context.Context) error {
			for range 3 {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			return nil
		}
		for range 2 {
			if err := r.Run(t.Context(), stopped); err != nil {
				t.Error(err)
			}
			if err := r.Run(t.Context(), goesOn); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("takes callbacks between the runs", func(t *testing.T) {
		r := asynctest.NewRunner()
		defer r.Close()
		var d asynctest.Logbook
		r.Loop().CallSoon(d.Note("soon"))
		if err := r.Loop().CallSoonThreadsafe(d.Note("threadsafe")); err != nil {
			t.Error(err)
		}
		_ = r.Run(t.Context(), func(ctx context.Context) error {
			d.Add("main")
			return asyncio.Yield(ctx)
		})
		d.Expect(t, "soon", "main", "threadsafe")
	})
}

func TestRunnerClose(t *testing.T) {
	t.Run("of one that was never used does nothing", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		if err := asynctest.NewRunner().Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("of one whose loop never ran closes that", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		r := asynctest.NewRunner()
		l := r.Loop()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if err := l.CallSoonThreadsafe(func() {}); !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("CallSoonThreadsafe returned %v", err)
		}
	})
	t.Run("twice does nothing", func(t *testing.T) {
		r := asynctest.NewRunner()
		_ = r.Run(t.Context(), asyncio.Yield)
		if err := errors.Join(r.Close(), r.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Run("leaves nothing to use", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		r := asynctest.NewRunner()
		_ = r.Close()
		if err := r.Run(t.Context(), asyncio.Yield); !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("Run returned %v", err)
		}
		if err := r.Loop().CallSoonThreadsafe(func() {}); !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("CallSoonThreadsafe returned %v", err)
		}
	})
	t.Run("while it runs is refused", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		r := asynctest.NewRunner()
		err := r.Run(t.Context(), func(ctx context.Context) error {
			if err := r.Close(); !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Errorf("Close returned %v", err)
			}
			return asyncio.Yield(ctx)
		})
		if err := errors.Join(err, r.Close()); err != nil {
			t.Error(err)
		}
	})
	t.Run("reports what refuses to end", func(t *testing.T) {
		r := asynctest.NewRunner(asynctest.VirtualTime(), asyncio.OnException(func(asyncio.ExceptionContext) {}))
		_ = r.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, refusals["sleeps on"], asyncio.Name("mule"))
			return asyncio.Yield(ctx)
		})
		s, ok := errors.AsType[*asyncio.ShutdownError](r.Close())
		if !ok || !slices.Equal(s.Tasks, []string{"mule"}) || s.Threads != nil {
			t.Errorf("Close returned %v", s)
		}
	})
}

func TestRunInsideALoop(t *testing.T) {
	attempt := func() error {
		return asynctest.Run(context.Background(), func(context.Context) error { panic("it ran") })
	}
	t.Run("in a task is refused", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			if err := attempt(); !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Errorf("Run returned %v", err)
			}
			return asyncio.Yield(ctx)
		})
	})
	t.Run("in a task that another one drives is refused", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			inner := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asyncio.Yield(ctx)
				return attempt()
			})
			if _, err := inner.Await(ctx); !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Errorf("Run returned %v", err)
			}
			return nil
		})
	})
	t.Run("in a callback is refused", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			var err error
			asyncio.RunningLoop(ctx).CallSoon(func() { err = attempt() })
			_ = asyncio.Yield(ctx)
			if !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Errorf("Run returned %v", err)
			}
			return nil
		})
	})
	t.Run("in a function deferred in a task that a Goexit ends is refused", func(t *testing.T) {
		var errs []error
		try := func() { errs = append(errs, attempt()) }
		endedByGoexit(t, func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				defer try()
				asyncio.Go(ctx, func(ctx context.Context) error {
					defer try()
					defer asyncio.Yield(context.WithoutCancel(ctx))
					runtime.Goexit()
					return nil
				}, asyncio.Eager())
				return goexits(ctx)
			}, asyncio.OnException(func(asyncio.ExceptionContext) {}))
		})
		if len(errs) != 2 || errs[0] != asyncio.ErrLoopRunning || errs[1] != asyncio.ErrLoopRunning {
			t.Errorf("Run returned %v", errs)
		}
	})
	t.Run("in hooks and in the exception handler is refused", func(t *testing.T) {
		try := func() {
			if err := attempt(); err != asyncio.ErrLoopRunning {
				t.Errorf("Run returned %v", err)
			}
		}
		hook := func(asyncio.HookEvent) { try() }
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asyncio.Yield(ctx)
				panic("boom")
			})
			letPass(ctx, 3)
			return nil
		}, asyncio.OnException(func(c asyncio.ExceptionContext) {
			if c.Message == "panic in a hook" {
				t.Error(c)
			}
			try()
		}), asyncio.Observe(&asyncio.Hooks{
			StepBegin: hook, StepEnd: hook, TaskWoken: hook, TaskDone: hook, PassEnd: hook,
		}))
	})
	t.Run("deep in a stack is refused", func(t *testing.T) {
		var deep func(n int) error
		deep = func(n int) error {
			if n == 0 {
				return attempt()
			}
			return deep(n - 1)
		}
		asynctest.MustEnd(t, func(context.Context) error {
			if err := deep(500); !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Errorf("Run returned %v", err)
			}
			return nil
		})
	})
	t.Run("of a Runner is refused", func(t *testing.T) {
		r := asynctest.NewRunner()
		defer r.Close()
		asynctest.MustEnd(t, func(ctx context.Context) error {
			if err := r.Run(ctx, asynctest.SleepForever); !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Errorf("Run returned %v", err)
			}
			return nil
		})
	})
	t.Run("on a thread of ToThread is a loop of its own", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			outer := asyncio.RunningLoop(ctx)
			v, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				return asynctest.RunValue(ctx, func(ctx context.Context) (int, error) {
					if asyncio.RunningLoop(ctx) == outer {
						t.Error("it is the same loop")
					}
					return 7, asyncio.Sleep(ctx, time.Millisecond)
				})
			})
			if v != 7 || err != nil {
				t.Errorf("the inner Run returned %v, %v", v, err)
			}
			return nil
		})
	})
	t.Run("on a thread is canceled with the outer task", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynctest.NothingIsLeft(t)
		inner := make(chan error, 1)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			begun := asyncio.NewFuture[int](ctx)
			loop := asyncio.RunningLoop(ctx)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
					err := asynctest.Run(ctx, func(ctx context.Context) error {
						_ = loop.CallSoonThreadsafe(func() { _ = begun.SetResult(1) })
						return asynctest.SleepForever(ctx)
					})
					inner <- err
					return 0, err
				})
			})
			_, _ = begun.Await(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			if !task.Canceled() {
				t.Errorf("the task ended with %v", err)
			}
			return nil
		})
		if err := asynctest.Receive(t, inner); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the inner Run returned %v", err)
		}
	})
}

func TestRunLoopsBesideEachOther(t *testing.T) {
	asynctest.NothingIsLeft(t)
	ended := make(chan error, 4)
	for range cap(ended) {
		go func() {
			ended <- asynctest.Run(context.Background(), func(ctx context.Context) error {
				for range 1000 {
					_ = asyncio.Yield(ctx)
				}
				return nil
			})
		}()
	}
	for range cap(ended) {
		if err := asynctest.Receive(t, ended); err != nil {
			t.Error(err)
		}
	}
}

func TestRunOnALockedThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var d asynctest.Logbook
	asynctest.MustEnd(t, func(ctx context.Context) error {
		asyncio.Go(ctx, asynctest.Sleeper(&d, "left over", time.Hour))
		_, err := asyncio.Go(ctx, asynctest.Sleeper(&d, "sleeper", time.Millisecond)).Await(ctx)
		return err
	})
	d.Expect(t, "sleeper: <nil>", "left over: asyncio: canceled")
}

func TestVirtualTimeLetsDaysPassInNoTime(t *testing.T) {
	var passed time.Duration
	asynctest.MustEnd(t, func(ctx context.Context) error {
		l := asyncio.RunningLoop(ctx)
		begin := l.Now()
		for range 24 * 365 {
			if err := asyncio.Sleep(ctx, time.Hour); err != nil {
				return err
			}
		}
		passed = l.Now().Sub(begin)
		return nil
	}, asynctest.VirtualTime())
	if passed != 365*24*time.Hour {
		t.Errorf("%v have passed", passed)
	}
}

// Without a grace time's end, Run waits for whatever a task still does.
func TestGraceWithoutEnd(t *testing.T) {
	ended := false
	asynctest.MustEnd(t, func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			_ = asynctest.SleepForever(ctx)
			err := asyncio.Sleep(context.WithoutCancel(ctx), 1000*time.Hour)
			ended = err == nil
			return err
		})
		return asyncio.Yield(ctx)
	}, asynctest.VirtualTime(), asyncio.Grace(-1))
	if !ended {
		t.Error("the task was not let end")
	}
}

func TestTheContextOfMainEndsWithRun(t *testing.T) {
	var kept context.Context
	asynctest.MustEnd(t, func(ctx context.Context) error {
		kept = ctx
		return nil
	})
	<-kept.Done()
	if kept.Err() != context.Canceled {
		t.Errorf("its error is %v", kept.Err())
	}
}
