package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// endedByGoexit runs fn on a goroutine of its own and reports whether that
// was ended by Goexit.
func endedByGoexit(t *testing.T, fn func()) bool {
	t.Helper()
	returned := make(chan bool, 1)
	go func() {
		over := false
		defer func() { returned <- over }()
		fn()
		over = true
	}()
	return !asynctest.Receive(t, returned)
}

// goexits is a task that ends its goroutine after a step.
func goexits(ctx context.Context) error {
	_ = asyncio.Yield(ctx)
	runtime.Goexit()
	return nil
}

func TestGoexitInATaskEndsTheGoroutineOfRun(t *testing.T) {
	ways := map[string]mainFunc{
		"from main": goexits,
		"from the first step of main": func(context.Context) error {
			runtime.Goexit()
			return nil
		},
		"from another task": func(ctx context.Context) error {
			asyncio.Go(ctx, goexits)
			return asyncio.Sleep(ctx, time.Hour)
		},
		"from a task whose end main awaits": func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, goexits).Await(ctx)
			return err
		},
		"from an eager task": func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { runtime.Goexit(); return nil }, asyncio.Eager())
			return asyncio.Sleep(ctx, time.Hour)
		},
		"from a child of a group": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(goexits)
				return nil
			})
		},
		"from the body of a group": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(asynctest.SleepForever)
				return goexits(ctx)
			})
		},
		"from several tasks": func(ctx context.Context) error {
			for range 5 {
				asyncio.Go(ctx, goexits)
			}
			return asyncio.Sleep(ctx, time.Hour)
		},
		"from the clean-up at Run's end": func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				return goexits(context.WithoutCancel(ctx))
			})
			return asyncio.Yield(ctx)
		},
		"from a callback": func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).CallSoon(runtime.Goexit)
			return asyncio.Sleep(ctx, time.Hour)
		},
		"from a timer": func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).CallLater(time.Second, runtime.Goexit)
			return asyncio.Sleep(ctx, time.Hour)
		},
		"from a callback at Run's end": func(ctx context.Context) error {
			asyncio.Go(ctx, asynctest.SleepForever).AddDoneCallback(func(*asyncio.Task[struct{}]) { runtime.Goexit() })
			return asyncio.Yield(ctx)
		},
		"from a coroutine of another goroutine": func(ctx context.Context) error {
			asyncio.RunCoroutineThreadsafe(asyncio.RunningLoop(ctx), func(ctx context.Context) (int, error) { return 0, goexits(ctx) })
			return asyncio.Sleep(ctx, time.Hour)
		},
	}
	for way, main := range ways {
		t.Run(way, func(t *testing.T) {
			asynctest.NothingIsLeft(t)
			var d asynctest.Logbook
			if !endedByGoexit(t, func() {
				_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
					asyncio.Go(ctx, func(ctx context.Context) error {
						_ = asynctest.SleepForever(ctx)
						err := asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
						d.Add("cleaned up: %v", err)
						return err
					}, asyncio.Eager())
					return main(ctx)
				}, asynctest.VirtualTime(), asyncio.OnException(func(asyncio.ExceptionContext) {}))
			}) {
				t.Error("Run returned")
			}
			d.Expect(t, "cleaned up: <nil>")
		})
	}
}

func TestGoexitInATask(t *testing.T) {
	t.Run("calls its deferred functions", func(t *testing.T) {
		var d asynctest.Logbook
		endedByGoexit(t, func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				defer d.Note("outer")()
				defer d.Note("inner")()
				return goexits(ctx)
			})
		})
		d.Expect(t, "inner", "outer")
	})
	t.Run("is ErrGoexit for who awaits it in the clean-up", func(t *testing.T) {
		var got error
		endedByGoexit(t, func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				task := asyncio.Go(ctx, goexits)
				letPass(ctx, 3)
				_, got = task.Await(context.WithoutCancel(ctx))
				return nil
			})
		})
		if got != asyncio.ErrGoexit {
			t.Errorf("the task ended with %v", got)
		}
	})
	t.Run("of a Runner closes it and ends its goroutine", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		returned := false
		ended := endedByGoexit(t, func() {
			r := asynctest.NewRunner(asyncio.OnException(func(asyncio.ExceptionContext) {}))
			_ = r.Run(t.Context(), func(ctx context.Context) error {
				asyncio.Go(ctx, goexits)
				return asynctest.SleepForever(ctx)
			})
			returned = true
		})
		if !ended || returned {
			t.Error("Run returned")
		}
	})
	t.Run("in a thread does not end Run", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			if err := onThread(ctx, runtime.Goexit); err != asyncio.ErrGoexit {
				t.Errorf("ToThread returned %v", err)
			}
			return nil
		})
	})
}

