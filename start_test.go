package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A starter is a function for Start.
type starter = func(ctx context.Context, started func(int)) error

// startsIn is a function that is started after some time, and then waits until it is
// canceled.
func startsIn(d time.Duration, value int) starter {
	return func(ctx context.Context, started func(int)) error {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return err
		}
		started(value)
		return asynctest.WaitForever(ctx)
	}
}

// startIn is Start in a group of its own. The body then has the group canceled.
func startIn(ctx context.Context, fn starter, opts ...asyncio.GroupOption) (value int, err, ofGroup error) {
	ofGroup = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		value, err = asyncio.Start(ctx, tg, fn)
		tg.Cancel()
		return nil
	}, opts...)
	return value, err, ofGroup
}

func TestStart(t *testing.T) {
	t.Run("returns the value of started, while the function goes on", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ended := false
			took := asynctest.Elapsed(ctx, func() {
				value, err, ofGroup := startIn(ctx, func(ctx context.Context, started func(int)) error {
					defer func() { ended = true }()
					return startsIn(time.Minute, 7)(ctx, started)
				})
				asynctest.ExpectEqual(t, "value", value, 7)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectNil(t, ofGroup)
			})
			asynctest.ExpectEqual(t, "time", took, time.Minute)
			asynctest.ExpectEqual(t, "the function has ended with the group", ended, true)
		})
	})

	t.Run("returns in the pass after started", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				at, err := asyncio.Start(ctx, tg, func(ctx context.Context, started func(uint64)) error {
					_ = asyncio.Yield(ctx)
					started(l.Stats().Passes)
					return nil
				})
				asynctest.ExpectEqual(t, "passes", l.Stats().Passes-at, 1)
				return err
			}))
		})
	})

	t.Run("does not suspend for an eager task that is started at once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
					value, err := asyncio.Start(ctx, tg, func(ctx context.Context, started func(string)) error {
						started("here")
						return asyncio.Sleep(ctx, time.Second)
					}, asyncio.Eager(), asyncio.Name("server"))
					asynctest.ExpectEqual(t, "value", value, "here")
					asynctest.ExpectNil(t, err)
				}), 0)
				return nil
			}))
		})
	})

	t.Run("of a function without a value", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				ready := false
				err := asyncio.StartFunc(ctx, tg, func(ctx context.Context, started func()) error {
					_ = asyncio.Sleep(ctx, time.Second)
					ready = true
					started()
					return nil
				})
				asynctest.ExpectEqual(t, "ready", ready, true)
				return err
			}))
		})
	})

	t.Run("lets another task of the function call started", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			value, err, ofGroup := startIn(ctx, func(ctx context.Context, started func(int)) error {
				return inGroup(ctx, func(tg *asyncio.TaskGroup) {
					tg.Go(func(ctx context.Context) error {
						started(3)
						return asyncio.Sleep(ctx, time.Hour)
					})
				})
			})
			asynctest.ExpectEqual(t, "value", value, 3)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectNil(t, ofGroup)
		})
	})

	t.Run("in a group with a limit waits for a turn", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
				took := asynctest.Elapsed(ctx, func() {
					_, err := asyncio.Start(ctx, tg, startsIn(time.Minute, 1))
					asynctest.ExpectNil(t, err)
				})
				asynctest.ExpectEqual(t, "time", took, time.Hour+time.Minute)
				tg.Cancel()
				return nil
			}, asyncio.Limit(1)))
		})
	})

	t.Run("is seen by who looks", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				waiter := tg.Go(func(ctx context.Context) error {
					_, err := asyncio.Start(ctx, tg, startsIn(time.Second, 1), asyncio.Name("server"))
					return err
				})
				for range 2 {
					_ = asyncio.Yield(ctx)
				}
				info := waiter.Info()
				asynctest.ExpectEqual(t, "it waits for", info.WaitingOn, "start")
				awaited := info.Awaits()
				if len(awaited) != 1 || awaited[0].Name != "server" {
					t.Errorf("it awaits %v", awaited)
				}
				tg.Cancel()
				return nil
			})
		})
	})

	t.Run("without a loop, or on a canceled context, starts nothing", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			never := func(context.Context, func(int)) error { panic("it ran") }
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				_, err := asyncio.Start(context.Background(), tg, never)
				asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
				canceled, cancel := context.WithCancel(ctx)
				cancel()
				asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
					_, err = asyncio.Start(canceled, tg, never)
				}), 1)
				asynctest.ExpectIs(t, err, context.Canceled)
				return nil
			}))
		})
	})
}

