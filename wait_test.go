//asyncio:ok dropped-iteration-error where the error is left out, no task fails, and it is counted what is yielded
package asyncio_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
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
			asyncio.CreateTask(ctx, asynctest.Later(3*time.Second, 3)),
			asyncio.CreateTask(ctx, asynctest.Later(time.Second, 1)),
			asyncio.CreateTask(ctx, asynctest.Later(2*time.Second, 2)),
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
			asynctest.OnLoop(t, func(ctx context.Context) {
				ws := start(ctx)
				var done, pending tasks
				took := asynctest.Elapsed(ctx, func() {
					var err error
					done, pending, err = asyncio.Wait(ctx, ws, c.when, c.timeout)
					asynctest.ExpectNil(t, err)
				})
				asynctest.ExpectEqual(t, "done", results(done), c.done)
				asynctest.ExpectEqual(t, "number", len(done)+len(pending), 3)
				asynctest.ExpectEqual(t, "time", took, c.took)
				for _, task := range pending {
					task.Cancel()
				}
			})
		})
	}

	t.Run("for the first exception returns when one fails, but not when one is canceled", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			ws := append(start(ctx), asyncio.CreateTask(ctx, asynctest.FailLater[int](2*time.Second, errBoom)))
			ws[1].Cancel()
			done, pending, err := asyncio.Wait(ctx, ws, asyncio.FirstException, 0)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "done and pending", fmt.Sprint(len(done), len(pending)), "3 1")
			asynctest.ExpectEqual(t, "last done", done[2] == ws[3] && pending[0] == ws[0], true)
		})
	})

	t.Run("cancels nothing when its task is canceled, and tells what is done", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ws := start(ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				done, pending, err := asyncio.Wait(ctx, ws, asyncio.AllCompleted, 0)
				asynctest.ExpectEqual(t, "done", results(done), "[1]")
				asynctest.ExpectEqual(t, "pending", len(pending), 2)
				return err
			})
			_ = asyncio.Sleep(ctx, 1500*time.Millisecond)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			for _, w := range ws {
				_, err := w.Await(ctx)
				asynctest.ExpectNil(t, err)
			}
		})
	})

	t.Run("returns at once for nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				done, pending, err := asyncio.Wait(ctx, tasks{}, asyncio.AllCompleted, 0)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "number", len(done)+len(pending), 0)
			}), 0)
		})
	})

	t.Run("takes futures, and both kinds of any type together", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[string](ctx)
			task := asyncio.CreateTask(ctx, asynctest.Value(1))
			done, pending, err := asyncio.Wait(ctx, []asyncio.Waitable{f, task}, asyncio.FirstCompleted, 0)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "done", len(done) == 1 && done[0] == asyncio.Waitable(task), true)
			asynctest.ExpectEqual(t, "pending", len(pending) == 1 && pending[0] == asyncio.Waitable(f), true)
		})
	})

	t.Run("counts one that is given twice once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			a, b := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 1)), asyncio.CreateTask(ctx, asynctest.Later(time.Minute, 2))
			took := asynctest.Elapsed(ctx, func() {
				_, _, err := asyncio.Wait(ctx, tasks{a, a, b}, asyncio.AllCompleted, 0)
				asynctest.ExpectNil(t, err)
			})
			asynctest.ExpectEqual(t, "time", took, time.Minute)
		})
	})

	t.Run("resumes two passes after the last end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			f := asyncio.NewFuture[int](ctx)
			var set uint64
			l.CallLater(time.Second, func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			_, _, _ = asyncio.Wait(ctx, []*asyncio.Future[int]{f}, asyncio.AllCompleted, 0)
			asynctest.ExpectEqual(t, "passes", l.Stats().Passes-set, 2)
			asynctest.ExpectEqual(t, "passes when all are done", asynctest.CountPasses(ctx, func() {
				_, _, _ = asyncio.Wait(ctx, []*asyncio.Future[int]{f}, asyncio.AllCompleted, 0)
			}), 2)
		})
	})

	t.Run("does not look at errors, except the first exception that it waits for", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			_, _, _ = asyncio.Wait(ctx, tasks{asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom))}, asyncio.AllCompleted, 0)
		})
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	t.Run("leaves nothing behind in what it waited for", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var event asyncio.Event
			slow := asyncio.Go(ctx, event.Wait)
			for range 100 {
				_, pending, err := asyncio.Wait(ctx, []*asyncio.Task[struct{}]{slow}, asyncio.AllCompleted, time.Second)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "pending", len(pending), 1)
			}
			event.Set()
			_ = asyncio.Yield(ctx)
			asynctest.ExpectEqual(t, "done", slow.Done(), true)
			asynctest.ExpectEqual(t, "events of its end", asyncio.RunningLoop(ctx).Stats().Ready, 0)
		})
	})
}

