package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// fails is a task that fails after a step.
func fails(ctx context.Context) error {
	_ = asyncio.Yield(ctx)
	return errBoom
}

func TestExceptionHandler(t *testing.T) {
	hand := func(l *asyncio.Loop) {
		l.CallExceptionHandler(asyncio.ExceptionContext{Message: "something of our own", Err: errBoom})
	}
	t.Run("writes with package log by default", func(t *testing.T) {
		written := asynctest.CaptureLog(func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				hand(asyncio.RunningLoop(ctx))
				return nil
			})
		})
		if written != "asyncio: something of our own: boom\n" {
			t.Errorf("it wrote %q", written)
		}
	})
	t.Run("may be set and taken back while the loop runs", func(t *testing.T) {
		var first, second asynctest.Reports
		written := asynctest.CaptureLog(func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				l := asyncio.RunningLoop(ctx)
				hand(l)
				l.SetExceptionHandler(second.Take)
				hand(l)
				l.SetExceptionHandler(nil)
				hand(l)
				return nil
			}, first.Option())
		})
		first.Expect(t, "our own")
		second.Expect(t, "our own")
		if strings.Count(written, "our own") != 1 {
			t.Errorf("the default wrote %q", written)
		}
	})
	t.Run("is called from any goroutine", func(t *testing.T) {
		var heard asynctest.Reports
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() { hand(l) })
			}
			letPass(ctx, 100)
			all.Wait() //asyncio:ok blocks the goroutines need the loop no more
			return nil
		}, heard.Option())
		heard.Expect(t, "our own", "our own", "our own", "our own")
	})
	t.Run("that panics leaves both to the default", func(t *testing.T) {
		written := asynctest.CaptureLog(func() {
			err := asynctest.Run(t.Context(), func(ctx context.Context) error {
				hand(asyncio.RunningLoop(ctx))
				return asyncio.Yield(ctx)
			}, asyncio.OnException(func(asyncio.ExceptionContext) { panic("the handler's own") }))
			if err != nil {
				t.Errorf("Run returned %v", err)
			}
		})
		for _, want := range []string{"something of our own: boom", "panic in the exception handler: the handler's own"} {
			if !strings.Contains(written, want) {
				t.Errorf("the default wrote %q, and not %q", written, want)
			}
		}
	})
	t.Run("that panics on a panic ends nothing but the task", func(t *testing.T) {
		_ = asynctest.CaptureLog(func() {
			err := asynctest.Run(t.Context(), func(ctx context.Context) error {
				if _, err := asyncio.Go(ctx, explodes).Await(ctx); err == nil {
					t.Error("the task did not fail")
				}
				return asyncio.Yield(ctx)
			}, asyncio.OnException(func(asyncio.ExceptionContext) { panic("the handler's own") }))
			if err != nil {
				t.Errorf("Run returned %v", err)
			}
		})
	})
	t.Run("may call the loop", func(t *testing.T) {
		var d asynctest.Logbook
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			l.SetExceptionHandler(func(asyncio.ExceptionContext) { l.CallSoon(d.Note("called")) })
			asyncio.Go(ctx, explodes)
			letPass(ctx, 4)
			return nil
		})
		d.Expect(t, "called")
	})
}

func TestExceptionContextString(t *testing.T) {
	t.Run("says what happened, and the error", func(t *testing.T) {
		c := asyncio.ExceptionContext{Message: "it happened", Err: errBoom}
		if s := c.String(); s != "it happened: boom" {
			t.Errorf("it says %q", s)
		}
	})
	t.Run("says a panic's value once, and the stack", func(t *testing.T) {
		c := asyncio.ExceptionContext{
			Message: "panic in a task", Stack: []byte("the stack"),
			Err: &asyncio.PanicError{Value: "bang", Stack: []byte("the stack")},
		}
		if s := c.String(); s != "panic in a task: bang\nthe stack" {
			t.Errorf("it says %q", s)
		}
	})
	t.Run("says where the task was created in debug mode", func(t *testing.T) {
		var heard asynctest.Reports
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, explodes)
			letPass(ctx, 3)
			return nil
		}, asyncio.Debug(true), heard.Option())
		c := heard.Expect(t, "Task-2 was created in asyncio_test.TestExceptionContextString")[0]
		if !strings.Contains(string(c.Task.Created), "TestExceptionContextString") {
			t.Errorf("it was created at\n%s", c.Task.Created)
		}
	})
}

// looks are ways to look at a task's error.
var looks = map[string]func(ctx context.Context, task *asyncio.Task[struct{}]){
	"Await":  func(ctx context.Context, task *asyncio.Task[struct{}]) { _, _ = task.Await(ctx) },
	"Result": func(_ context.Context, task *asyncio.Task[struct{}]) { _, _ = task.Result() },
	"Err":    func(_ context.Context, task *asyncio.Task[struct{}]) { _ = task.Err() },
	"a done callback": func(ctx context.Context, task *asyncio.Task[struct{}]) {
		task.AddDoneCallback(func(*asyncio.Task[struct{}]) {})
		_ = asyncio.Yield(ctx)
	},
	"Gather": func(ctx context.Context, task *asyncio.Task[struct{}]) {
		_, _ = asyncio.Gather(ctx, asyncio.Awaitable[struct{}](task))
	},
	"GatherSettled": func(ctx context.Context, task *asyncio.Task[struct{}]) {
		_, _ = asyncio.GatherSettled(ctx, asyncio.Awaitable[struct{}](task))
	},
	"Race": func(ctx context.Context, task *asyncio.Task[struct{}]) {
		_, _ = asyncio.Race(ctx, asyncio.Awaitable[struct{}](task))
	},
	"Any": func(ctx context.Context, task *asyncio.Task[struct{}]) {
		_, _ = asyncio.Any(ctx, asyncio.Awaitable[struct{}](task))
	},
	"Wait for the first exception": func(ctx context.Context, task *asyncio.Task[struct{}]) {
		_, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{task}, asyncio.FirstException, 0)
	},
	"AsCompleted": func(ctx context.Context, task *asyncio.Task[struct{}]) {
		for range asyncio.AsCompleted(ctx, asyncio.Awaitable[struct{}](task)) { //asyncio:ok dropped-iteration-error looking at the errors is what is tested
		}
	},
	"Shield":  func(ctx context.Context, task *asyncio.Task[struct{}]) { _, _ = asyncio.Shield(ctx, task) },
	"WaitFor": func(ctx context.Context, task *asyncio.Task[struct{}]) { _, _ = asyncio.WaitFor(ctx, task, time.Hour) },
}

