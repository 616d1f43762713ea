package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestGather(t *testing.T) {
	t.Run("returns results in the order of the arguments", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				got, err := asyncio.Gather(ctx, asynctest.Later(3*time.Second, "a"), asynctest.Later(time.Second, "b"), asynctest.Later(2*time.Second, "c"))
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[a b c]")
			})
			asynctest.ExpectEqual(t, "time", took, 3*time.Second)
		})
	})

	t.Run("takes coroutines, tasks and futures", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			task := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 2))
			asyncio.RunningLoop(ctx).CallLater(time.Minute, func() { _ = f.SetResult(3) })
			got, err := asyncio.Gather(ctx, asynctest.Later(time.Second, 1), task, f)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[1 2 3]")
		})
	})

	t.Run("starts coroutines in the order of the arguments", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var order []int
			var cs []asyncio.Coro[int]
			for i := range 5 {
				cs = append(cs, func(context.Context) (int, error) {
					order = append(order, i)
					return i, nil
				})
			}
			_, _ = asyncio.Gather(ctx, asyncio.Awaitables(cs)...)
			asynctest.ExpectEqual(t, "in order", slices.Equal(order, []int{0, 1, 2, 3, 4}), true)
		})
	})

	t.Run("takes as many passes as in asyncio", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectEqual(t, "of nothing", asynctest.CountPasses(ctx, func() {
				got, err := asyncio.Gather[int](ctx)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "results", len(got), 0)
			}), 0)
			asynctest.ExpectEqual(t, "of a coroutine that does not suspend", asynctest.CountPasses(ctx, func() {
				_, _ = asyncio.Gather(ctx, asynctest.Value(1))
			}), 3)
			done := asyncio.CreateTask(ctx, asynctest.Value(1), asyncio.Eager())
			asynctest.ExpectEqual(t, "of what is done", asynctest.CountPasses(ctx, func() { _, _ = asyncio.Gather(ctx, done, done) }), 0)
		})
	})

	t.Run("awaits a task or future once that is given twice, and runs a coroutine twice", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			runs := 0
			counted := asyncio.Coro[int](func(context.Context) (int, error) {
				runs++
				return runs, nil
			})
			task := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 10))
			got, err := asyncio.Gather(ctx, task, counted, task, counted)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[10 1 10 2]")
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop and starts nothing", func(t *testing.T) {
		_, err := asyncio.Gather(t.Context(), asynctest.Value(1))
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		_, _, err = asyncio.Gather2(t.Context(), asynctest.Value(1), asynctest.Value(1))
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		_, _, _, err = asyncio.Gather3(t.Context(), asynctest.Value(1), asynctest.Value(1), asynctest.Value(1))
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		_, err = asyncio.GatherSettled(t.Context(), asynctest.Value(1))
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		_, err = asyncio.Race(t.Context(), asynctest.Value(1))
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		_, err = asyncio.Any(t.Context(), asynctest.Value(1))
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
	})

	t.Run("panics on nil", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() { _, _ = asyncio.Gather[int](ctx, nil) })
			asynctest.ExpectPanic(t, func() { _, _ = asyncio.Gather[int](ctx, asyncio.Coro[int](nil)) })
		})
	})
}

func TestGatherFailure(t *testing.T) {
	t.Run("returns the first error at once, and the others run on", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 1))
			took := asynctest.Elapsed(ctx, func() {
				_, err := asyncio.Gather(ctx, slow, asynctest.FailLater[int](time.Second, errBoom))
				asynctest.ExpectEqual(t, "error", err, errBoom)
			})
			asynctest.ExpectEqual(t, "time", took, time.Second)
			n, err := slow.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 1)
		})
	})

	t.Run("leaves the others alone when its task is canceled later", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 1))
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, slow, asynctest.Fail[int](errBoom))
				asynctest.ExpectEqual(t, "error", err, errBoom)
				return asynctest.SleepForever(ctx)
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := slow.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("a later error that no one looks at is reported", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			_, err := asyncio.Gather(ctx, asynctest.Fail[int](errBoom), asynctest.FailLater[int](time.Second, errOther))
			asynctest.ExpectEqual(t, "error", err, errBoom)
			_ = asyncio.Sleep(ctx, time.Minute)
		})
		if len(reports) != 1 || reports[0].Err != errOther {
			t.Errorf("reported: %v", reports)
		}
	})

	t.Run("a child that is canceled is an error as well, and the task goes on", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			child := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 1))
			other := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 2))
			asyncio.RunningLoop(ctx).CallSoon(func() { child.Cancel() })
			_, err := asyncio.Gather(ctx, child, other)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectNil(t, ctx.Err())
			_, err = other.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("what had failed before is told at once", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			failed := asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom), asyncio.Eager())
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				_, err := asyncio.Gather(ctx, asynctest.Later(time.Second, 1), failed)
				asynctest.ExpectEqual(t, "error", err, errBoom)
			}), 0)
		})
	})
}

