package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/poller"
)

func TestRunEndsWhatIsLeft(t *testing.T) {
	t.Run("tasks are canceled in the order of their creation", func(t *testing.T) {
		asynctest.SkipInRandomOrder(t)
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			for _, name := range []string{"a", "b", "c"} {
				asyncio.Go(ctx, asynctest.Sleeper(&d, name, time.Hour))
			}
			return asyncio.Yield(ctx)
		})
		d.Expect(t, "a: asyncio: canceled", "b: asyncio: canceled", "c: asyncio: canceled")
	})
	t.Run("clean-up may wait, and Run waits for it", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.SleepForever(ctx)
				d.Add("cleans up")
				_ = asyncio.Sleep(context.WithoutCancel(ctx), 2*time.Millisecond)
				d.Add("has cleaned up")
				return err
			})
			return asyncio.Yield(ctx)
		})
		d.Expect(t, "cleans up", "has cleaned up")
	})
	t.Run("the pass in which main's end is noticed runs to its end", func(t *testing.T) {
		// as asyncio.run: what main has just created has its first step.
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				d.Add("first step")
				err := asyncio.Yield(ctx)
				d.Add("second step: %v", err)
				return err
			})
			return nil
		})
		d.Expect(t, "first step", "second step: asyncio: canceled")
	})
	t.Run("a task that has not begun by then never begins", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				asyncio.Go(ctx, func(context.Context) error { panic("it ran") })
				return nil
			})
			return nil
		})
	})
	t.Run("what is created in the clean-up is canceled as well", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.SleepForever(ctx)
				asyncio.Go(ctx, asynctest.Sleeper(&d, "late", time.Hour), asyncio.Eager())
				return err
			})
			return asyncio.Yield(ctx)
		})
		d.Expect(t, "late: asyncio: canceled")
	})
	t.Run("the cause says that Run is ending", func(t *testing.T) {
		var cause error
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.SleepForever(ctx)
				cause = context.Cause(ctx)
				return err
			})
			return asyncio.Yield(ctx)
		})
		if cause == nil || !strings.Contains(cause.Error(), "Run is ending") {
			t.Errorf("the cause is %v", cause)
		}
	})
	t.Run("whole groups end", func(t *testing.T) {
		asynctest.SkipInRandomOrder(t)
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(asynctest.Sleeper(&d, "child", time.Hour))
					tg.Go(asynctest.Sleeper(&d, "sister", time.Hour))
					return nil
				})
			})
			return asyncio.Sleep(ctx, time.Minute)
		}, asynctest.VirtualTime())
		d.Expect(t, "child: asyncio: canceled", "sister: asyncio: canceled")
	})
	t.Run("callbacks of the last moment are called", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			task := asyncio.Go(ctx, asynctest.SleepForever)
			task.AddDoneCallback(func(*asyncio.Task[struct{}]) {
				d.Add("done")
				l.CallSoon(d.Note("soon"))
			})
			return asyncio.Yield(ctx)
		})
		d.Expect(t, "done", "soon")
	})
	t.Run("an error in the clean-up is reported and not lost", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				return errBoom
			}, asyncio.Name("cleaner"))
			return asyncio.Yield(ctx)
		}, heard.Option())
		if err != nil {
			t.Errorf("Run returned %v", err)
		}
		heard.Expect(t, "cleaner")
	})
	t.Run("however many they are", func(t *testing.T) {
		asynctest.SkipInRandomOrder(t)
		ended := 0
		asynctest.MustEnd(t, func(ctx context.Context) error {
			for range 10_000 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					defer func() { ended++ }()
					return asynctest.SleepForever(ctx)
				})
			}
			return asyncio.Yield(ctx)
		})
		if ended != 10_000 {
			t.Errorf("%d of 10000 tasks have ended", ended)
		}
	})
	t.Run("a burst of tasks gives its stacks back", func(t *testing.T) {
		asynctest.SkipInRandomOrder(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for range 10_000 {
					tg.Go(asyncio.Yield)
				}
				return nil
			})
			if s := asyncio.RunningLoop(ctx).Stats(); s.Workers > 2000 {
				t.Errorf("%d workers are left of 10000 tasks", s.Workers)
			}
			return err
		})
	})
}

