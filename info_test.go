package asyncio_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestCurrentTask(t *testing.T) {
	t.Run("is the task that runs", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			main := asyncio.CurrentTask(ctx)
			if main.ID != 1 || main.Name != "Task-1" || main.Parent != 0 || main.State != asyncio.TaskRunning {
				t.Errorf("main is %+v", main)
			}
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				child := asyncio.CurrentTask(ctx)
				if child.ID != 2 || child.Name != "child" || child.Parent != 1 {
					t.Errorf("the child is %+v", child)
				}
				return nil
			}, asyncio.Name("child"))
			_, err := task.Await(ctx)
			if now := asyncio.CurrentTask(ctx); now.ID != 1 {
				t.Errorf("main has become %+v", now)
			}
			return err
		})
	})
	t.Run("is the eager task while that starts", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				if now := asyncio.CurrentTask(ctx); now.ID != 2 || now.Parent != 1 {
					t.Errorf("it is %+v", now)
				}
				return nil
			}, asyncio.Eager())
			if now := asyncio.CurrentTask(ctx); now.ID != 1 {
				t.Errorf("main has become %+v", now)
			}
			return nil
		})
	})
	t.Run("is the task that runs, whatever the context", func(t *testing.T) {
		onThisLoop(t, func(mainCtx context.Context, _ *asyncio.Loop) error {
			_, err := asyncio.Go(mainCtx, func(context.Context) error {
				if now := asyncio.CurrentTask(mainCtx); now.ID != 2 {
					t.Errorf("it is %+v", now)
				}
				return nil
			}).Await(mainCtx)
			return err
		})
	})
	t.Run("is none in a callback", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallSoon(func() {
				if now := asyncio.CurrentTask(ctx); now.ID != 0 {
					t.Errorf("it is %+v", now)
				}
			})
			return asyncio.Yield(ctx)
		})
	})
	t.Run("is none outside a loop", func(t *testing.T) {
		if now := asyncio.CurrentTask(context.Background()); now.ID != 0 {
			t.Errorf("it is %+v", now)
		}
	})
	t.Run("in a thread is the task that waits for it", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				now, err := asyncio.ToThread(ctx, func(ctx context.Context) (asyncio.TaskInfo, error) {
					return asyncio.CurrentTask(ctx), nil
				})
				if now.ID != 1 || now.Name != "Task-1" {
					t.Errorf("it is %+v", now)
				}
				return err
			})
		})
	})
}

func TestAwaits(t *testing.T) {
	stalls := func(ctx context.Context) (int, error) { return 0, asynctest.SleepForever(ctx) }
	named := func(ctx context.Context, name string) *asyncio.Task[int] {
		return asyncio.CreateTask(ctx, stalls, asyncio.Name(name))
	}
	ways := map[string]func(ctx context.Context, a, b *asyncio.Task[int]) error{
		"a and b: Gather": func(ctx context.Context, a, b *asyncio.Task[int]) error {
			_, err := asyncio.Gather[int](ctx, b, a, b)
			return err
		},
		"a and b: Race": func(ctx context.Context, a, b *asyncio.Task[int]) error {
			_, err := asyncio.Race[int](ctx, b, a)
			return err
		},
		"a and b: AsCompleted": func(ctx context.Context, a, b *asyncio.Task[int]) error {
			for _, err := range asyncio.AsCompleted[int](ctx, b, a, b) {
				return err
			}
			return nil
		},
		"a: Await": func(ctx context.Context, a, _ *asyncio.Task[int]) error {
			_, err := a.Await(ctx)
			return err
		},
		"a: Shield": func(ctx context.Context, a, _ *asyncio.Task[int]) error {
			_, err := asyncio.Shield[int](ctx, a)
			return err
		},
		"a: WaitFor": func(ctx context.Context, a, _ *asyncio.Task[int]) error {
			_, err := asyncio.WaitFor[int](ctx, a, time.Hour)
			return err
		},
		"child: WithTaskGroup": func(ctx context.Context, a, b *asyncio.Task[int]) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, stalls, asyncio.Name("child"))
				return nil
			})
		},
		": Sleep": func(ctx context.Context, _, _ *asyncio.Task[int]) error { return asynctest.SleepForever(ctx) },
	}
	for way, wait := range ways {
		t.Run(way, func(t *testing.T) {
			onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
				a, b := named(ctx, "a"), named(ctx, "b")
				outer := asyncio.Go(ctx, func(ctx context.Context) error { return wait(ctx, a, b) })
				letPass(ctx, 3)
				var names []string
				for _, i := range outer.Info().Awaits() {
					names = append(names, i.Name)
				}
				want, _, _ := strings.Cut(way, ":")
				if got := strings.Join(names, " and "); got != want {
					t.Errorf("it waits for %q", got)
				}
				if by := asyncio.AwaitedBy(b); len(by) > 0 != strings.Contains(want, "b") {
					t.Errorf("b is awaited by %v", by)
				}
				return nil
			})
		})
	}
	t.Run("the zero TaskInfo waits for none", func(t *testing.T) {
		if got := (asyncio.TaskInfo{}).Awaits(); got != nil {
			t.Errorf("it waits for %v", got)
		}
	})
}

