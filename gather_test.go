package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

func TestGather(t *testing.T) {
	t.Run("returns results in the order of the arguments", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			took := elapsed(ctx, func() {
				got, err := asyncio.Gather(ctx, later(3*time.Second, "a"), later(time.Second, "b"), later(2*time.Second, "c"))
				expectNil(t, err)
				expectEqual(t, "results", fmt.Sprint(got), "[a b c]")
			})
			expectEqual(t, "time", took, 3*time.Second)
		})
	})

	t.Run("takes coroutines, tasks and futures", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			task := asyncio.CreateTask(ctx, later(time.Second, 2))
			asyncio.RunningLoop(ctx).CallLater(time.Minute, func() { _ = f.SetResult(3) })
			got, err := asyncio.Gather(ctx, later(time.Second, 1), task, f)
			expectNil(t, err)
			expectEqual(t, "results", fmt.Sprint(got), "[1 2 3]")
		})
	})

	t.Run("starts coroutines in the order of the arguments", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var order []int
			var cs []asyncio.Coro[int]
			for i := range 5 {
				cs = append(cs, func(context.Context) (int, error) {
					order = append(order, i)
					return i, nil
				})
			}
			_, _ = asyncio.Gather(ctx, asyncio.Awaitables(cs)...)
			expectEqual(t, "in order", slices.Equal(order, []int{0, 1, 2, 3, 4}), true)
		})
	})

	t.Run("takes as many passes as in asyncio", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			expectEqual(t, "of nothing", passes(ctx, func() {
				got, err := asyncio.Gather[int](ctx)
				expectNil(t, err)
				expectEqual(t, "results", len(got), 0)
			}), 0)
			expectEqual(t, "of a coroutine that does not suspend", passes(ctx, func() {
				_, _ = asyncio.Gather(ctx, value(1))
			}), 3)
			done := asyncio.CreateTask(ctx, value(1), asyncio.Eager())
			expectEqual(t, "of what is done", passes(ctx, func() { _, _ = asyncio.Gather(ctx, done, done) }), 0)
		})
	})

	t.Run("awaits a task or future once that is given twice, and runs a coroutine twice", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			runs := 0
			counted := asyncio.Coro[int](func(context.Context) (int, error) {
				runs++
				return runs, nil
			})
			task := asyncio.CreateTask(ctx, later(time.Second, 10))
			got, err := asyncio.Gather(ctx, task, counted, task, counted)
			expectNil(t, err)
			expectEqual(t, "results", fmt.Sprint(got), "[10 1 10 2]")
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop and starts nothing", func(t *testing.T) {
		_, err := asyncio.Gather(t.Context(), value(1))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
		_, _, err = asyncio.Gather2(t.Context(), value(1), value(1))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
		_, _, _, err = asyncio.Gather3(t.Context(), value(1), value(1), value(1))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
		_, err = asyncio.GatherSettled(t.Context(), value(1))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
		_, err = asyncio.Race(t.Context(), value(1))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
		_, err = asyncio.Any(t.Context(), value(1))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
	})

	t.Run("panics on nil", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			expectPanic(t, func() { _, _ = asyncio.Gather[int](ctx, nil) })
			expectPanic(t, func() { _, _ = asyncio.Gather[int](ctx, asyncio.Coro[int](nil)) })
		})
	})
}