func TestWaitFor(t *testing.T) {
	t.Run("returns the result in time", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			n, err := asyncio.WaitFor(ctx, asynctest.Later(time.Second, 7), time.Minute)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("runs a coroutine in the calling task", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			me := asyncio.CurrentTask(ctx).ID
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				id, err := asyncio.WaitFor(ctx, asyncio.Coro[uint64](func(ctx context.Context) (uint64, error) {
					return asyncio.CurrentTask(ctx).ID, nil
				}), time.Minute)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "task", id, me)
			}), 0)
		})
	})

	t.Run("cancels a task or future when the time is over", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 7))
			_, err := asyncio.WaitFor(ctx, task, time.Second)
			asynctest.ExpectTimeout(t, err)
			asynctest.ExpectEqual(t, "task canceled", task.Canceled(), true)
			f := asyncio.NewFuture[int](ctx)
			_, err = asyncio.WaitFor(ctx, f, time.Second)
			asynctest.ExpectTimeout(t, err)
			asynctest.ExpectEqual(t, "future canceled", f.Canceled(), true)
		})
	})

	t.Run("waits for the clean-up", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			for name, aw := range map[string]func(c asyncio.Coro[string]) asyncio.Awaitable[string]{
				"coroutine": func(c asyncio.Coro[string]) asyncio.Awaitable[string] { return c },
				"task":      func(c asyncio.Coro[string]) asyncio.Awaitable[string] { return asyncio.CreateTask(ctx, c) },
			} {
				var d asynctest.Logbook
				took := asynctest.Elapsed(ctx, func() {
					_, err := asyncio.WaitFor(ctx, aw(asynctest.CleansUp(&d, name, time.Hour)), time.Second)
					asynctest.ExpectTimeout(t, err)
				})
				d.Expect(t, name+" is clean")
				asynctest.ExpectEqual(t, "time", took, time.Hour+time.Second)
			}
		})
	})

	t.Run("returns the result of what takes no notice of the cancellation", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			n, err := asyncio.WaitFor(ctx, asynctest.Stubborn(7), time.Second)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
			n, err = asyncio.WaitFor(ctx, asyncio.CreateTask(ctx, asynctest.Stubborn(8)), time.Second)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 8)
		})
	})

	t.Run("a failure is passed on", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.WaitFor(ctx, asynctest.Fail[int](errBoom), time.Second)
			asynctest.ExpectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("an outer cancellation is not a timeout, and cancels the task", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			inner := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 7))
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.WaitFor(ctx, inner, time.Minute)
				return err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectEqual(t, "inner canceled", inner.Canceled(), true)
		})
	})
}

