package asyncio_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// allHooks write into a logbook.
func allHooks(d *asynctest.Logbook) *asyncio.Hooks {
	line := func(format string, of func(asyncio.HookEvent) []any) func(asyncio.HookEvent) {
		return func(e asyncio.HookEvent) { d.Add(format, of(e)...) }
	}
	name := func(e asyncio.HookEvent) []any { return []any{e.Task.Name} }
	pass := func(e asyncio.HookEvent) []any { return []any{e.Pass} }
	return &asyncio.Hooks{
		TaskSpawned: line("%s spawned by %d", func(e asyncio.HookEvent) []any { return []any{e.Task.Name, e.Task.Parent} }),
		StepBegin:   line("%s runs", name),
		StepEnd:     line("%s pauses", name),
		TaskBlocked: line("%s waits for %s", func(e asyncio.HookEvent) []any { return []any{e.Task.Name, e.On} }),
		TaskWoken:   line("%s woken by %s", func(e asyncio.HookEvent) []any { return []any{e.Task.Name, e.By} }),
		TaskDone:    line("%s done: %v", func(e asyncio.HookEvent) []any { return []any{e.Task.Name, e.Err} }),
		PassBegin:   line("pass %d: %d", func(e asyncio.HookEvent) []any { return []any{e.Pass, e.Ready} }),
		PassEnd:     line("end of %d", pass),
		Callback:    line("callback", func(asyncio.HookEvent) []any { return nil }),
		Timer:       line("timer", func(asyncio.HookEvent) []any { return nil }),
		ThreadBegin: line("%s begins for %s", func(e asyncio.HookEvent) []any { return []any{e.Thread, e.Task.Name} }),
		ThreadEnd: line("%s ends for %s: %v", func(e asyncio.HookEvent) []any {
			return []any{e.Thread, e.Task.Name, e.Err}
		}),
	}
}

// mainName calls the main task by its name.
func mainName(lines []string) string {
	return strings.ReplaceAll(strings.Join(lines, "\n"), "Task-1", "main")
}