// refusals are tasks that do not end when they are canceled.
var refusals = map[string]mainFunc{
	"sleeps on": func(ctx context.Context) error {
		for {
			_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
		}
	},
	"waits for what never comes": func(ctx context.Context) error {
		var e asyncio.Event
		return e.Wait(context.WithoutCancel(ctx))
	},
	"waits on its canceled context for ever": func(ctx context.Context) error {
		for {
			_ = asyncio.Sleep(ctx, time.Hour)
		}
	},
	"yields for ever": func(ctx context.Context) error {
		for {
			_ = asyncio.Yield(context.WithoutCancel(ctx))
		}
	},
	"recovers from every panic": func(ctx context.Context) error {
		once := func() {
			defer func() { _ = recover() }()
			_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
		}
		for {
			once()
		}
	},
	"suspends in its deferred functions": func(ctx context.Context) error {
		defer asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
		defer asyncio.Yield(context.WithoutCancel(ctx))
		return asyncio.Sleep(context.WithoutCancel(ctx), 1<<62)
	},
	"owns a group with such a task": func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				return asyncio.Sleep(context.WithoutCancel(ctx), 1<<62)
			}, asyncio.Name("child"))
			return nil
		})
	},
}

func TestRunNamesATaskThatRefusesToEnd(t *testing.T) {
	for kind, refuse := range refusals {
		t.Run("which "+kind, func(t *testing.T) {
			var heard asynctest.Reports
			err := asynctest.Run(t.Context(), func(ctx context.Context) error {
				asyncio.Go(ctx, refuse, asyncio.Name("mule"))
				return asyncio.Yield(ctx)
			}, asyncio.Grace(2*time.Millisecond), heard.Option())
			expectMule(t, err, heard.List())
		})
	}
}

func TestRunReturnsItsErrorsOnOneLine(t *testing.T) {
	asynctest.NothingIsLeft(t)
	var heard asynctest.Reports
	err := asynctest.Run(t.Context(), func(ctx context.Context) error {
		asyncio.Go(ctx, refusals["sleeps on"], asyncio.Name("mule"))
		_ = asyncio.Yield(ctx)
		return errBoom
	}, asynctest.VirtualTime(), heard.Option())
	heard.Expect(t, "has not ended 30s after")
	if _, ok := errors.AsType[*asyncio.ShutdownError](err); !ok || !errors.Is(err, errBoom) {
		t.Errorf("Run returned %v", err)
	}
	asynctest.ExpectEqual(t, "the error", err.Error(), "boom; asyncio: did not end when canceled: task mule")
}

func expectMule(t *testing.T, err error, heard []asyncio.ExceptionContext) {
	t.Helper()
	s, ok := errors.AsType[*asyncio.ShutdownError](err)
	if !ok || !slices.Contains(s.Tasks, "mule") || !strings.Contains(err.Error(), "mule") {
		t.Errorf("Run returned %v", err)
	}
	if len(heard) == 0 {
		t.Fatal("no report")
	}
	c := heard[0]
	if c.Task.Name != "mule" || !strings.Contains(c.Message, "task mule has not ended 2ms after") {
		t.Errorf("the report is %v", c)
	}
	if !strings.Contains(string(c.Stack), "shutdown_test.go") {
		t.Errorf("the stack does not show where the task is:\n%s", c.Stack)
	}
}