func TestGatherFailure(t *testing.T) {
	t.Run("returns the first error at once, and the others run on", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, later(time.Hour, 1))
			took := elapsed(ctx, func() {
				_, err := asyncio.Gather(ctx, slow, failLater[int](time.Second, errBoom))
				expectEqual(t, "error", err, errBoom)
			})
			expectEqual(t, "time", took, time.Second)
			n, err := slow.Await(ctx)
			expectNil(t, err)
			expectEqual(t, "result", n, 1)
		})
	})

	t.Run("leaves the others alone when its task is canceled later", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			slow := asyncio.CreateTask(ctx, later(time.Hour, 1))
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, slow, fail[int](errBoom))
				expectEqual(t, "error", err, errBoom)
				return sleepForever(ctx)
			})
			settle(ctx)
			task.Cancel()
			_, err := slow.Await(ctx)
			expectNil(t, err)
		})
	})

	t.Run("a later error that no one looks at is reported", func(t *testing.T) {
		reports := reportsOf(t, func(ctx context.Context) {
			_, err := asyncio.Gather(ctx, fail[int](errBoom), failLater[int](time.Second, errOther))
			expectEqual(t, "error", err, errBoom)
			_ = asyncio.Sleep(ctx, time.Minute)
		})
		if len(reports) != 1 || reports[0].Err != errOther {
			t.Errorf("reported: %v", reports)
		}
	})

	t.Run("a child that is canceled is an error as well, and the task goes on", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			child := asyncio.CreateTask(ctx, later(time.Hour, 1))
			other := asyncio.CreateTask(ctx, later(time.Hour, 2))
			asyncio.RunningLoop(ctx).CallSoon(func() { child.Cancel() })
			_, err := asyncio.Gather(ctx, child, other)
			expectCanceled(t, err)
			expectNil(t, ctx.Err())
			_, err = other.Await(ctx)
			expectNil(t, err)
		})
	})

	t.Run("what had failed before is told at once", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			failed := asyncio.CreateTask(ctx, fail[int](errBoom), asyncio.Eager())
			expectEqual(t, "passes", passes(ctx, func() {
				_, err := asyncio.Gather(ctx, later(time.Second, 1), failed)
				expectEqual(t, "error", err, errBoom)
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
			onLoop(t, func(ctx context.Context) {
				var d logbook
				a := asyncio.CreateTask(ctx, cleansUp(&d, "a", time.Minute))
				b := asyncio.CreateTask(ctx, cleansUp(&d, "b", time.Hour))
				task := asyncio.Go(ctx, func(ctx context.Context) error { return gather(ctx, a, b) })
				settle(ctx)
				for range 3 {
					task.Cancel()
					_ = asyncio.Sleep(ctx, time.Second)
				}
				took := elapsed(ctx, func() {
					_, err := task.Await(ctx)
					expectCanceled(t, err)
				})
				expectEqual(t, "time", took, time.Hour-3*time.Second)
				d.expect(t, "a is clean", "b is clean")
			})
		})

		t.Run(name+" cancels all on a context that is canceled before, done or not", func(t *testing.T) {
			for _, first := range []asyncio.Coro[string]{later(time.Hour, ""), fail[string](errBoom), value("")} {
				onLoop(t, func(ctx context.Context) { gatherOnCanceled(t, ctx, gather, first) })
			}
		})
	}

	for _, name := range []string{"Gather", "Gather2", "Gather3", "GatherSettled"} {
		t.Run(name+" ends canceled even if all children took no notice", func(t *testing.T) {
			onLoop(t, func(ctx context.Context) {
				a, b := asyncio.CreateTask(ctx, stubborn("a")), asyncio.CreateTask(ctx, stubborn("b"))
				task := asyncio.Go(ctx, func(ctx context.Context) error { return gatherings[name](ctx, a, b) })
				settle(ctx)
				task.Cancel()
				_, err := task.Await(ctx)
				expectCanceled(t, err)
				expectEqual(t, "canceled", task.Canceled(), true)
			})
		})
	}

	t.Run("an error of a child is not hidden", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
					_ = sleepForever(ctx)
					return 0, errBoom
				}), later(time.Hour, 1))
				return err
			})
			settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			expectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("results that are all there are not lost", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			a, b := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) ([]int, error) { return asyncio.Gather(ctx, a, b) })
			settle(ctx)
			_, _ = a.SetResult(1), b.SetResult(2)
			task.Cancel()
			got, err := task.Await(ctx)
			expectNil(t, err)
			expectEqual(t, "results", fmt.Sprint(got), "[1 2]")
		})
	})

	t.Run("an error that has been decided on is not lost", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			other := asyncio.CreateTask(ctx, later(time.Hour, 1))
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := asyncio.Gather(ctx, f, other)
				return err
			})
			settle(ctx)
			_ = f.SetError(errBoom)
			f.AddDoneCallback(func(*asyncio.Future[int]) { task.Cancel() }) // after Gather's own
			_, err := task.Await(ctx)
			expectEqual(t, "error", err, errBoom)
			_, err = other.Await(ctx)
			expectNil(t, err)
		})
	})
}