// expectEvents runs a program and compares what the hooks tell up to the end
// of main with a golden table: a line for each pass.
func expectEvents(t *testing.T, program mainFunc, want ...string) {
	t.Helper()
	var d asynctest.Logbook
	over := false
	hooks := allHooks(&d)
	end := hooks.PassEnd
	hooks.PassEnd = func(e asyncio.HookEvent) {
		if !over {
			end(e)
		}
		over = over || slices.ContainsFunc(d.Lines(), func(l string) bool { return strings.HasPrefix(l, "Task-1 done") })
	}
	asynctest.MustEnd(t, program, asynctest.VirtualTime(), asyncio.Observe(hooks))
	lines := d.Lines()
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Task-1 done") })
	got := mainName(lines[:min(len(lines), i+2)])
	if got != strings.Join(want, "\n") {
		t.Errorf("the hooks told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestHooksTellExactly(t *testing.T) {
	asynctest.SkipInRandomOrder(t)
	t.Run("a sleep", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error { return asyncio.Sleep(ctx, 2*time.Second) },
			"main spawned by 0",
			"pass 1: 1", "main runs", "main waits for sleep 2s", "main pauses", "end of 1",
			"timer",
			"pass 2: 1", "main woken by timer", "end of 2",
			"pass 3: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a yield, which is no wait", func(t *testing.T) {
		expectEvents(t, asyncio.Yield,
			"main spawned by 0",
			"pass 1: 1", "main runs", "main pauses", "end of 1",
			"pass 2: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a task that is awaited", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, asyncio.Yield, asyncio.Name("A")).Await(ctx)
			return err
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "A spawned by 1", `main waits for task "A"`, "main pauses", "end of 1",
			"pass 2: 1", "A runs", "A pauses", "end of 2",
			"pass 3: 1", "A runs", "A done: <nil>", `main woken by task "A"`, "A pauses", "end of 3",
			"pass 4: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("an eager task, which interrupts a step", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { return nil }, asyncio.Name("A"), asyncio.Eager())
			return nil
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "A spawned by 1", "main pauses",
			"A runs", "A done: <nil>", "A pauses",
			"main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a callback that sets a future", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			f := asyncio.NewFuture[int](ctx)
			asyncio.RunningLoop(ctx).CallSoon(func() { _ = f.SetResult(1) })
			_, err := f.Await(ctx)
			return err
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "main waits for future", "main pauses", "end of 1",
			"pass 2: 1", "callback", "main woken by callback", "end of 2",
			"pass 3: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a cancellation", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			task := asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("A"))
			_ = asyncio.Yield(ctx)
			task.Cancel()
			_, _ = task.Await(ctx)
			return nil
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "A spawned by 1", "main pauses", "end of 1",
			"pass 2: 2", "A runs", "A waits for sleep 1281023h53m38.427387904s", "A pauses",
			"main runs", "A woken by cancel", `main waits for task "A"`, "main pauses", "end of 2",
			"pass 3: 1", "A runs", "A done: asyncio: canceled", `main woken by task "A"`, "A pauses", "end of 3",
			"pass 4: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a task that is canceled before it begins, which has no step", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			task := asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("A"))
			task.Cancel()
			_, _ = task.Await(ctx)
			return nil
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "A spawned by 1", `main waits for task "A"`, "main pauses", "end of 1",
			"pass 2: 1", "A done: asyncio: canceled", `main woken by task "A"`, "end of 2",
			"pass 3: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a group", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(context.Context) error { return nil }, asyncio.Name("A"))
				return nil
			})
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "A spawned by 1", "main waits for task group", "main pauses", "end of 1",
			"pass 2: 1", "A runs", "A done: <nil>", "A pauses", "end of 2",
			"pass 3: 1", `main woken by task "A"`, "end of 3",
			"pass 4: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a gather", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, asynctest.Value(1))
			return err
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "Task-2 spawned by 1", "main waits for gather", "main pauses", "end of 1",
			"pass 2: 1", "Task-2 runs", "Task-2 done: <nil>", "Task-2 pauses", "end of 2",
			"pass 3: 1", "main woken by gather", "end of 3",
			"pass 4: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("an event that is set", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			e := new(asyncio.Event)
			asyncio.Go(ctx, func(context.Context) error { e.Set(); return nil }, asyncio.Name("A"))
			return e.Wait(ctx)
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "A spawned by 1", "main waits for event", "main pauses", "end of 1",
			"pass 2: 1", "A runs", `main woken by task "A"`, "A done: <nil>", "A pauses", "end of 2",
			"pass 3: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a timeout that expires", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			_ = asyncio.WithTimeout(ctx, time.Second, asynctest.SleepForever)
			return nil
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "main waits for sleep 1281023h53m38.427387904s", "main pauses", "end of 1",
			"timer",
			"pass 2: 1", "main woken by cancel", "end of 2",
			"pass 3: 1", "main runs", "main done: <nil>", "main pauses")
	})
	t.Run("a failure", func(t *testing.T) {
		expectEvents(t, func(ctx context.Context) error {
			_, _ = asyncio.Go(ctx, func(context.Context) error { return errBoom }, asyncio.Name("A")).Await(ctx)
			return nil
		},
			"main spawned by 0",
			"pass 1: 1", "main runs", "A spawned by 1", `main waits for task "A"`, "main pauses", "end of 1",
			"pass 2: 1", "A runs", "A done: boom", `main woken by task "A"`, "A pauses", "end of 2",
			"pass 3: 1", "main runs", "main done: <nil>", "main pauses")
	})
}

