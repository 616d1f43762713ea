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

// inGroup is WithTaskGroup for a body that does not suspend or fail.
func inGroup(ctx context.Context, body func(tg *asyncio.TaskGroup), opts ...asyncio.GroupOption) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		body(tg)
		return nil
	}, opts...)
}

// noted is a task that notes its beginning and its end, d later.
func noted(d *asynctest.Logbook, name string, wait time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		d.Add("%s begins", name)
		err := asyncio.Sleep(ctx, wait)
		d.Add("%s ends: %v", name, err)
		return err
	}
}

func TestWithTaskGroup(t *testing.T) {
	t.Run("returns when all its tasks have ended, the latest included", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
					for i := range 10 {
						asyncio.Spawn(tg, asynctest.Later(time.Duration(i)*time.Minute, i))
					}
				}))
			})
			asynctest.ExpectEqual(t, "time", took, 9*time.Minute)
		})
	})

	t.Run("starts tasks in the order of spawning, in the pass after", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				for _, name := range []string{"a", "b", "c"} {
					tg.Go(func(context.Context) error {
						d.Add("%s", name)
						return nil
					})
				}
				d.Add("body")
			}))
			d.Expect(t, "body", "a", "b", "c")
		})
	})

	t.Run("gives results through its tasks", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[int]
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) { task = asyncio.Spawn(tg, asynctest.Later(time.Second, 7)) }))
			n, err := task.Result()
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("does not suspend when it is empty", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				asynctest.ExpectNil(t, inGroup(ctx, func(*asyncio.TaskGroup) {}))
			}), 0)
		})
	})

	t.Run("resumes two passes after the last task has ended", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			var end uint64
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(func(ctx context.Context) error {
					_ = asyncio.Yield(ctx)
					end = l.Stats().Passes
					return nil
				})
			}))
			asynctest.ExpectEqual(t, "passes", l.Stats().Passes-end, 2)
		})
	})

	t.Run("cancels its context when it is left", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var inner context.Context
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error {
				inner = ctx
				return nil
			}))
			asynctest.ExpectEqual(t, "Err", inner.Err(), context.Canceled)
		})
	})

	t.Run("returns ErrNoRunningLoop outside a loop", func(t *testing.T) {
		asynctest.ExpectIs(t, inGroup(t.Context(), func(*asyncio.TaskGroup) {}), asyncio.ErrNoRunningLoop)
	})
}