func gatherOnCanceled(t *testing.T, ctx context.Context, gather func(ctx context.Context, a, b *asyncio.Task[string]) error, first asyncio.Coro[string]) {
	t.Helper()
	a, b := asyncio.CreateTask(ctx, first), asyncio.CreateTask(ctx, later(time.Hour, ""))
	settle(ctx)
	_, _ = a.Result()
	task := asyncio.Go(ctx, func(ctx context.Context) error {
		_ = sleepForever(ctx)
		return gather(ctx, a, b)
	})
	settle(ctx)
	task.Cancel()
	_, err := task.Await(ctx)
	expectCanceled(t, err)
	expectEqual(t, "a done", a.Done(), true)
	expectEqual(t, "b canceled", b.Canceled(), true)
	_ = a.Err()
}

func TestGatherTyped(t *testing.T) {
	t.Run("two types", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			n, s, err := asyncio.Gather2(ctx, later(time.Second, 1), asyncio.CreateTask(ctx, later(time.Second, "b")))
			expectNil(t, err)
			expectEqual(t, "results", fmt.Sprint(n, s), "1b")
		})
	})

	t.Run("three types", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			n, s, x, err := asyncio.Gather3(ctx, later(time.Second, 1), value("b"), value(2.5))
			expectNil(t, err)
			expectEqual(t, "results", fmt.Sprint(n, s, x), "1b2.5")
		})
	})

	t.Run("the first error ends them at once", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			took := elapsed(ctx, func() {
				_, _, err := asyncio.Gather2(ctx, later(time.Hour, 1), failLater[string](time.Second, errBoom))
				expectEqual(t, "error", err, errBoom)
				_, _, _, err = asyncio.Gather3(ctx, later(time.Hour, 1), failLater[string](time.Second, errOther), value(1))
				expectEqual(t, "error", err, errOther)
			})
			expectEqual(t, "time", took, 2*time.Second)
		})
	})

	t.Run("a task given twice is awaited once", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, later(time.Second, 7))
			a, b, err := asyncio.Gather2(ctx, task, task)
			expectNil(t, err)
			expectEqual(t, "results", fmt.Sprint(a, b), "7 7")
		})
	})
}

func TestGatherSettled(t *testing.T) {
	t.Run("takes errors as results and waits for all", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			canceled := asyncio.CreateTask(ctx, later(time.Hour, 3))
			canceled.Cancel()
			took := elapsed(ctx, func() {
				got, err := asyncio.GatherSettled(ctx, later(time.Minute, 1), fail[int](errBoom), canceled)
				expectNil(t, err)
				expectEqual(t, "results", fmt.Sprint(got), "[{1 <nil>} {0 boom} {0 asyncio: canceled}]")
			})
			expectEqual(t, "time", took, time.Minute)
		})
	})

	t.Run("of nothing returns at once", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			got, err := asyncio.GatherSettled[int](ctx)
			expectNil(t, err)
			expectEqual(t, "results", len(got), 0)
		})
	})

	t.Run("when it is canceled still tells how all have ended", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var got []asyncio.Result[int]
			task := asyncio.Go(ctx, func(ctx context.Context) (err error) {
				got, err = asyncio.GatherSettled(ctx, value(1), stubborn(2), later(time.Hour, 3))
				return err
			})
			settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			expectCanceled(t, err)
			expectEqual(t, "first two", fmt.Sprint(got[:2]), "[{1 <nil>} {2 <nil>}]")
			expectCanceled(t, got[2].Err)
		})
	})
}

func TestRace(t *testing.T) {
	t.Run("returns the first result, when the others have ended", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			took := elapsed(ctx, func() {
				got, err := asyncio.Race(ctx, cleansUp(&d, "loser", time.Minute), later(time.Second, "winner"))
				expectNil(t, err)
				expectEqual(t, "result", got, "winner")
			})
			expectEqual(t, "time", took, time.Minute+time.Second)
			d.expect(t, "loser is clean")
		})
	})

	t.Run("returns the first error", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			_, err := asyncio.Race(ctx, later(time.Hour, 1), failLater[int](time.Second, errBoom))
			expectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("of two that end in one pass, the first wins", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			got, err := asyncio.Race(ctx, value(1), value(2))
			expectNil(t, err)
			expectEqual(t, "result", got, 1)
		})
	})

	t.Run("what is done already wins", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			done := asyncio.CreateTask(ctx, value(2), asyncio.Eager())
			loser := asyncio.CreateTask(ctx, later(time.Hour, 1))
			got, err := asyncio.Race(ctx, loser, done)
			expectNil(t, err)
			expectEqual(t, "result", got, 2)
			expectEqual(t, "loser canceled", loser.Canceled(), true)
		})
	})

	t.Run("of nothing is an error", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			_, err := asyncio.Race[int](ctx)
			expectIs(t, err, asyncio.ErrNoAwaitables)
		})
	})

	t.Run("the result that has been decided on is not lost to a cancellation", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
				return asyncio.Race(ctx, cleansUp(&d, "loser", time.Hour), later(time.Second, "winner"))
			})
			_ = asyncio.Sleep(ctx, time.Minute)
			task.Cancel()
			got, err := task.Await(ctx)
			expectNil(t, err)
			expectEqual(t, "result", got, "winner")
			d.expect(t, "loser is clean")
		})
	})

	t.Run("a loser that fails in its clean-up is reported", func(t *testing.T) {
		reports := reportsOf(t, func(ctx context.Context) {
			_, err := asyncio.Race(ctx, value(1), asyncio.Coro[int](func(ctx context.Context) (int, error) {
				_ = sleepForever(ctx)
				return 0, errBoom
			}))
			expectNil(t, err)
		})
		if len(reports) != 1 || reports[0].Err != errBoom {
			t.Errorf("reported: %v", reports)
		}
	})
}