func TestAnErrorThatSomeoneLooksAtIsNotReported(t *testing.T) {
	for way, look := range looks {
		t.Run("with "+way, func(t *testing.T) {
			asynctest.MustEnd(t, func(ctx context.Context) error {
				task := asyncio.Go(ctx, fails)
				asynctest.Settle(ctx)
				look(ctx, task)
				return nil
			})
		})
	}
	t.Run("by its group", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(fails)
				return nil
			})
			return nil
		})
	})
	t.Run("as a cancellation, which is no error", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, asynctest.SleepForever).Cancel()
			asyncio.NewFuture[int](ctx).Cancel()
			return asyncio.Yield(ctx)
		})
	})
	t.Run("after Run it makes no difference", func(t *testing.T) {
		var heard asynctest.Reports
		var task *asyncio.Task[struct{}]
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			task = asyncio.Go(ctx, fails)
			letPass(ctx, 3)
			return nil
		}, heard.Option())
		if err := task.Err(); err != errBoom {
			t.Errorf("the task has %v", err)
		}
		heard.Expect(t, "Task-2")
	})
}

func TestAnErrorThatNoOneLooksAtIsReported(t *testing.T) {
	t.Run("once, at Run's end, the oldest first", func(t *testing.T) {
		asynctest.SkipInRandomOrder(t)
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		keep := []any{}
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			for _, name := range []string{"first", "second", "third"} {
				keep = append(keep, asyncio.Go(ctx, fails, asyncio.Name(name)))
			}
			letPass(ctx, 3)
			if n := len(heard.List()); n > 0 {
				t.Errorf("%d reports are early", n)
			}
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		for i, c := range heard.Expect(t, "first", "second", "third") {
			if c.Err != errBoom || c.Task.Name != []string{"first", "second", "third"}[i] {
				t.Errorf("the report is %+v", c)
			}
		}
		runtime.KeepAlive(keep)
	})
	t.Run("of a future as well", func(t *testing.T) {
		var heard asynctest.Reports
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			return asyncio.NewFuture[int](ctx).SetError(errBoom)
		}, heard.Option())
		heard.Expect(t, "future failed and no one looked at its error: boom")
	})
	t.Run("of what a failed Gather leaves over", func(t *testing.T) {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx,
				failing(time.Second, errBoom),
				failing(time.Minute, errors.New("later")))
			if err != errBoom {
				t.Errorf("Gather returned %v", err)
			}
			return asyncio.Sleep(ctx, time.Hour)
		}, asynctest.VirtualTime(), heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "later")
	})
	t.Run("of what Wait has not inspected", func(t *testing.T) {
		var heard asynctest.Reports
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			task := asyncio.Go(ctx, fails)
			_, _, err := asyncio.Wait(ctx, []*asyncio.Task[struct{}]{task}, asyncio.AllCompleted, 0)
			return err
		}, heard.Option())
		heard.Expect(t, "boom")
	})
	t.Run("of main, when the loop was stopped before", func(t *testing.T) {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).Stop()
			_ = asyncio.Yield(ctx)
			return errBoom
		}, heard.Option())
		if !errors.Is(err, asyncio.ErrLoopStopped) {
			t.Errorf("Run returned %v", err)
		}
		heard.Expect(t, "boom")
	})
}

// failing is a coroutine that fails after a while.
func failing(d time.Duration, err error) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		_ = asyncio.Sleep(ctx, d)
		return 0, err
	}
}

func TestAnErrorOfATaskThatIsCollected(t *testing.T) {
	t.Run("is reported then, and not again at Run's end", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			forget(ctx)
			for start := time.Now(); len(heard.List()) == 0 && time.Since(start) < asynctest.Patience; {
				runtime.GC()
				letPass(ctx, 10)
			}
			heard.Expect(t, "task forgotten failed and no one looked at its error: boom")
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "forgotten")
	})
	t.Run("wakes a loop that sleeps", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynctest.NothingIsLeft(t)
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			l, told := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			l.SetExceptionHandler(func(asyncio.ExceptionContext) { _ = told.SetResult(1) })
			forget(ctx)
			stop := make(chan struct{})
			defer close(stop)
			go func() {
				for {
					select {
					case <-stop:
						return
					default:
						runtime.GC()
					}
				}
			}()
			_, err := asyncio.WaitFor(ctx, told, asynctest.Patience)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// forget lets a task fail that nothing refers to any more.
//
//go:noinline
func forget(ctx context.Context) {
	asyncio.Go(ctx, fails, asyncio.Name("forgotten"))
	letPass(ctx, 3)
}