func TestATaskThatIsEndedByForce(t *testing.T) {
	run := func(t *testing.T, refuse mainFunc) error {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, refuse)
			return asyncio.Yield(ctx)
		}, asynctest.VirtualTime(), heard.Option())
		heard.Expect(t, "has not ended 30s after")
		return err
	}
	t.Run("leaves nothing, and its deferred functions are called", func(t *testing.T) {
		called := false
		err := run(t, func(ctx context.Context) error {
			defer func() { called = true }()
			return asyncio.Sleep(context.WithoutCancel(ctx), 1<<62)
		})
		if _, ok := errors.AsType[*asyncio.ShutdownError](err); !ok || !called {
			t.Errorf("Run returned %v; deferred called: %v", err, called)
		}
	})
	t.Run("may come to its senses", func(t *testing.T) {
		_ = run(t, func(ctx context.Context) error {
			defer func() { _ = recover() }()
			return asyncio.Sleep(context.WithoutCancel(ctx), 1<<62)
		})
	})
	t.Run("has no deadline of a sleep that it could not begin", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t) // virtual time stands still while a thread runs
		var heard asynctest.Reports
		over := make(chan struct{})
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error { // the loop runs until it has ended
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					<-over
					return 0, nil
				})
				return err
			})
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
				defer func() {
					asyncio.RunningLoop(ctx).CallLater(2*time.Millisecond, func() { close(over) })
				}()
				return asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
			})
			return asyncio.Yield(ctx)
		}, asyncio.Grace(20*time.Millisecond), heard.Option())
		heard.Expect(t, "has not ended 20ms after")
	})
	t.Run("the error of main is joined with that", func(t *testing.T) {
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, refusals["sleeps on"])
			_ = asyncio.Yield(ctx)
			return errBoom
		}, asynctest.VirtualTime(), asyncio.OnException(func(asyncio.ExceptionContext) {}))
		stuck, ok := errors.AsType[*asyncio.ShutdownError](err)
		if !ok || !errors.Is(err, errBoom) {
			t.Fatalf("Run returned %v", err)
		}
		asynctest.ExpectEqual(t, "its line in a log", err.Error(), "boom; "+stuck.Error())
	})
}

func TestATaskThatIsEndedByForceIsReportedOnce(t *testing.T) {
	mule := func(ctx context.Context) (int, error) { return 0, refusals["sleeps on"](ctx) }
	owners := map[string]mainFunc{
		"when a task awaits it": func(ctx context.Context) error {
			_, err := asyncio.CreateTask(ctx, mule).Await(ctx)
			return err
		},
		"when a task wraps its error": func(ctx context.Context) error {
			_, err := asyncio.CreateTask(ctx, mule).Await(ctx)
			return fmt.Errorf("the mule: %w", err)
		},
		"when a task gathers it": func(ctx context.Context) error {
			_, err := asyncio.Gather[int](ctx, asyncio.Coro[int](mule), asyncio.Coro[int](mule))
			return err
		},
		"when it is in a group": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, mule)
				return nil
			})
		},
		"when it is in a group whose owner is ended so, too": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, mule)
				return refusals["sleeps on"](ctx)
			})
		},
	}
	run := func(t *testing.T, owner mainFunc) (unexpected []asyncio.ExceptionContext) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, owner)
			letPass(ctx, 3)
			return nil
		}, asynctest.VirtualTime(), heard.Option())
		return slices.DeleteFunc(heard.List(), func(c asyncio.ExceptionContext) bool {
			return strings.Contains(c.Message, "has not ended 30s after")
		})
	}
	for when, owner := range owners {
		t.Run(when, func(t *testing.T) {
			for _, c := range run(t, owner) {
				t.Errorf("an unexpected report: %v", c)
			}
		})
	}
	t.Run("but what else has failed is reported as well", func(t *testing.T) {
		all := run(t, func(ctx context.Context) error {
			_, err := asyncio.CreateTask(ctx, mule).Await(ctx)
			return errors.Join(err, errBoom)
		})
		if len(all) != 1 || !errors.Is(all[0].Err, errBoom) {
			t.Errorf("the reports are %v", all)
		}
	})
}

// asyncio.run(main) calls back five times as well.
func TestCallbacksOfTheLastMomentAreCalled(t *testing.T) {
	calls := 0
	asynctest.MustEnd(t, func(ctx context.Context) error {
		l := asyncio.RunningLoop(ctx)
		var again func()
		again = func() {
			calls++
			l.CallSoon(again)
		}
		again()
		return nil
	})
	if calls != 1+5 {
		t.Errorf("%d calls after main had ended, want 5", calls-1)
	}
}