func TestHooksOfThreads(t *testing.T) {
	events := func(t *testing.T, program mainFunc) []string {
		var d asynctest.Logbook
		all := allHooks(&d)
		asynctest.EndWell(t, program, asyncio.Observe(&asyncio.Hooks{
			ThreadBegin: all.ThreadBegin, ThreadEnd: all.ThreadEnd, TaskBlocked: all.TaskBlocked, TaskWoken: all.TaskWoken,
		}))
		return slices.Sorted(slices.Values(d.Lines())) // the thread runs at the same time
	}
	t.Run("tell of ToThread", func(t *testing.T) {
		got := events(t, func(ctx context.Context) error {
			_, _ = asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, errBoom })
			return nil
		})
		want := []string{
			"Task-1 waits for thread", "Task-1 woken by thread",
			"thread-1 begins for Task-1", "thread-1 ends for Task-1: boom",
		}
		if !slices.Equal(got, want) {
			t.Errorf("they told %q", got)
		}
	})
	t.Run("tell of workers", func(t *testing.T) {
		p := poolFor(t, 1)
		got := events(t, func(ctx context.Context) error {
			_, err := asyncio.RunInExecutor(ctx, p, asynctest.Value(1)).Await(ctx)
			return err
		})
		want := []string{
			"Task-1 waits for future", "Task-1 woken by thread",
			"worker-1 begins for Task-1", "worker-1 ends for Task-1: <nil>",
		}
		if !slices.Equal(got, want) {
			t.Errorf("they told %q", got)
		}
	})
}

func TestHooksOfWakesFromOutside(t *testing.T) {
	for _, c := range []struct {
		by     string
		reason string
		wait   func(ctx, derived context.Context) error
	}{
		{"cancel", "a sleep was cut", func(_, derived context.Context) error { return asyncio.Sleep(derived, time.Hour) }},
		{"context", "a future that was awaited was canceled", func(ctx, derived context.Context) error {
			_, err := asyncio.NewFuture[int](ctx).Await(derived)
			return err
		}},
	} {
		var by string
		asynctest.EndWell(t, func(ctx context.Context) error {
			derived, cancel := context.WithCancel(ctx)
			asyncio.RunningLoop(ctx).CallSoon(cancel)
			asynctest.ExpectIs(t, c.wait(ctx, derived), context.Canceled)
			return nil
		}, asyncio.Observe(&asyncio.Hooks{TaskWoken: func(e asyncio.HookEvent) { by = e.By }}))
		if by != c.by {
			t.Errorf("when its derived context was canceled, and so %s, a task was woken by %q", c.reason, by)
		}
	}
}

func TestHookEventTime(t *testing.T) {
	var times []time.Time
	asynctest.EndWell(t, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asynctest.VirtualTime(),
		asyncio.Observe(&asyncio.Hooks{StepBegin: func(e asyncio.HookEvent) { times = append(times, e.Time) }}))
	if len(times) != 2 || times[1].Sub(times[0]) != time.Hour {
		t.Errorf("the steps began at %v", times)
	}
}

func TestHooksMayBeNil(t *testing.T) {
	program := func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).CallSoon(nothing)
		asyncio.Go(ctx, asynctest.SleepForever)
		_, err := asyncio.ToThread(ctx, asynctest.Value(1))
		return err
	}
	t.Run("all", func(t *testing.T) { asynctest.MustEnd(t, program, asyncio.Observe(&asyncio.Hooks{})) })
	t.Run("and Observe may be given none", func(t *testing.T) { asynctest.MustEnd(t, program, asyncio.Observe(nil)) })
	for i := range 12 {
		t.Run(fmt.Sprintf("but for number %d", i), func(t *testing.T) {
			calls := 0
			count := func(asyncio.HookEvent) { calls++ }
			h := new(asyncio.Hooks)
			*[]*func(asyncio.HookEvent){
				&h.TaskSpawned, &h.StepBegin, &h.StepEnd, &h.TaskBlocked, &h.TaskWoken, &h.TaskDone,
				&h.PassBegin, &h.PassEnd, &h.Callback, &h.Timer, &h.ThreadBegin, &h.ThreadEnd,
			}[i] = count
			asynctest.MustEnd(t, func(ctx context.Context) error {
				if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
					return err
				}
				return program(ctx)
			}, asyncio.Observe(h))
			if calls == 0 {
				t.Error("it was not called")
			}
		})
	}
}