func TestTaskGroupFailure(t *testing.T) {
	t.Run("of a task cancels its siblings in the order of spawning, and the body last", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(noted(&d, "a", time.Hour))
				tg.Go(noted(&d, "b", time.Hour))
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errBoom))
				tg.Go(noted(&d, "c", time.Hour))
				return noted(&d, "body", time.Hour)(ctx)
			})
			asynctest.ExpectGroup(t, err, errBoom)
			d.Expect(t, "body begins", "a begins", "b begins", "c begins",
				"a ends: asyncio: canceled", "b ends: asyncio: canceled", "c ends: asyncio: canceled",
				"body ends: asyncio: canceled")
		})
	})

	t.Run("waits until the siblings have cleaned up", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
					asyncio.Spawn(tg, asynctest.CleansUp(&d, "a", time.Hour))
					asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errBoom))
				}), errBoom)
			})
			d.Expect(t, "a is clean")
			asynctest.ExpectEqual(t, "time", took, time.Hour+time.Second)
		})
	})

	t.Run("collects errors in the order of completion, the body's last", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			errLate, errBody := errors.New("late"), errors.New("body")
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error {
					_ = asynctest.SleepForever(ctx)
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
					return errLate
				})
				tg.Go(func(ctx context.Context) error {
					_ = asynctest.SleepForever(ctx)
					return errOther
				})
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errBoom))
				_ = asynctest.SleepForever(ctx)
				return errBody
			})
			asynctest.ExpectGroup(t, err, errBoom, errOther, errLate, errBody)
			for _, e := range []error{errBoom, errOther, errLate, errBody} {
				asynctest.ExpectIs(t, err, e)
			}
			asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
		})
	})

	t.Run("counts the same error twice", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				asyncio.Spawn(tg, asynctest.Fail[int](errBoom))
				asyncio.Spawn(tg, asynctest.Fail[int](errBoom))
			}), errBoom, errBoom)
		})
	})

	t.Run("of the body cancels the tasks; those that have not begun never do", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[struct{}]
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				task = tg.Go(func(context.Context) error {
					t.Error("it began")
					return errOther
				})
				return errBoom
			})
			asynctest.ExpectGroup(t, err, errBoom)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
		})
	})

	t.Run("is not what a canceled task is", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				a := tg.Go(noted(&d, "a", time.Hour))
				tg.Go(noted(&d, "b", time.Minute))
				tg.Go(func(ctx context.Context) error {
					a.Cancel()
					return fmt.Errorf("on its own: %w", asyncio.ErrCanceled)
				})
			}))
			d.Expect(t, "a begins", "b begins", "a ends: asyncio: canceled", "b ends: <nil>")
		})
	})

	t.Run("of a nested group is one error of the outer one", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(func(ctx context.Context) error {
					return inGroup(ctx, func(tg *asyncio.TaskGroup) { asyncio.Spawn(tg, asynctest.Fail[int](errBoom)) })
				})
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Hour, errOther))
			})
			g, ok := err.(*asyncio.ExceptionGroup)
			if !ok || len(g.Errors) != 1 {
				t.Fatalf("got %v", err)
			}
			asynctest.ExpectGroup(t, g.Errors[0], errBoom)
		})
	})

	t.Run("is looked at, and not reported", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			_ = inGroup(ctx, func(tg *asyncio.TaskGroup) { asyncio.Spawn(tg, asynctest.Fail[int](errBoom)) })
		})
		asynctest.ExpectEqual(t, "reports", len(reports), 0)
	})

	t.Run("is told to who awaits the task as well", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectGroup(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				_, err := asyncio.Spawn(tg, asynctest.Fail[int](errBoom)).Await(ctx)
				asynctest.ExpectEqual(t, "error", err, errBoom)
				return nil
			}), errBoom)
		})
	})
}

func TestTaskGroupPanic(t *testing.T) {
	t.Run("of a task is an error of the group, and reported at once", func(t *testing.T) {
		var err error
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			var d asynctest.Logbook
			err = inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(noted(&d, "a", time.Hour))
				tg.Go(func(context.Context) error { panic(errBoom) })
			})
			d.Expect(t, "a begins", "a ends: asyncio: canceled")
		})
		p, ok := errors.AsType[*asyncio.PanicError](err)
		if !ok {
			t.Fatalf("no *PanicError in %v", err)
		}
		asynctest.ExpectEqual[any](t, "value", p.Value, errBoom)
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	t.Run("of the body goes on when the tasks have ended", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			got := asynctest.ExpectPanic(t, func() {
				_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					asyncio.Spawn(tg, asynctest.CleansUp(&d, "a", time.Second))
					asynctest.Settle(ctx)
					panic("body")
				})
			})
			d.Add("panic: %v", got)
			d.Expect(t, "a is clean", "panic: body")
		})
	})

	t.Run("of the body: an error of a task is then reported", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() {
				_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					asyncio.Spawn(tg, asynctest.Fail[int](errBoom))
					_ = asyncio.Yield(ctx)
					panic("body")
				})
			})
		})
		if len(reports) != 1 || reports[0].Err != errBoom {
			t.Errorf("reported: %v", reports)
		}
	})
}