func TestAllTasks(t *testing.T) {
	t.Run("are those that have not ended, by age", func(t *testing.T) {
		asynctest.SkipInRandomOrder(t)
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			asyncio.Go(ctx, asyncio.Yield, asyncio.Name("short"))
			asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("sleeper"))
			asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(asynctest.SleepForever, asyncio.Name("child"))
					return nil
				})
			}, asyncio.Name("owner"))
			letPass(ctx, 3)
			asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("new"))
			var d asynctest.Logbook
			for _, i := range asyncio.AllTasks(ctx) {
				d.Add("%d %s of %d %s %s", i.ID, i.Name, i.Parent, i.State, i.WaitingOn)
			}
			d.Expect(t,
				"1 Task-1 of 0 running ",
				"3 sleeper of 1 waiting sleep",
				"4 owner of 1 waiting task group",
				"5 child of 4 waiting sleep",
				"6 new of 1 ready ")
			return nil
		})
	})
	t.Run("include the eager one that starts", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				if n := len(asyncio.AllTasks(ctx)); n != 2 {
					t.Errorf("there are %d", n)
				}
				return nil
			}, asyncio.Eager())
			if n := len(asyncio.AllTasks(ctx)); n != 1 {
				t.Errorf("there are %d", n)
			}
			return nil
		})
	})
}

func TestTaskInfoWaitingOn(t *testing.T) {
	waits := []struct {
		on   string
		wait func(ctx context.Context) error
	}{
		{"sleep", asynctest.SleepForever},
		{"future", func(ctx context.Context) error { _, err := asyncio.NewFuture[int](ctx).Await(ctx); return err }},
		{`task "other"`, func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("other")).Await(ctx)
			return err
		}},
		{"event", func(ctx context.Context) error { return new(asyncio.Event).Wait(ctx) }},
		{"shield", func(ctx context.Context) error {
			_, err := asyncio.Shield(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) { return 0, asynctest.SleepForever(ctx) }))
			return err
		}},
		{"gather", func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) { return 0, asynctest.SleepForever(ctx) }))
			return err
		}},
	}
	for _, w := range waits {
		t.Run("says "+w.on, func(t *testing.T) {
			onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
				task := asyncio.Go(ctx, w.wait)
				asynctest.Settle(ctx)
				if i := task.Info(); i.State != asyncio.TaskWaiting || i.WaitingOn != w.on {
					t.Errorf("the task is %v, on %q", i.State, i.WaitingOn)
				}
				task.Cancel()
				_, _ = task.Await(ctx)
				if i := task.Info(); i.State != asyncio.TaskDone || i.WaitingOn != "" {
					t.Errorf("the task is %v, on %q", i.State, i.WaitingOn)
				}
				return nil
			})
		})
	}
}