func TestEveryStepThatBeginsEnds(t *testing.T) {
	var running []string
	asynctest.EndWell(t, func(ctx context.Context) error {
		for range 5 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				asyncio.Go(ctx, asyncio.Yield, asyncio.Eager())
				_, err := asyncio.Gather(ctx, asynctest.Value(1), asynctest.Later(time.Second, 2))
				return err
			}, asyncio.Eager())
		}
		asyncio.Go(ctx, asynctest.SleepForever)
		return asyncio.Sleep(ctx, time.Hour)
	}, asynctest.VirtualTime(), asyncio.Observe(&asyncio.Hooks{
		StepBegin: func(e asyncio.HookEvent) {
			if len(running) > 0 {
				t.Errorf("%s begins while %v run", e.Task.Name, running)
			}
			running = append(running, e.Task.Name)
		},
		StepEnd: func(e asyncio.HookEvent) {
			if !slices.Equal(running, []string{e.Task.Name}) {
				t.Errorf("%s ends while %v run", e.Task.Name, running)
			}
			running = nil
		},
	}))
}

func TestHooksAreCalledOnTheLoop(t *testing.T) {
	var loop *asyncio.Loop
	calls := 0
	look := func(asyncio.HookEvent) {
		if calls++; loop != nil {
			loop.Stats() // panics anywhere else
		}
	}
	asynctest.MustEnd(t, func(ctx context.Context) error {
		loop = asyncio.RunningLoop(ctx)
		for range 5 {
			asyncio.Go(ctx, func(ctx context.Context) error {
				asyncio.Go(ctx, asyncio.Yield, asyncio.Eager())
				loop.CallSoon(func() { asyncio.Go(ctx, asyncio.Yield, asyncio.Eager()) })
				_ = asyncio.Yield(ctx)
				return asyncio.Sleep(ctx, time.Millisecond)
			})
		}
		canceled := asyncio.Go(ctx, asyncio.Yield)
		canceled.Cancel()
		return asyncio.Sleep(ctx, time.Second)
	}, asynctest.VirtualTime(), asyncio.Observe(&asyncio.Hooks{
		TaskSpawned: look, StepBegin: look, StepEnd: look, TaskBlocked: look, TaskWoken: look, TaskDone: look,
		PassBegin: look, PassEnd: look, Callback: look, Timer: look,
	}))
	if calls == 0 {
		t.Error("none was called")
	}
}

func TestGoexitInAHookOfAThreadEndsItsFunction(t *testing.T) {
	exit := func(asyncio.HookEvent) { runtime.Goexit() }
	for name, hooks := range map[string]*asyncio.Hooks{
		"ThreadBegin": {ThreadBegin: exit}, "ThreadEnd": {ThreadEnd: exit},
	} {
		t.Run(name, func(t *testing.T) {
			asynctest.MustEnd(t, func(ctx context.Context) error {
				_, err := asyncio.ToThread(ctx, asynctest.Value(1))
				if name == "ThreadBegin" {
					asynctest.ExpectIs(t, err, asyncio.ErrGoexit)
					return nil
				}
				return err
			}, asyncio.Observe(hooks))
		})
	}
}

// A hook is called on whatever stack the loop is on; no task may suffer.
func TestPanicInAHookIsReported(t *testing.T) {
	var heard asynctest.Reports
	bad := func(asyncio.HookEvent) { panic("bad hook") }
	err := asynctest.Run(t.Context(), func(ctx context.Context) error {
		a, b := asyncio.Go(ctx, asyncio.Yield), asyncio.Go(ctx, asyncio.Yield)
		_, _, err := asyncio.Gather2(ctx, a, b)
		if err != nil {
			return err
		}
		_, err = asyncio.ToThread(ctx, asynctest.Value(1))
		return err
	}, heard.Option(), asyncio.Observe(&asyncio.Hooks{
		TaskSpawned: bad, StepBegin: bad, StepEnd: bad, TaskBlocked: bad, TaskWoken: bad, TaskDone: bad,
		PassBegin: bad, PassEnd: bad, Callback: bad, Timer: bad, ThreadBegin: bad, ThreadEnd: bad,
	}))
	if err != nil {
		t.Errorf("Run returned %v", err)
	}
	all := heard.List()
	if len(all) == 0 {
		t.Error("nothing was reported")
	}
	for _, c := range all {
		if c.Message != "panic in a hook" {
			t.Errorf("an unexpected report: %v", c)
		}
	}
}