func TestTaskGroupAndOuterCancellation(t *testing.T) {
	// canceled runs a group in a task, cancels that and returns its error.
	canceled := func(ctx context.Context, body func(context.Context, *asyncio.TaskGroup) error) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.WithTaskGroup(ctx, body) })
		asynctest.Settle(ctx)
		task.Cancel()
		_, err := task.Await(ctx)
		return err
	}

	t.Run("ends canceled even if all took no notice", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectCanceled(t, canceled(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, asynctest.Stubborn(1))
				_ = asynctest.SleepForever(ctx)
				return nil
			}))
		})
	})

	t.Run("waits for the clean-up of the tasks", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectCanceled(t, canceled(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				asyncio.Spawn(tg, asynctest.CleansUp(&d, "a", time.Minute))
				return nil
			}))
			d.Expect(t, "a is clean")
		})
	})

	t.Run("errors win", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectGroup(t, canceled(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error {
					_ = asynctest.SleepForever(ctx)
					return errBoom
				})
				return nil
			}), errBoom)
		})
	})

	t.Run("errors win, and the cancellation is seen at the next wait", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
					tg.Go(func(ctx context.Context) error {
						_ = asynctest.SleepForever(ctx)
						return errBoom
					})
				}), errBoom)
				asynctest.ExpectCanceled(t, asyncio.Yield(ctx))
				return nil
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("what the body adds to its cancellation is kept", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			err := canceled(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error {
				return fmt.Errorf("reading: %w", asynctest.SleepForever(ctx))
			})
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectEqual(t, "text", err.Error(), "reading: asyncio: canceled")
		})
	})

	t.Run("a second cancellation changes nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return inGroup(ctx, func(tg *asyncio.TaskGroup) { asyncio.Spawn(tg, asynctest.CleansUp(&d, "a", time.Hour)) })
			})
			asynctest.Settle(ctx)
			for range 3 {
				task.Cancel()
				_ = asyncio.Sleep(ctx, time.Minute)
				asynctest.ExpectEqual(t, "done", task.Done(), false)
			}
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			d.Expect(t, "a is clean")
		})
	})

	t.Run("on a canceled context the tasks never begin", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				return inGroup(ctx, func(tg *asyncio.TaskGroup) {
					tg.Go(func(context.Context) error {
						t.Error("it began")
						return nil
					})
				})
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
		})
	})
}

func TestTaskGroupCancel(t *testing.T) {
	t.Run("ends the tasks and the body without an error", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(noted(&d, "a", time.Hour))
				tg.Go(func(ctx context.Context) error {
					tg.Cancel()
					tg.Cancel()
					return nil
				})
				return noted(&d, "body", time.Hour)(ctx)
			}))
			d.Expect(t, "body begins", "a begins", "a ends: asyncio: canceled", "body ends: asyncio: canceled")
			asynctest.ExpectNil(t, ctx.Err())
		})
	})

	t.Run("does not hide a failure", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectGroup(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error {
					_ = asynctest.SleepForever(ctx)
					return errBoom
				})
				asynctest.Settle(ctx)
				tg.Cancel()
				return nil
			}), errBoom)
		})
	})

	t.Run("does not swallow an outer cancellation", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Cancel()
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
					return nil
				})
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("by an eager task, while it is being spawned", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				task := tg.Go(func(ctx context.Context) error {
					tg.Cancel()
					asynctest.ExpectCanceled(t, asyncio.Yield(ctx))
					return ctx.Err()
				}, asyncio.Eager())
				asynctest.ExpectEqual(t, "done", task.Done(), false)
			}))
		})
	})

	t.Run("after the group was left does nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var left *asyncio.TaskGroup
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) { left = tg }))
			left.Cancel()
			asynctest.ExpectNil(t, ctx.Err())
		})
	})

	t.Run("ends no more than its own group", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectNil(t, inGroup(ctx, func(outer *asyncio.TaskGroup) {
				outer.Go(noted(&d, "outer", time.Minute))
				outer.Go(func(ctx context.Context) error {
					err := inGroup(ctx, func(inner *asyncio.TaskGroup) {
						inner.Go(noted(&d, "inner", time.Hour))
						inner.Go(func(context.Context) error {
							inner.Cancel()
							return nil
						})
					})
					d.Add("left: %v", err)
					return err
				})
			}))
			d.Expect(t, "outer begins", "inner begins", "inner ends: asyncio: canceled", "left: <nil>", "outer ends: <nil>")
		})
	})
}