// gatherings run a Gather of any kind over tasks.
var gatherings = map[string]func(ctx context.Context, a, b *asyncio.Task[string]) error{
	"Gather": func(ctx context.Context, a, b *asyncio.Task[string]) error {
		_, err := asyncio.Gather(ctx, a, b)
		return err
	},
	"Gather2": func(ctx context.Context, a, b *asyncio.Task[string]) error {
		_, _, err := asyncio.Gather2(ctx, a, b)
		return err
	},
	"Gather3": func(ctx context.Context, a, b *asyncio.Task[string]) error {
		_, _, _, err := asyncio.Gather3(ctx, a, b, a)
		return err
	},
	"GatherSettled": func(ctx context.Context, a, b *asyncio.Task[string]) error {
		_, err := asyncio.GatherSettled(ctx, a, b)
		return err
	},
	"Race": func(ctx context.Context, a, b *asyncio.Task[string]) error {
		_, err := asyncio.Race(ctx, a, b)
		return err
	},
	"Any": func(ctx context.Context, a, b *asyncio.Task[string]) error {
		_, err := asyncio.Any(ctx, a, b)
		return err
	},
}

func TestCanceledGatherings(t *testing.T) {
	for name, gather := range gatherings {
		t.Run(name+" cancels all and returns when they have ended", func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				var d asynctest.Logbook
				a := asyncio.CreateTask(ctx, asynctest.CleansUp(&d, "a", time.Minute))
				b := asyncio.CreateTask(ctx, asynctest.CleansUp(&d, "b", time.Hour))
				task := asyncio.Go(ctx, func(ctx context.Context) error { return gather(ctx, a, b) })
				asynctest.Settle(ctx)
				for range 3 {
					task.Cancel()
					_ = asyncio.Sleep(ctx, time.Second)
				}
				took := asynctest.Elapsed(ctx, func() {
					_, err := task.Await(ctx)
					asynctest.ExpectCanceled(t, err)
				})
				asynctest.ExpectEqual(t, "time", took, time.Hour-3*time.Second)
				d.Expect(t, "a is clean", "b is clean")
			})
		})

		t.Run(name+" cancels all on a context that is canceled before, done or not", func(t *testing.T) {
			for _, first := range []asyncio.Coro[string]{asynctest.Later(time.Hour, ""), asynctest.Fail[string](errBoom), asynctest.Value("")} {
				asynctest.OnLoop(t, func(ctx context.Context) { gatherOnCanceled(t, ctx, gather, first) })
			}
		})
	}

	for _, name := range []string{"Gather", "Gather2", "Gather3", "GatherSettled"} {
		t.Run(name+" ends canceled even if all children took no notice", func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				a, b := asyncio.CreateTask(ctx, asynctest.Stubborn("a")), asyncio.CreateTask(ctx, asynctest.Stubborn("b"))
				task := asyncio.Go(ctx, func(ctx context.Context) error { return gatherings[name](ctx, a, b) })
				asynctest.Settle(ctx)
				task.Cancel()
				_, err := task.Await(ctx)
				asynctest.ExpectCanceled(t, err)
				asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
			})
		})
	}

	t.Run("an error of a child is not hidden", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
					_ = asynctest.SleepForever(ctx)
					return 0, errBoom
				}), asynctest.Later(time.Hour, 1))
				return err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("results that are all there are not lost", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			a, b := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) ([]int, error) { return asyncio.Gather(ctx, a, b) })
			asynctest.Settle(ctx)
			_, _ = a.SetResult(1), b.SetResult(2)
			task.Cancel()
			got, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[1 2]")
		})
	})

	t.Run("an error that has been decided on is not lost", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			other := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 1))
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, f, other)
				return err
			})
			asynctest.Settle(ctx)
			_ = f.SetError(errBoom)
			f.AddDoneCallback(func(*asyncio.Future[int]) { task.Cancel() }) // after Gather's own
			_, err := task.Await(ctx)
			asynctest.ExpectEqual(t, "error", err, errBoom)
			_, err = other.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})
}