// Run waits for the last thread, whose end stops the loop. Here a callback has
// stopped it already when that end comes, and nothing must be left of the wait for
// the passes in which the late error is reported.
func TestTheEndOfTheLastThreadDoesNotCutShortWhatIsReportedAfterIt(t *testing.T) {
	asynctest.SkipInOtherWorlds(t) // the bubble's time is not the loop's there
	synctest.Test(t, func(t *testing.T) {
		var heard asynctest.Reports
		end := make(chan struct{})
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					<-end
					return 0, errBoom
				})
				return err
			})
			l.CallLater(time.Second, func() {
				close(end)
				synctest.Wait() // until the thread has ended
				l.Stop()
			})
			return asyncio.Yield(ctx)
		}, asyncio.Debug(true), heard.Option())
		asynctest.ExpectNil(t, err)
		heard.Expect(t, "boom")
	})
}

func TestACoroutineFromOutsideWhileATaskIsEndedByForce(t *testing.T) {
	asynctest.NothingIsLeft(t)
	var heard asynctest.Reports
	var late *asyncio.ConcurrentFuture[int]
	err := asynctest.Run(t.Context(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			loop := asyncio.RunningLoop(ctx)
			defer func() { late = asyncio.RunCoroutineThreadsafe(loop, asynctest.Later(1<<62, 1)) }()
			return asynctest.SleepForever(context.WithoutCancel(ctx))
		}, asyncio.Name("stuck"))
		return asyncio.Yield(ctx)
	}, heard.Option(), asyncio.Grace(time.Hour), asynctest.VirtualTime())
	if err == nil || !strings.Contains(err.Error(), "stuck") {
		t.Errorf("Run returned %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), asynctest.Patience)
	defer cancel()
	if _, err := late.Wait(ctx); !errors.Is(err, asyncio.ErrCanceled) {
		t.Errorf("Wait returned %v", err)
	}
	heard.Expect(t, "stuck")
}

// A brokenPoller fails once it is broken. It takes every descriptor, and says of
// none that it is ready.
type brokenPoller struct {
	*poller.Portable
	broken bool
}

var errBroken = errors.New("the system has no more memory")

func (p *brokenPoller) Wait(timeout time.Duration) error {
	if p.broken {
		return errBroken
	}
	return p.Portable.Wait(timeout)
}

func (p *brokenPoller) Watch(int, engine.Readiness, bool, engine.Watcher) error { return nil }

func (p *brokenPoller) Unwatch(int) error { return nil }

func TestPollerThatFails(t *testing.T) {
	broken := func(t *testing.T, goOn mainFunc) (d *asynctest.Logbook, heard *asynctest.Reports) {
		asynctest.NothingIsLeft(t)
		p := &brokenPoller{Portable: poller.NewPortable()}
		world := config.InWorld(func() config.World { return config.World{Clock: poller.NewClock(), Poller: p} })
		d, heard = new(asynctest.Logbook), new(asynctest.Reports)
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer d.Add("the other task has ended")
				return asynctest.SleepForever(ctx)
			}, asyncio.Name("other"))
			_ = asyncio.Yield(ctx)
			defer d.Add("main has ended")
			p.broken = true
			return goOn(ctx)
		}, world, heard.Option())
		asynctest.ExpectIs(t, err, errBroken)
		return d, heard
	}
	t.Run("when there is nothing to do: all tasks are canceled", func(t *testing.T) {
		d, heard := broken(t, asynctest.SleepForever)
		d.Expect(t, "main has ended", "the other task has ended")
		heard.Expect(t)
	})
	t.Run("between two passes: what does not end soon is ended by force", func(t *testing.T) {
		d, heard := broken(t, func(ctx context.Context) error {
			asynctest.ExpectNil(t, asyncio.RunningLoop(ctx).AddReader(0, nothing))
			for {
				_ = asyncio.Yield(context.WithoutCancel(ctx))
			}
		})
		d.Expect(t, "the other task has ended", "main has ended")
		heard.Expect(t, "task Task-1 has not ended before the loop failed, and is ended by force")
	})
}