func TestStartThatFails(t *testing.T) {
	for name, opts := range map[string][]asyncio.GroupOption{"": nil, " in a supervised group": {asyncio.Supervised()}} {
		t.Run("before started gives the error to the caller alone"+name, func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				var sibling *asyncio.Task[struct{}]
				asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					sibling = tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
					value, err := asyncio.Start(ctx, tg, func(ctx context.Context, _ func(int)) error {
						_ = asyncio.Sleep(ctx, time.Minute)
						return errBoom
					})
					asynctest.ExpectEqual(t, "value", value, 0)
					asynctest.ExpectEqual(t, "error", err, errBoom)
					return nil
				}, opts...))
				asynctest.ExpectNil(t, sibling.Err())
			})
		})
	}

	t.Run("after started gives the error to the group alone", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectGroup(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				value, err := asyncio.Start(ctx, tg, func(_ context.Context, started func(int)) error {
					started(1)
					return errBoom // in the same step
				})
				asynctest.ExpectEqual(t, "value", value, 1)
				asynctest.ExpectNil(t, err)
				return asynctest.WaitForever(ctx)
			}), errBoom)
		})
	})

	t.Run("after started leaves the siblings of a supervised group alone", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var sibling *asyncio.Task[struct{}]
			asynctest.ExpectGroup(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				sibling = tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
				_, err := asyncio.Start(ctx, tg, func(_ context.Context, started func(int)) error {
					started(1)
					return errBoom
				})
				return err
			}, asyncio.Supervised()), errBoom)
			asynctest.ExpectNil(t, sibling.Err())
		})
	})

	t.Run("by returning nil is ErrNotStarted", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err, ofGroup := startIn(ctx, func(context.Context, func(int)) error { return nil })
			asynctest.ExpectEqual(t, "error", err, asyncio.ErrNotStarted)
			asynctest.ExpectNil(t, ofGroup)
		})
	})

	t.Run("by giving up is a cancellation", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err, ofGroup := startIn(ctx, func(context.Context, func(int)) error { return asyncio.ErrCanceled })
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectNil(t, ofGroup)
		})
	})

	t.Run("with a panic before started", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			_, err, ofGroup := startIn(ctx, func(context.Context, func(int)) error { panic(errBoom) })
			p, ok := errors.AsType[*asyncio.PanicError](err)
			if !ok {
				t.Fatalf("no *PanicError: %v", err)
			}
			asynctest.ExpectEqual[any](t, "value", p.Value, errBoom)
			asynctest.ExpectNil(t, ofGroup)
		})
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	t.Run("with a panic after started", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				_, err := asyncio.Start(ctx, tg, func(_ context.Context, started func(int)) error {
					started(1)
					panic(errBoom)
				})
				asynctest.ExpectNil(t, err)
				return asynctest.WaitForever(ctx)
			})
			if _, ok := errors.AsType[*asyncio.PanicError](err); !ok {
				t.Errorf("no *PanicError: %v", err)
			}
		})
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	for _, begins := range []bool{false, true} {
		t.Run(fmt.Sprintf("with a Goexit, started: %v", begins), func(t *testing.T) {
			asynctest.SkipInOtherWorlds(t)
			returned, cleaned := false, false
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_ = asynctest.Run(context.Background(), func(ctx context.Context) error {
					defer func() { cleaned = true }()
					_, err, _ := startIn(ctx, func(_ context.Context, started func(int)) error {
						if begins {
							started(1)
						}
						runtime.Goexit()
						return nil
					})
					return err
				}, asyncio.OnException(func(asyncio.ExceptionContext) {}))
				returned = true
			}()
			<-ended
			asynctest.ExpectEqual(t, "Run has returned", returned, false)
			asynctest.ExpectEqual(t, "main has cleaned up", cleaned, true)
		})
	}
}