func TestTaskGroupSpawn(t *testing.T) {
	t.Run("is possible for tasks while the group is being left", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(func(ctx context.Context) error {
					_ = asyncio.Sleep(ctx, time.Second)
					tg.Go(noted(&d, "b", time.Second))
					return nil
				})
			}))
			d.Expect(t, "b begins", "b ends: <nil>")
		})
	})

	t.Run("in a group that is being aborted gives a task that never begins", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var late *asyncio.Task[int]
			asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(func(ctx context.Context) error {
					err := asynctest.SleepForever(ctx)
					late = asyncio.Spawn(tg, func(context.Context) (int, error) {
						t.Error("it began")
						return 1, errOther
					}, asyncio.Eager())
					return err
				})
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errBoom))
			}), errBoom)
			asynctest.ExpectEqual(t, "canceled", late.Canceled(), true)
		})
	})

	t.Run("on a group that was left panics", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var left *asyncio.TaskGroup
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) { left = tg }))
			asynctest.ExpectPanic(t, func() { left.Go(asynctest.SleepForever) })
		})
	})

	t.Run("on a group that was never open panics", func(t *testing.T) {
		asynctest.OnLoop(t, func(context.Context) {
			asynctest.ExpectPanic(t, func() { new(asyncio.TaskGroup).Go(asynctest.SleepForever) })
			asynctest.ExpectPanic(t, func() { (*asyncio.TaskGroup)(nil).Go(asynctest.SleepForever) })
		})
	})

	t.Run("of nil panics", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				asynctest.ExpectPanic(t, func() { tg.Go(nil) })
				asynctest.ExpectPanic(t, func() { asyncio.Spawn[int](tg, nil) })
			}))
		})
	})
}

func TestTaskGroupLimit(t *testing.T) {
	t.Run("lets no more tasks run at once, first in, first out, and never suspends", func(t *testing.T) {
		for _, limit := range []int{1, 2, 3, 100} {
			t.Run(fmt.Sprint(limit), func(t *testing.T) {
				asynctest.InOrder(t, func(ctx context.Context) { groupWithLimit(t, ctx, limit) })
			})
		}
	})

	t.Run("holds a task back until another's end is known", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(noted(&d, "a", time.Minute))
				tg.Go(noted(&d, "b", time.Second), asyncio.Eager())
			}, asyncio.Limit(1)))
			d.Expect(t, "a begins", "a ends: <nil>", "b begins", "b ends: <nil>")
		})
	})

	t.Run("a failure ends the tasks that are held back without a step", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var held []*asyncio.Task[int]
			asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errBoom))
				for range 5 {
					held = append(held, asyncio.Spawn(tg, asynctest.Fail[int](errOther)))
				}
			}, asyncio.Limit(1)), errBoom)
			for _, task := range held {
				asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
			}
		})
	})

	t.Run("an outer cancellation ends them as well", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				return inGroup(ctx, func(tg *asyncio.TaskGroup) {
					for range 5 {
						tg.Go(asynctest.SleepForever)
					}
				}, asyncio.Limit(2))
			}))
		})
	})

	t.Run("one that is held back can be canceled by itself, and keeps no one back", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(noted(&d, "a", time.Second))
				tg.Go(noted(&d, "b", time.Second))
				c := tg.Go(noted(&d, "c", time.Second))
				tg.Go(noted(&d, "d", time.Second))
				asynctest.Settle(ctx)
				c.Cancel()
				asynctest.Settle(ctx)
				asynctest.ExpectEqual(t, "c canceled", c.Canceled(), true)
				return nil
			}, asyncio.Limit(1)))
			d.Expect(t, "a begins", "a ends: <nil>", "b begins", "b ends: <nil>", "d begins", "d ends: <nil>")
		})
	})

	t.Run("one that is held back is canceled when the loop ends", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			asyncio.Go(ctx, func(ctx context.Context) error {
				return inGroup(ctx, func(tg *asyncio.TaskGroup) {
					tg.Go(asynctest.SleepForever)
					tg.Go(asynctest.SleepForever)
				}, asyncio.Limit(1))
			})
			asynctest.Settle(ctx)
		})
	})

	t.Run("that is not positive is none, and the last one counts", func(t *testing.T) {
		for _, opts := range [][]asyncio.GroupOption{{asyncio.Limit(0)}, {asyncio.Limit(-1)}, {asyncio.Limit(1), asyncio.Limit(-1)}} {
			asynctest.OnLoop(t, func(ctx context.Context) {
				running := 0
				asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
					for range 5 {
						tg.Go(func(ctx context.Context) error {
							running++
							return asyncio.Sleep(ctx, time.Second)
						})
					}
					asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Millisecond))
					asynctest.ExpectEqual(t, "running at once", running, 5)
				}, opts...))
			})
		}
	})
}

