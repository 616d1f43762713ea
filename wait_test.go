package asyncio_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

// results lists those of tasks.
func results(tasks []*asyncio.Task[int]) string {
	out := []int{}
	for _, task := range tasks {
		n, _ := task.Result()
		out = append(out, n)
	}
	return fmt.Sprint(out)
}

func TestWait(t *testing.T) {
	type tasks = []*asyncio.Task[int]
	start := func(ctx context.Context) tasks {
		return tasks{
			asyncio.CreateTask(ctx, later(3*time.Second, 3)),
			asyncio.CreateTask(ctx, later(time.Second, 1)),
			asyncio.CreateTask(ctx, later(2*time.Second, 2)),
		}
	}
	cases := []struct {
		name    string
		when    asyncio.ReturnWhen
		timeout time.Duration
		done    string
		took    time.Duration
	}{
		{"for all", asyncio.AllCompleted, 0, "[3 1 2]", 3 * time.Second},
		{"for all, with a timeout that is long enough", asyncio.AllCompleted, time.Hour, "[3 1 2]", 3 * time.Second},
		{"for all, with one that is not", asyncio.AllCompleted, 2500 * time.Millisecond, "[1 2]", 2500 * time.Millisecond},
		{"for the first", asyncio.FirstCompleted, 0, "[1]", time.Second},
		{"for the first exception when there is none", asyncio.FirstException, 0, "[3 1 2]", 3 * time.Second},
		{"with a negative timeout does not wait", asyncio.AllCompleted, -1, "[]", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			onLoop(t, func(ctx context.Context) {
				ws := start(ctx)
				var done, pending tasks
				took := elapsed(ctx, func() {
					var err error
					done, pending, err = asyncio.Wait(ctx, ws, c.when, c.timeout)
					expectNil(t, err)
				})
				expectEqual(t, "done", results(done), c.done)
				expectEqual(t, "number", len(done)+len(pending), 3)
				expectEqual(t, "time", took, c.took)
				for _, task := range pending {
					task.Cancel()
				}
			})
		})
	}

	t.Run("for the first exception returns when one fails, but not when one is canceled", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			ws := append(start(ctx), asyncio.CreateTask(ctx, failLater[int](2*time.Second, errBoom)))
			ws[1].Cancel()
			done, pending, err := asyncio.Wait(ctx, ws, asyncio.FirstException, 0)
			expectNil(t, err)
			expectEqual(t, "done and pending", fmt.Sprint(len(done), len(pending)), "3 1")
			expectEqual(t, "last done", done[2] == ws[3] && pending[0] == ws[0], true)
		})
	})

	t.Run("cancels nothing when its task is canceled, and tells what is done", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			ws := start(ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				done, pending, err := asyncio.Wait(ctx, ws, asyncio.AllCompleted, 0)
				expectEqual(t, "done", results(done), "[1]")
				expectEqual(t, "pending", len(pending), 2)
				return err
			})
			_ = asyncio.Sleep(ctx, 1500*time.Millisecond)
			task.Cancel()
			_, err := task.Await(ctx)
			expectCanceled(t, err)
			for _, w := range ws {
				_, err := w.Await(ctx)
				expectNil(t, err)
			}
		})
	})

	t.Run("returns at once for nothing", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			expectEqual(t, "passes", passes(ctx, func() {
				done, pending, err := asyncio.Wait(ctx, tasks{}, asyncio.AllCompleted, 0)
				expectNil(t, err)
				expectEqual(t, "number", len(done)+len(pending), 0)
			}), 0)
		})
	})

	t.Run("takes futures, and both kinds of any type together", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[string](ctx)
			task := asyncio.CreateTask(ctx, value(1))
			done, pending, err := asyncio.Wait(ctx, []asyncio.Waitable{f, task}, asyncio.FirstCompleted, 0)
			expectNil(t, err)
			expectEqual(t, "done", len(done) == 1 && done[0] == asyncio.Waitable(task), true)
			expectEqual(t, "pending", len(pending) == 1 && pending[0] == asyncio.Waitable(f), true)
		})
	})

	t.Run("counts one that is given twice once", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, later(time.Second, 1)), asyncio.CreateTask(ctx, later(time.Minute, 2))
			took := elapsed(ctx, func() {
				_, _, err := asyncio.Wait(ctx, tasks{a, a, b}, asyncio.AllCompleted, 0)
				expectNil(t, err)
			})
			expectEqual(t, "time", took, time.Minute)
		})
	})

	t.Run("resumes two passes after the last end", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			f := asyncio.NewFuture[int](ctx)
			var set uint64
			l.CallLater(time.Second, func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			_, _, _ = asyncio.Wait(ctx, []*asyncio.Future[int]{f}, asyncio.AllCompleted, 0)
			expectEqual(t, "passes", l.Stats().Passes-set, 2)
			expectEqual(t, "passes when all are done", passes(ctx, func() {
				_, _, _ = asyncio.Wait(ctx, []*asyncio.Future[int]{f}, asyncio.AllCompleted, 0)
			}), 2)
		})
	})

	t.Run("does not look at errors, except the first exception that it waits for", func(t *testing.T) {
		reports := reportsOf(t, func(ctx context.Context) {
			_, _, _ = asyncio.Wait(ctx, tasks{asyncio.CreateTask(ctx, fail[int](errBoom))}, asyncio.AllCompleted, 0)
		})
		expectEqual(t, "reports", len(reports), 1)
	})

	t.Run("leaves nothing behind in what it waited for", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var event asyncio.Event
			slow := asyncio.Go(ctx, event.Wait)
			for range 100 {
				_, pending, err := asyncio.Wait(ctx, []*asyncio.Task[struct{}]{slow}, asyncio.AllCompleted, time.Second)
				expectNil(t, err)
				expectEqual(t, "pending", len(pending), 1)
			}
			event.Set()
			_ = asyncio.Yield(ctx)
			expectEqual(t, "done", slow.Done(), true)
			expectEqual(t, "events of its end", asyncio.RunningLoop(ctx).Stats().Ready, 0)
		})
	})
}