func TestStartThatIsCanceled(t *testing.T) {
	// canceled is a Start that is canceled after a second.
	canceled := func(ctx context.Context, fn starter) (value int, err error) {
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			caller := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return asyncio.Start(ctx, tg, fn) })
			_ = asyncio.Sleep(ctx, time.Second)
			caller.Cancel()
			_, _, _ = asyncio.Wait(ctx, []asyncio.Waitable{caller}, asyncio.AllCompleted, 0)
			value, err = caller.Result()
			tg.Cancel()
			return nil
		})
		return value, err
	}

	t.Run("cancels the function and waits for its end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			took := asynctest.Elapsed(ctx, func() {
				_, err := canceled(ctx, func(ctx context.Context, _ func(int)) error {
					_, err := asynctest.CleansUp(&d, "fn", time.Hour)(ctx)
					return err
				})
				asynctest.ExpectCanceled(t, err)
			})
			d.Expect(t, "fn is clean")
			asynctest.ExpectEqual(t, "time", took, time.Hour+time.Second)
		})
	})

	t.Run("tells the function why", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				var why error
				err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
					_, err := asyncio.Start(ctx, tg, func(ctx context.Context, _ func(int)) error {
						err := asynctest.WaitForever(ctx)
						why = context.Cause(ctx)
						return err
					})
					return err
				})
				asynctest.ExpectTimeout(t, err)
				asynctest.ExpectTimeout(t, why)
				return nil
			}))
		})
	})

	t.Run("returns a real error of the function", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := canceled(ctx, func(ctx context.Context, _ func(int)) error {
				_ = asynctest.WaitForever(ctx)
				return errBoom
			})
			asynctest.ExpectEqual(t, "error", err, errBoom)
		})
	})

	t.Run("is canceled even if the function takes no notice", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := canceled(ctx, func(ctx context.Context, started func(int)) error {
				_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
				started(1) // too late
				asynctest.ExpectEqual(t, "Err", ctx.Err(), context.Canceled)
				return nil
			})
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("while the limit of the group keeps the function back", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
				err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
					_, err := asyncio.Start(ctx, tg, func(context.Context, func(int)) error { panic("it ran") })
					return err
				})
				asynctest.ExpectTimeout(t, err)
				return nil
			}, asyncio.Limit(1)))
		})
	})

	t.Run("by a context of the standard library", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				mine, cancel := context.WithCancelCause(ctx)
				asyncio.RunningLoop(ctx).CallSoon(func() { cancel(errBoom) })
				_, err := asyncio.Start(mine, tg, startsIn(time.Hour, 1))
				asynctest.ExpectIs(t, err, errBoom)
				asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
				return nil
			}))
		})
	})

	t.Run("after started, in the same pass, leaves the function alone", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			alive := false
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				caller := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
					return asyncio.Start(ctx, tg, func(ctx context.Context, started func(int)) error {
						_ = asyncio.Sleep(ctx, time.Second)
						d.Add("started")
						started(1)
						_ = asyncio.Yield(ctx)
						alive = ctx.Err() == nil
						return nil
					})
				})
				for range 3 {
					_ = asyncio.Yield(ctx) // so that the sleep of the function is the older one
				}
				_ = asyncio.Sleep(ctx, time.Second)
				asynctest.ExpectEqual(t, "Start has returned", caller.Done(), false)
				d.Add("canceled")
				caller.Cancel()
				got, err := caller.Await(ctx)
				asynctest.ExpectEqual(t, "value", got, 1)
				return err
			}))
			d.Expect(t, "started", "canceled")
			asynctest.ExpectEqual(t, "the function lives", alive, true)
		})
	})

	t.Run("with its group", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var why error
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				asyncio.RunningLoop(ctx).CallLater(time.Second, tg.Cancel)
				_, err := asyncio.Start(ctx, tg, func(ctx context.Context, _ func(int)) error { // ctx is not of the group
					defer func() { why = context.Cause(ctx) }()
					return asynctest.WaitForever(ctx)
				})
				asynctest.ExpectCanceled(t, err)
				_, err = asyncio.Start(ctx, tg, func(context.Context, func(int)) error { panic("it ran") })
				asynctest.ExpectCanceled(t, err)
				return nil
			}))
			if why == nil {
				t.Error("the function does not know why")
			}
		})
	})

	// leavesGroup is a Start by a task that is not of the group, which fn cancels.
	leavesGroup := func(ctx context.Context, fn func(ctx context.Context, started func(int))) (err error) {
		_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			_, err = asyncio.Start(ctx, tg, func(ctx context.Context, started func(int)) error {
				tg.Cancel()
				fn(ctx, started)
				return nil
			})
			return nil
		})
		return err
	}

	t.Run("with its group, even if the function takes no notice", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectCanceled(t, leavesGroup(ctx, func(context.Context, func(int)) {}))
		})
	})

	t.Run("with its group, before a call of started that is too late", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			took := asynctest.Elapsed(ctx, func() {
				asynctest.ExpectCanceled(t, leavesGroup(ctx, func(ctx context.Context, started func(int)) {
					started(1)
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
				}))
			})
			asynctest.ExpectEqual(t, "time", took, time.Hour)
		})
	})

	t.Run("at every moment", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynciotest.AssertCancelable(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				if _, err := asyncio.Start(ctx, tg, startsIn(time.Second, 1)); err != nil {
					return err
				}
				if err := asyncio.Sleep(ctx, time.Second); err != nil {
					return err
				}
				tg.Cancel()
				return nil
			})
		})
	})
}