// Which of the children that are held back are canceled, in which order, and what comes
// after, is no matter: the others start first in, first out.
func TestTaskGroupLimitWithCanceledChildren(t *testing.T) {
	const many = 300
	for name, canceled := range map[string]func(i int) int{ // the i-th to be canceled; -1: none
		"in order":                     func(i int) int { return i },
		"in reverse":                   func(i int) int { return many - 1 - i },
		"scattered":                    func(i int) int { return i * 7 % many },
		"every second":                 func(i int) int { return i - i%2*(i+1) },
		"every second but one":         func(i int) int { return i - (i+1)%2*(i+1) },
		"every second from the second": func(i int) int { return many/2 - 1 - i/2 - i%2*many },
	} {
		t.Run(name, func(t *testing.T) {
			asynctest.InOrder(t, func(ctx context.Context) {
				var started, want []int
				var gate asyncio.Event
				gone := map[int]bool{}
				asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(gate.Wait)
					spawn := func(i int) *asyncio.Task[struct{}] {
						return tg.Go(func(context.Context) error { started = append(started, i); return nil })
					}
					var tasks []*asyncio.Task[struct{}]
					for i := range many {
						tasks = append(tasks, spawn(i))
					}
					for i := range many {
						if c := canceled(i); c >= 0 {
							tasks[c].Cancel()
							gone[c] = true
						}
					}
					spawn(many)
					gate.Set()
					return nil
				}, asyncio.Limit(1)))
				for i := range many + 1 {
					if !gone[i] {
						want = append(want, i)
					}
				}
				asynctest.ExpectEqual(t, "in order", slices.Equal(started, want), true)
			})
		})
	}
}

func groupWithLimit(t *testing.T, ctx context.Context, limit int) {
	running, most := 0, 0
	var order []int
	asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
		n := asynctest.CountPasses(ctx, func() {
			for i := range 10 {
				tg.Go(func(ctx context.Context) error {
					running++
					most = max(most, running)
					order = append(order, i)
					err := asyncio.Sleep(ctx, time.Duration(10-i)*time.Second)
					running--
					return err
				})
			}
		})
		asynctest.ExpectEqual(t, "passes", n, 0)
	}, asyncio.Limit(limit)))
	asynctest.ExpectEqual(t, "most at once", most, min(limit, 10))
	asynctest.ExpectEqual(t, "in order", slices.IsSorted(order), true)
	asynctest.ExpectEqual(t, "tasks", len(order), 10)
}

func TestTaskGroupSupervised(t *testing.T) {
	t.Run("lets siblings go on after a failure, and returns all failures", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errBoom))
				tg.Go(noted(&d, "a", time.Hour))
				asyncio.Spawn(tg, asynctest.FailLater[int](time.Minute, errOther))
			}, asyncio.Supervised()), errBoom, errOther)
			d.Expect(t, "a begins", "a ends: <nil>")
		})
	})

	t.Run("still ends when its body fails", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectGroup(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(asynctest.SleepForever)
					return errBoom
				}, asyncio.Supervised()), errBoom)
			})
			asynctest.ExpectEqual(t, "time", took, 0)
		})
	})

	t.Run("goes together with a limit", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				for range 3 {
					asyncio.Spawn(tg, asynctest.FailLater[int](time.Second, errBoom))
				}
			}, asyncio.Limit(1), asyncio.Supervised()), errBoom, errBoom, errBoom)
		})
	})
}