func TestWaitFor(t *testing.T) {
	t.Run("returns the result in time", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			n, err := asyncio.WaitFor(ctx, later(time.Second, 7), time.Minute)
			expectNil(t, err)
			expectEqual(t, "result", n, 7)
		})
	})

	t.Run("runs a coroutine in the calling task", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			me := asyncio.CurrentTask(ctx).ID
			expectEqual(t, "passes", passes(ctx, func() {
				id, err := asyncio.WaitFor(ctx, asyncio.Coro[uint64](func(ctx context.Context) (uint64, error) {
					return asyncio.CurrentTask(ctx).ID, nil
				}), time.Minute)
				expectNil(t, err)
				expectEqual(t, "task", id, me)
			}), 0)
		})
	})

	t.Run("cancels a task or future when the time is over", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, later(time.Hour, 7))
			_, err := asyncio.WaitFor(ctx, task, time.Second)
			expectTimeout(t, err)
			expectEqual(t, "task canceled", task.Canceled(), true)
			f := asyncio.NewFuture[int](ctx)
			_, err = asyncio.WaitFor(ctx, f, time.Second)
			expectTimeout(t, err)
			expectEqual(t, "future canceled", f.Canceled(), true)
		})
	})

	t.Run("waits for the clean-up", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			for name, aw := range map[string]func(c asyncio.Coro[string]) asyncio.Awaitable[string]{
				"coroutine": func(c asyncio.Coro[string]) asyncio.Awaitable[string] { return c },
				"task":      func(c asyncio.Coro[string]) asyncio.Awaitable[string] { return asyncio.CreateTask(ctx, c) },
			} {
				var d logbook
				took := elapsed(ctx, func() {
					_, err := asyncio.WaitFor(ctx, aw(cleansUp(&d, name, time.Hour)), time.Second)
					expectTimeout(t, err)
				})
				d.expect(t, name+" is clean")
				expectEqual(t, "time", took, time.Hour+time.Second)
			}
		})
	})

	t.Run("returns the result of what takes no notice of the cancellation", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			n, err := asyncio.WaitFor(ctx, stubborn(7), time.Second)
			expectNil(t, err)
			expectEqual(t, "result", n, 7)
			n, err = asyncio.WaitFor(ctx, asyncio.CreateTask(ctx, stubborn(8)), time.Second)
			expectNil(t, err)
			expectEqual(t, "result", n, 8)
		})
	})

	t.Run("a failure is passed on", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			_, err := asyncio.WaitFor(ctx, fail[int](errBoom), time.Second)
			expectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("an outer cancellation is not a timeout, and cancels the task", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			inner := asyncio.CreateTask(ctx, later(time.Hour, 7))
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.WaitFor(ctx, inner, time.Minute)
				return err
			})
			settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			expectCanceled(t, err)
			expectEqual(t, "inner canceled", inner.Canceled(), true)
		})
	})
}

func TestWaitForWithoutTime(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		t.Run(fmt.Sprintf("%v: a coroutine is not started", d), func(t *testing.T) {
			onLoop(t, func(ctx context.Context) {
				_, err := asyncio.WaitFor(ctx, asyncio.Coro[int](func(context.Context) (int, error) {
					t.Error("it ran")
					return 0, nil
				}), d)
				expectTimeout(t, err)
			})
		})

		t.Run(fmt.Sprintf("%v: what is done gives its result", d), func(t *testing.T) {
			onLoop(t, func(ctx context.Context) {
				done := asyncio.CreateTask(ctx, value(7), asyncio.Eager())
				expectEqual(t, "passes", passes(ctx, func() {
					n, err := asyncio.WaitFor(ctx, done, d)
					expectNil(t, err)
					expectEqual(t, "result", n, 7)
				}), 0)
			})
		})

		t.Run(fmt.Sprintf("%v: a task is canceled and awaited", d), func(t *testing.T) {
			onLoop(t, func(ctx context.Context) {
				var x logbook
				task := asyncio.CreateTask(ctx, cleansUp(&x, "task", time.Hour))
				settle(ctx)
				_, err := asyncio.WaitFor(ctx, task, d)
				expectTimeout(t, err)
				x.expect(t, "task is clean")
				expectEqual(t, "canceled", task.Canceled(), true)
			})
		})
	}

	t.Run("the result of a task that takes no notice is returned", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, stubborn(7))
			settle(ctx)
			n, err := asyncio.WaitFor(ctx, task, 0)
			expectNil(t, err)
			expectEqual(t, "result", n, 7)
		})
	})

	t.Run("an outer cancellation meanwhile wins, when the task has ended", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			inner := asyncio.CreateTask(ctx, cleansUp(&d, "inner", time.Hour))
			settle(ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.WaitFor(ctx, inner, 0)
				return err
			})
			settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			expectCanceled(t, err)
			d.expect(t, "inner is clean")
		})
	})
}