func gatherOnCanceled(t *testing.T, ctx context.Context, gather func(ctx context.Context, a, b *asyncio.Task[string]) error, first asyncio.Coro[string]) {
	t.Helper()
	a, b := asyncio.CreateTask(ctx, first), asyncio.CreateTask(ctx, asynctest.Later(time.Hour, ""))
	asynctest.Settle(ctx)
	_, _ = a.Result()
	task := asyncio.Go(ctx, func(ctx context.Context) error {
		_ = asynctest.SleepForever(ctx)
		return gather(ctx, a, b)
	})
	asynctest.Settle(ctx)
	task.Cancel()
	_, err := task.Await(ctx)
	asynctest.ExpectCanceled(t, err)
	asynctest.ExpectEqual(t, "a done", a.Done(), true)
	asynctest.ExpectEqual(t, "b canceled", b.Canceled(), true)
	_ = a.Err()
}

func TestGatherTyped(t *testing.T) {
	t.Run("two types", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			n, s, err := asyncio.Gather2(ctx, asynctest.Later(time.Second, 1), asyncio.CreateTask(ctx, asynctest.Later(time.Second, "b")))
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(n, s), "1b")
		})
	})

	t.Run("three types", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			n, s, x, err := asyncio.Gather3(ctx, asynctest.Later(time.Second, 1), asynctest.Value("b"), asynctest.Value(2.5))
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(n, s, x), "1b2.5")
		})
	})

	t.Run("the first error ends them at once", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				_, _, err := asyncio.Gather2(ctx, asynctest.Later(time.Hour, 1), asynctest.FailLater[string](time.Second, errBoom))
				asynctest.ExpectEqual(t, "error", err, errBoom)
				_, _, _, err = asyncio.Gather3(ctx, asynctest.Later(time.Hour, 1), asynctest.FailLater[string](time.Second, errOther), asynctest.Value(1))
				asynctest.ExpectEqual(t, "error", err, errOther)
			})
			asynctest.ExpectEqual(t, "time", took, 2*time.Second)
		})
	})

	t.Run("a task given twice is awaited once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 7))
			a, b, err := asyncio.Gather2(ctx, task, task)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(a, b), "7 7")
		})
	})
}

func TestGatherSettled(t *testing.T) {
	t.Run("takes errors as results and waits for all", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			canceled := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 3))
			canceled.Cancel()
			took := asynctest.Elapsed(ctx, func() {
				got, err := asyncio.GatherSettled(ctx, asynctest.Later(time.Minute, 1), asynctest.Fail[int](errBoom), canceled)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[{1 <nil>} {0 boom} {0 asyncio: canceled}]")
			})
			asynctest.ExpectEqual(t, "time", took, time.Minute)
		})
	})

	t.Run("of nothing returns at once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			got, err := asyncio.GatherSettled[int](ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", len(got), 0)
		})
	})

	t.Run("when it is canceled still tells how all have ended", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got []asyncio.Result[int]
			task := asyncio.Go(ctx, func(ctx context.Context) (err error) {
				got, err = asyncio.GatherSettled(ctx, asynctest.Value(1), asynctest.Stubborn(2), asynctest.Later(time.Hour, 3))
				return err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectEqual(t, "first two", fmt.Sprint(got[:2]), "[{1 <nil>} {2 <nil>}]")
			asynctest.ExpectCanceled(t, got[2].Err)
		})
	})
}