// A stack says nothing of others, and its price has to be its own.
func TestTaskInfoStackTakesNoOthers(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	asynctest.MustEnd(t, func(ctx context.Context) error {
		const tasks = 1000
		for range tasks {
			asyncio.Go(ctx, waitsDeepInside)
		}
		letPass(ctx, 2)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, i := range asyncio.AllTasks(ctx)[1:11] {
			if s := string(i.Stack()); !strings.HasPrefix(s, "goroutine ") || !strings.Contains(s, "waitsDeepInside") || strings.Contains(s, "OwnStack") {
				t.Errorf("a stack is\n%s", s)
			}
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 10*64<<10 {
			t.Errorf("ten stacks took %d bytes", took)
		}
		return nil
	})
}

// Whoever asks, on whichever stack, gets the stack of the task.
func TestTaskInfoStackOfATaskThatRunsOthers(t *testing.T) {
	t.Run("because it yields", func(t *testing.T) {
		asynctest.SkipInRandomOrder(t)
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			other := asyncio.Go(ctx, func(ctx context.Context) error {
				for range 10 {
					yieldsHere(ctx)
				}
				return nil
			})
			for range 5 {
				_ = asyncio.Yield(ctx)
				if s := string(other.Info().Stack()); !strings.Contains(s, "yieldsHere") {
					t.Errorf("the stack is\n%s", s)
				}
			}
			_, err := other.Await(ctx)
			return err
		})
	})
	t.Run("because it starts one eagerly", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			self := asyncio.CurrentTask(ctx)
			asyncio.Go(ctx, func(context.Context) error {
				if s := string(self.Stack()); !strings.Contains(s, "TestTaskInfoStackOfATaskThatRunsOthers") {
					t.Errorf("the stack is\n%s", s)
				}
				return nil
			}, asyncio.Eager())
			return nil
		})
	})
	t.Run("by one that is locked to its thread", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
			other := asyncio.Go(ctx, waitsDeepInside)
			asynctest.Settle(ctx)
			runtime.LockOSThread()
			s := string(other.Info().Stack())
			runtime.UnlockOSThread()
			if !strings.Contains(s, "waitsDeepInside") {
				t.Errorf("the stack is\n%s", s)
			}
			return nil
		})
	})
}

//go:noinline
func yieldsHere(ctx context.Context) { _ = asyncio.Yield(ctx) }

func TestTaskInfoStack(t *testing.T) {
	onThisLoop(t, func(ctx context.Context, _ *asyncio.Loop) error {
		task := asyncio.Go(ctx, waitsDeepInside)
		if s := task.Info().Stack(); s != nil {
			t.Errorf("before it has begun it is\n%s", s)
		}
		asynctest.Settle(ctx)
		if s := task.Info().Stack(); !strings.Contains(string(s), "asyncio_test.waitsDeepInside") {
			t.Errorf("while it waits it is\n%s", s)
		}
		if s := asyncio.CurrentTask(ctx).Stack(); !strings.Contains(string(s), "TestTaskInfoStack") {
			t.Errorf("that of the running task is\n%s", s)
		}
		task.Cancel()
		_, _ = task.Await(ctx)
		if s := task.Info().Stack(); s != nil {
			t.Errorf("after its end it is\n%s", s)
		}
		if s := (asyncio.TaskInfo{}).Stack(); s != nil {
			t.Errorf("that of no task is\n%s", s)
		}
		return nil
	})
}

//go:noinline
func waitsDeepInside(ctx context.Context) error {
	err := asynctest.SleepForever(ctx)
	return err
}

func TestTaskInfoCreated(t *testing.T) {
	asynctest.MustEnd(t, func(ctx context.Context) error {
		task := asyncio.Go(ctx, asyncio.Yield)
		if s := string(task.Info().Created); !strings.Contains(s, "TestTaskInfoCreated") {
			t.Errorf("it was created at\n%s", s)
		}
		return nil
	}, asyncio.Debug(true))
}

func TestTaskState(t *testing.T) {
	want := map[asyncio.TaskState]string{
		asyncio.TaskReady: "ready", asyncio.TaskRunning: "running", asyncio.TaskWaiting: "waiting", asyncio.TaskDone: "done",
	}
	for s, name := range want {
		if s.String() != name {
			t.Errorf("%d is %q, want %q", s, s, name)
		}
	}
}