func TestAsCompleted(t *testing.T) {
	collect := func(ctx context.Context, aws ...asyncio.Awaitable[int]) string {
		out := ""
		for v, err := range asyncio.AsCompleted(ctx, aws...) {
			out += fmt.Sprintf("%d %v; ", v, err)
		}
		return out
	}

	t.Run("yields in the order of the ends", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			got := collect(ctx, later(3*time.Second, 3), failLater[int](2*time.Second, errBoom), later(time.Second, 1))
			expectEqual(t, "yielded", got, "1 <nil>; 0 boom; 3 <nil>; ")
		})
	})

	t.Run("yields what is given twice once, and what was done first", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, later(time.Second, 1))
			done := asyncio.CreateTask(ctx, value(2), asyncio.Eager())
			expectEqual(t, "yielded", collect(ctx, task, done, task, done), "2 <nil>; 1 <nil>; ")
		})
	})

	t.Run("yields nothing for nothing", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) { expectEqual(t, "yielded", collect(ctx), "") })
	})

	t.Run("starts coroutines at the call", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			seq := asyncio.AsCompleted(ctx, asyncio.Go(ctx, noted(&d, "a", time.Second)))
			_ = asyncio.Sleep(ctx, time.Minute)
			d.expect(t, "a begins", "a ends: <nil>")
			expectEqual(t, "passes", passes(ctx, func() {
				for range seq {
				}
			}), 0)
		})
	})

	t.Run("breaking out leaves the rest running", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			rest := asyncio.CreateTask(ctx, later(time.Hour, 2))
			for v := range asyncio.AsCompleted(ctx, rest, later(time.Second, 1)) {
				expectEqual(t, "first", v, 1)
				break
			}
			n, err := rest.Await(ctx)
			expectNil(t, err)
			expectEqual(t, "result", n, 2)
		})
	})

	t.Run("can be ranged over once", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			seq := asyncio.AsCompleted(ctx, value(1), value(2))
			for range 2 {
				for range seq {
					break
				}
			}
			for range seq {
				t.Error("yielded again")
			}
		})
	})

	t.Run("when it is canceled yields that, and cancels nothing", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, later(time.Hour, 2))
			var d logbook
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for i, r := range asyncio.AsCompletedIndex(ctx, asyncio.Awaitable[int](slow), value(1)) {
					d.add("%d: %d %v", i, r.Value, r.Err)
				}
				return ctx.Err()
			})
			settle(ctx)
			task.Cancel()
			_, _ = task.Await(ctx)
			d.expect(t, "1: 1 <nil>", "-1: 0 asyncio: canceled")
			_, err := slow.Await(ctx)
			expectNil(t, err)
		})
	})

	t.Run("a timeout around it ends it", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, later(time.Hour, 2))
			err := within(ctx, time.Minute, func(ctx context.Context) error {
				for _, err := range asyncio.AsCompleted(ctx, slow, later(time.Second, 1)) {
					if err != nil {
						return err
					}
				}
				return nil
			})
			expectTimeout(t, err)
			expectEqual(t, "done", slow.Done(), false)
		})
	})

	t.Run("with the index tells which it was", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			out := ""
			for i, r := range asyncio.AsCompletedIndex(ctx, later(2*time.Second, "a"), later(time.Second, "b"), failLater[string](3*time.Second, errBoom)) {
				out += fmt.Sprintf("%d%s%v ", i, r.Value, r.Err)
			}
			expectEqual(t, "yielded", out, "1b<nil> 0a<nil> 2boom ")
		})
	})

	t.Run("outside a loop yields ErrNoRunningLoop", func(t *testing.T) {
		n := 0
		for _, err := range asyncio.AsCompleted(t.Context(), value(1)) {
			n++
			expectIs(t, err, asyncio.ErrNoRunningLoop)
		}
		expectEqual(t, "yielded", n, 1)
	})

	t.Run("resumes two passes after an end", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			f := asyncio.NewFuture[int](ctx)
			var set uint64
			l.CallLater(time.Second, func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			for range asyncio.AsCompleted(ctx, f) {
				expectEqual(t, "passes", l.Stats().Passes-set, 2)
			}
		})
	})
}