func TestGoexitInTheHandlerThatHearsWhatIsStuck(t *testing.T) {
	for name, main := range map[string]func(ctx context.Context, release <-chan struct{}) error{
		"a task": func(ctx context.Context, _ <-chan struct{}) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					_ = asynctest.SleepForever(ctx) //asyncio:ok swallowed-cancel a task that does not end is what the test needs
				}
			}, asyncio.Eager())
			return nil
		},
		"a thread": func(ctx context.Context, release <-chan struct{}) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				return onThread(ctx, func() { <-release })
			}, asyncio.Eager())
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynctest.NothingIsLeft(t)
			var heard asynctest.Reports
			release := make(chan struct{})
			defer close(release)
			if !endedByGoexit(t, func() {
				_ = asyncio.Run(t.Context(), func(ctx context.Context) error { return main(ctx, release) },
					asyncio.Grace(10*time.Millisecond), asyncio.OnException(func(c asyncio.ExceptionContext) {
						heard.Take(c)
						runtime.Goexit()
					}))
			}) {
				t.Error("Run returned")
			}
			if n := len(heard.List()); n != 1 {
				t.Errorf("it was told %d times", n)
			}
		})
	}
}

func TestGoexitInTheHandlerThatHearsOfAPanicEndsRun(t *testing.T) {
	asynctest.NothingIsLeft(t)
	var d asynctest.Logbook
	if !endedByGoexit(t, func() {
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			panics := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asyncio.Yield(ctx)
				panic("boom")
			})
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer d.Note("the other task has unwound")()
				for !panics.Done() { // and so it drives when the other one panics
					_ = asyncio.Yield(ctx)
				}
				_ = asynctest.SleepForever(ctx)
				d.Add("the other task is canceled: %v", asyncio.Sleep(context.WithoutCancel(ctx), time.Second))
				return nil
			})
			_, err := panics.Await(context.WithoutCancel(ctx))
			d.Add("the task is a panic: %v", isPanicError(err))
			return asynctest.SleepForever(ctx)
		}, asynctest.VirtualTime(), asyncio.OnException(func(asyncio.ExceptionContext) { runtime.Goexit() }))
	}) {
		t.Error("Run returned")
	}
	d.Expect(t, "the task is a panic: true", "the other task is canceled: <nil>", "the other task has unwound")
}

func isPanicError(err error) bool {
	_, ok := errors.AsType[*asyncio.PanicError](err)
	return ok
}

func TestGoexitInAHookIsExplained(t *testing.T) {
	if asynctest.InChild() {
		exitInHook(t)
		return
	}
	out, err := asynctest.Child(t).CombinedOutput()
	if err == nil {
		t.Error("the child goes on")
	}
	for _, want := range []string{"panic: asyncio: a hook has called runtime.Goexit", "use t.Error in place of t.Fatal", "asyncio_test.exitInHook"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the child does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "unwound") {
		t.Errorf("a task has suffered:\n%s", out)
	}
}

func exitInHook(t *testing.T) {
	_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
		defer fmt.Println("main was unwound")
		asyncio.Go(ctx, asyncio.Yield)
		return asynctest.SleepForever(ctx)
	}, asyncio.Observe(&asyncio.Hooks{StepBegin: func(e asyncio.HookEvent) {
		if e.Task.ID == 2 {
			t.FailNow()
		}
	}}))
}

func TestFailNowInATaskFailsTheTest(t *testing.T) {
	if asynctest.InChild() {
		failInATask(t)
		return
	}
	out, err := asynctest.Child(t).CombinedOutput()
	if err == nil {
		t.Errorf("the child's tests pass")
	}
	for _, want := range []string{"--- FAIL: TestFailNowInATaskFailsTheTest", "the reason", "child has cleaned up", "test has cleaned up"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the child does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "goes on") {
		t.Errorf("the child's test went on:\n%s", out)
	}
}

func failInATask(t *testing.T) {
	t.Cleanup(func() { fmt.Println("test has cleaned up") })
	_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				err := asynctest.SleepForever(ctx)
				fmt.Println("child has cleaned up")
				return err
			})
			tg.Go(func(ctx context.Context) error {
				asynctest.Settle(ctx)
				t.Fatal("the reason")
				return nil
			})
			return nil
		})
	})
	fmt.Println("Run returned, and the test goes on")
}