func TestWaitForWithoutTime(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Second} {
		t.Run(fmt.Sprintf("%v: a coroutine is not started", d), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				_, err := asyncio.WaitFor(ctx, asyncio.Coro[int](func(context.Context) (int, error) {
					t.Error("it ran")
					return 0, nil
				}), d)
				asynctest.ExpectTimeout(t, err)
			})
		})

		t.Run(fmt.Sprintf("%v: what is done gives its result", d), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				done := asyncio.CreateTask(ctx, asynctest.Value(7), asyncio.Eager())
				asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
					n, err := asyncio.WaitFor(ctx, done, d)
					asynctest.ExpectNil(t, err)
					asynctest.ExpectEqual(t, "result", n, 7)
				}), 0)
			})
		})

		t.Run(fmt.Sprintf("%v: a task is canceled and awaited", d), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				var x asynctest.Logbook
				task := asyncio.CreateTask(ctx, asynctest.CleansUp(&x, "task", time.Hour))
				asynctest.Settle(ctx)
				_, err := asyncio.WaitFor(ctx, task, d)
				asynctest.ExpectTimeout(t, err)
				x.Expect(t, "task is clean")
				asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
			})
		})
	}

	t.Run("the result of a task that takes no notice is returned", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Stubborn(7))
			asynctest.Settle(ctx)
			n, err := asyncio.WaitFor(ctx, task, 0)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("an outer cancellation meanwhile wins, when the task has ended", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			inner := asyncio.CreateTask(ctx, asynctest.CleansUp(&d, "inner", time.Hour))
			asynctest.Settle(ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.WaitFor(ctx, inner, 0)
				return err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			d.Expect(t, "inner is clean")
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
		asynctest.OnLoop(t, func(ctx context.Context) {
			got := collect(ctx, asynctest.Later(3*time.Second, 3), asynctest.FailLater[int](2*time.Second, errBoom), asynctest.Later(time.Second, 1))
			asynctest.ExpectEqual(t, "yielded", got, "1 <nil>; 0 boom; 3 <nil>; ")
		})
	})

	t.Run("yields what is given twice once, and what was done first", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 1))
			done := asyncio.CreateTask(ctx, asynctest.Value(2), asyncio.Eager())
			asynctest.ExpectEqual(t, "yielded", collect(ctx, task, done, task, done), "2 <nil>; 1 <nil>; ")
		})
	})

	t.Run("yields nothing for nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) { asynctest.ExpectEqual(t, "yielded", collect(ctx), "") })
	})

	t.Run("starts coroutines at the call", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			seq := asyncio.AsCompleted(ctx, asyncio.Go(ctx, noted(&d, "a", time.Second)))
			_ = asyncio.Sleep(ctx, time.Minute)
			d.Expect(t, "a begins", "a ends: <nil>")
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				for range seq {
				}
			}), 0)
		})
	})

	t.Run("breaking out leaves the rest running", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			rest := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 2))
			for v := range asyncio.AsCompleted(ctx, rest, asynctest.Later(time.Second, 1)) {
				asynctest.ExpectEqual(t, "first", v, 1)
				break
			}
			n, err := rest.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 2)
		})
	})

	t.Run("can be ranged over once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			seq := asyncio.AsCompleted(ctx, asynctest.Value(1), asynctest.Value(2))
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
		asynctest.OnLoop(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 2))
			var d asynctest.Logbook
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for i, r := range asyncio.AsCompletedIndex(ctx, asyncio.Awaitable[int](slow), asynctest.Value(1)) {
					d.Add("%d: %d %v", i, r.Value, r.Err)
				}
				return ctx.Err()
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, _ = task.Await(ctx)
			d.Expect(t, "1: 1 <nil>", "-1: 0 asyncio: canceled")
			_, err := slow.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("a timeout around it ends it", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 2))
			err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				for _, err := range asyncio.AsCompleted(ctx, slow, asynctest.Later(time.Second, 1)) {
					if err != nil {
						return err
					}
				}
				return nil
			})
			asynctest.ExpectTimeout(t, err)
			asynctest.ExpectEqual(t, "done", slow.Done(), false)
		})
	})

	t.Run("with the index tells which it was", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			out := ""
			for i, r := range asyncio.AsCompletedIndex(ctx, asynctest.Later(2*time.Second, "a"), asynctest.Later(time.Second, "b"), asynctest.FailLater[string](3*time.Second, errBoom)) {
				out += fmt.Sprintf("%d%s%v ", i, r.Value, r.Err)
			}
			asynctest.ExpectEqual(t, "yielded", out, "1b<nil> 0a<nil> 2boom ")
		})
	})

	t.Run("outside a loop yields ErrNoRunningLoop", func(t *testing.T) {
		n := 0
		for _, err := range asyncio.AsCompleted(t.Context(), asynctest.Value(1)) {
			n++
			asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		}
		asynctest.ExpectEqual(t, "yielded", n, 1)
	})

	t.Run("resumes two passes after an end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			f := asyncio.NewFuture[int](ctx)
			var set uint64
			l.CallLater(time.Second, func() {
				set = l.Stats().Passes
				_ = f.SetResult(1)
			})
			for range asyncio.AsCompleted(ctx, f) {
				asynctest.ExpectEqual(t, "passes", l.Stats().Passes-set, 2)
			}
		})
	})
}