func TestMisuseOfStart(t *testing.T) {
	t.Run("started twice", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			_, err, ofGroup := startIn(ctx, func(_ context.Context, started func(int)) error {
				started(1)
				asynctest.ExpectAdvice(t, func() { started(2) }, "started was called twice", "call it once")
				started(3)
				return nil
			})
			asynctest.ExpectNil(t, err)
			if _, ok := errors.AsType[*asyncio.PanicError](ofGroup); !ok {
				t.Errorf("no *PanicError: %v", ofGroup)
			}
		})
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	t.Run("started after the end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var late func(int)
			_, err, _ := startIn(ctx, func(_ context.Context, started func(int)) error {
				late = started
				return nil
			})
			asynctest.ExpectIs(t, err, asyncio.ErrNotStarted)
			asynctest.ExpectAdvice(t, func() { late(1) }, "after the function of Start had returned", "call it before")
		})
	})

	t.Run("the rest", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			var left *asyncio.TaskGroup
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				_ = inGroup(ctx, func(tg *asyncio.TaskGroup) { left = tg })
				fn := func(context.Context, func()) error { panic("it ran") }
				asynctest.ExpectAdvice(t, func() { _, _ = asyncio.Start[int](ctx, tg, nil) }, "nil function")
				asynctest.ExpectAdvice(t, func() { _ = asyncio.StartFunc(ctx, tg, nil) }, "nil function")
				asynctest.ExpectAdvice(t, func() { _, _ = asyncio.Start(ctx, nil, startsIn(0, 1)) }, "Start on a TaskGroup that is not open")
				asynctest.ExpectAdvice(t, func() { _ = asyncio.StartFunc(ctx, nil, fn) }, "StartFunc on a TaskGroup that is not open")
				asynctest.ExpectAdvice(t, func() { _ = asyncio.StartFunc(ctx, left, fn) }, "StartFunc on a TaskGroup that has been left")
				asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, func() { _ = asyncio.StartFunc(ctx, tg, fn) }), "StartFunc from a goroutine")
				return asyncio.StartFunc(ctx, tg, func(ctx context.Context, started func()) error {
					asynctest.ExpectAdviceIn(t, asynctest.PanicElsewhere(ctx, started), "started from a goroutine")
					started()
					return nil
				})
			})
		}, caught()...)
	})
}