func TestRace(t *testing.T) {
	t.Run("returns the first result, when the others have ended", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			took := asynctest.Elapsed(ctx, func() {
				got, err := asyncio.Race(ctx, asynctest.CleansUp(&d, "loser", time.Minute), asynctest.Later(time.Second, "winner"))
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "result", got, "winner")
			})
			asynctest.ExpectEqual(t, "time", took, time.Minute+time.Second)
			d.Expect(t, "loser is clean")
		})
	})

	t.Run("returns the first error", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.Race(ctx, asynctest.Later(time.Hour, 1), asynctest.FailLater[int](time.Second, errBoom))
			asynctest.ExpectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("of two that end in one pass, the first wins", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			got, err := asyncio.Race(ctx, asynctest.Value(1), asynctest.Value(2))
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", got, 1)
		})
	})

	t.Run("what is done already wins", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			done := asyncio.CreateTask(ctx, asynctest.Value(2), asyncio.Eager())
			loser := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 1))
			got, err := asyncio.Race(ctx, loser, done)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", got, 2)
			asynctest.ExpectEqual(t, "loser canceled", loser.Canceled(), true)
		})
	})

	t.Run("of nothing is an error", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.Race[int](ctx)
			asynctest.ExpectIs(t, err, asyncio.ErrNoAwaitables)
		})
	})

	t.Run("the result that has been decided on is not lost to a cancellation", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
				return asyncio.Race(ctx, asynctest.CleansUp(&d, "loser", time.Hour), asynctest.Later(time.Second, "winner"))
			})
			_ = asyncio.Sleep(ctx, time.Minute)
			task.Cancel()
			got, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", got, "winner")
			d.Expect(t, "loser is clean")
		})
	})

	t.Run("a loser that fails in its clean-up is reported", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			_, err := asyncio.Race(ctx, asynctest.Value(1), asyncio.Coro[int](func(ctx context.Context) (int, error) {
				_ = asynctest.SleepForever(ctx)
				return 0, errBoom
			}))
			asynctest.ExpectNil(t, err)
		})
		if len(reports) != 1 || reports[0].Err != errBoom {
			t.Errorf("reported: %v", reports)
		}
	})
}

func TestAny(t *testing.T) {
	t.Run("returns the first success, when the others have ended", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			took := asynctest.Elapsed(ctx, func() {
				got, err := asyncio.Any(ctx, asynctest.CleansUp(&d, "loser", time.Minute), asynctest.Later(2*time.Second, "winner"))
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "result", got, "winner")
			})
			asynctest.ExpectEqual(t, "time", took, time.Minute+2*time.Second)
			d.Expect(t, "loser is clean")
		})
	})

	t.Run("passes over failures and cancellations", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			failed := asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom))
			canceled := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 1))
			canceled.Cancel()
			got, err := asyncio.Any(ctx, failed, canceled, asynctest.Later(time.Minute, 2))
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", got, 2)
			_ = failed.Err()
		})
	})

	t.Run("returns all errors, in the order of the arguments, if none succeeds", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.Any(ctx, asynctest.FailLater[int](time.Minute, errBoom), asynctest.Fail[int](errOther))
			asynctest.ExpectGroup(t, err, errBoom, errOther)
		})
	})

	t.Run("of nothing is an error", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.Any[int](ctx)
			asynctest.ExpectIs(t, err, asyncio.ErrNoAwaitables)
		})
	})

	t.Run("is not canceled by children that all were", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			child := asyncio.CreateTask(ctx, asynctest.Later(time.Hour, 1))
			child.Cancel()
			_, err := asyncio.Any(ctx, child)
			asynctest.ExpectIs(t, err, asyncio.ErrCanceled)
			asynctest.ExpectNil(t, ctx.Err())
		})
	})
}

func TestAwaitables(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		var tasks []*asyncio.Task[int]
		for i := range 3 {
			tasks = append(tasks, asyncio.CreateTask(ctx, asynctest.Later(time.Second, i)))
		}
		got, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
		asynctest.ExpectNil(t, err)
		asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[0 1 2]")
		asynctest.ExpectEqual(t, "of nothing", len(asyncio.Awaitables([]asyncio.Coro[int]{})), 0)
	})
}

func TestAnyPassesOverErrors(t *testing.T) {
	fails := asyncio.Coro[int](func(context.Context) (int, error) { return 0, errBoom })
	succeeds := asyncio.Coro[int](func(ctx context.Context) (int, error) { return 7, asyncio.Sleep(ctx, time.Second) })
	reports := asynctest.ReportsOf(t, func(ctx context.Context) {
		got, err := asyncio.Any(ctx, fails, succeeds)
		asynctest.ExpectNil(t, err)
		asynctest.ExpectEqual(t, "the result", got, 7)
	})
	asynctest.ExpectEqual(t, "the number of reports", len(reports), 0)
}

func TestAnyThatIsCanceledLosesNoError(t *testing.T) {
	var heard asynctest.Reports
	err := asynctest.Run(t.Context(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.Any(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
				_ = asynctest.SleepForever(ctx)
				return 0, errBoom
			}))
			return err
		}, asyncio.Eager())
		asynctest.Settle(ctx)
		task.Cancel()
		_, err := task.Await(ctx)
		return err
	}, heard.Option())
	if !errors.Is(err, asyncio.ErrCanceled) {
		t.Errorf("Run returned %v", err)
	}
	heard.Expect(t, errBoom.Error())
}