func TestAny(t *testing.T) {
	t.Run("returns the first success, when the others have ended", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var d logbook
			took := elapsed(ctx, func() {
				got, err := asyncio.Any(ctx, cleansUp(&d, "loser", time.Minute), later(2*time.Second, "winner"))
				expectNil(t, err)
				expectEqual(t, "result", got, "winner")
			})
			expectEqual(t, "time", took, time.Minute+2*time.Second)
			d.expect(t, "loser is clean")
		})
	})

	t.Run("passes over failures and cancellations", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			failed := asyncio.CreateTask(ctx, fail[int](errBoom))
			canceled := asyncio.CreateTask(ctx, later(time.Hour, 1))
			canceled.Cancel()
			got, err := asyncio.Any(ctx, failed, canceled, later(time.Minute, 2))
			expectNil(t, err)
			expectEqual(t, "result", got, 2)
			_ = failed.Err()
		})
	})

	t.Run("returns all errors, in the order of the arguments, if none succeeds", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			_, err := asyncio.Any(ctx, failLater[int](time.Minute, errBoom), fail[int](errOther))
			expectGroup(t, err, errBoom, errOther)
		})
	})

	t.Run("of nothing is an error", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			_, err := asyncio.Any[int](ctx)
			expectIs(t, err, asyncio.ErrNoAwaitables)
		})
	})

	t.Run("is not canceled by children that all were", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			child := asyncio.CreateTask(ctx, later(time.Hour, 1))
			child.Cancel()
			_, err := asyncio.Any(ctx, child)
			expectIs(t, err, asyncio.ErrCanceled)
			expectNil(t, ctx.Err())
		})
	})
}

func TestAwaitables(t *testing.T) {
	onLoop(t, func(ctx context.Context) {
		var tasks []*asyncio.Task[int]
		for i := range 3 {
			tasks = append(tasks, asyncio.CreateTask(ctx, later(time.Second, i)))
		}
		got, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
		expectNil(t, err)
		expectEqual(t, "results", fmt.Sprint(got), "[0 1 2]")
		expectEqual(t, "of nothing", len(asyncio.Awaitables([]asyncio.Coro[int]{})), 0)
	})
}

func TestAnyPassesOverErrors(t *testing.T) {
	fails := asyncio.Coro[int](func(context.Context) (int, error) { return 0, errBoom })
	succeeds := asyncio.Coro[int](func(ctx context.Context) (int, error) { return 7, asyncio.Sleep(ctx, time.Second) })
	reports := reportsOf(t, func(ctx context.Context) {
		got, err := asyncio.Any(ctx, fails, succeeds)
		expectNil(t, err)
		expectEqual(t, "the result", got, 7)
	})
	expectEqual(t, "the number of reports", len(reports), 0)
}

func TestAnyThatIsCanceledLosesNoError(t *testing.T) {
	var heard reports
	err := runHere(t.Context(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.Any(ctx, asyncio.Coro[int](func(ctx context.Context) (int, error) {
				_ = never(ctx)
				return 0, errBoom
			}))
			return err
		}, asyncio.Eager())
		settle(ctx)
		task.Cancel()
		_, err := task.Await(ctx)
		return err
	}, heard.option())
	if !errors.Is(err, asyncio.ErrCanceled) {
		t.Errorf("Run returned %v", err)
	}
	heard.expect(t, errBoom.Error())
}
