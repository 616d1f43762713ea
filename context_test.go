package asyncio_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// starters start a coroutine on a context; scoped says whether that derives
// the coroutine's context from it, or takes only its values.
var starters = []struct {
	name   string
	scoped bool
	start  func(ctx context.Context, c asyncio.Coro[int])
}{
	{"Coro.Await", true, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = c.Await(ctx) }},
	{"WithTimeout", true, func(ctx context.Context, c asyncio.Coro[int]) {
		_ = asyncio.WithTimeoutAt(ctx, time.Time{}, func(ctx context.Context) error {
			_, err := c(ctx)
			return err
		})
	}},
	{"WithTaskGroup", true, func(ctx context.Context, c asyncio.Coro[int]) {
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error {
			_, err := c(ctx)
			return err
		})
	}},
	{"TaskGroup.Go", true, func(ctx context.Context, c asyncio.Coro[int]) {
		_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				_, err := c(ctx)
				return err
			})
			return nil
		})
	}},
	{"Spawn", true, func(ctx context.Context, c asyncio.Coro[int]) {
		_ = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			asyncio.Spawn(tg, c)
			return nil
		})
	}},
	{"WaitFor", true, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = asyncio.WaitFor(ctx, c, 100*time.Hour) }},
	{"CreateTask", false, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = asyncio.CreateTask(ctx, c).Await(ctx) }},
	{"CreateTask with Eager", false, func(ctx context.Context, c asyncio.Coro[int]) {
		_, _ = asyncio.CreateTask(ctx, c, asyncio.Eager()).Await(ctx)
	}},
	{"Go", false, func(ctx context.Context, c asyncio.Coro[int]) {
		_, _ = asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := c(ctx)
			return err
		}).Await(ctx)
	}},
	{"Gather", false, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = asyncio.Gather(ctx, c) }},
	{"Gather2", false, func(ctx context.Context, c asyncio.Coro[int]) { _, _, _ = asyncio.Gather2(ctx, c, c) }},
	{"GatherSettled", false, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = asyncio.GatherSettled(ctx, c) }},
	{"Race", false, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = asyncio.Race(ctx, c) }},
	{"Any", false, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = asyncio.Any(ctx, c) }},
	{"Shield", false, func(ctx context.Context, c asyncio.Coro[int]) { _, _ = asyncio.Shield(ctx, c) }},
	{"AsCompleted", false, func(ctx context.Context, c asyncio.Coro[int]) {
		for range asyncio.AsCompleted(ctx, c) { //asyncio:ok dropped-iteration-error only its context is looked at
		}
	}},
}

func TestContextOfACoroutine(t *testing.T) {
	for _, s := range starters {
		t.Run(fmt.Sprintf("%s: values, and the deadline: %v", s.name, s.scoped), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				ran := false
				ctx = context.WithValue(ctx, keyOne, "one")
				_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
					s.start(context.WithValue(ctx, keyTwo, "two"), func(ctx context.Context) (int, error) {
						ran = true
						_, has := ctx.Deadline()
						asynctest.ExpectEqual(t, "has a deadline", has, s.scoped)
						asynctest.ExpectEqual[any](t, "outer value", ctx.Value(keyOne), "one")
						asynctest.ExpectEqual[any](t, "inner value", ctx.Value(keyTwo), "two")
						return 0, nil
					})
					return nil
				})
				asynctest.ExpectEqual(t, "ran", ran, true)
			})
		})
	}

	t.Run("a task outlives the scope in which it was created", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[int]
			asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				task = asyncio.CreateTask(ctx, asynctest.Later(time.Minute, 7))
				return asynctest.SleepForever(ctx)
			}))
			n, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("a task outlives the task that created it", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var inner *asyncio.Task[int]
			outer := asyncio.Go(ctx, func(ctx context.Context) error {
				inner = asyncio.CreateTask(ctx, asynctest.Later(time.Minute, 7))
				return asynctest.SleepForever(ctx)
			})
			asynctest.Settle(ctx)
			outer.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "outer canceled", outer.Canceled(), true)
			n, err := inner.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("ends with its task", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var asked, kept context.Context
			var done <-chan struct{}
			heard := make(chan struct{})
			for i, keep := range []func(ctx context.Context){
				func(ctx context.Context) {
					asked, done = ctx, ctx.Done()
					context.AfterFunc(ctx, func() { close(heard) })
				},
				func(ctx context.Context) { kept = ctx },
			} {
				_, err := asyncio.Go(ctx, func(ctx context.Context) error {
					keep(ctx)
					defer func() { asynctest.ExpectNil(t, ctx.Err()) }()
					return asyncio.Yield(ctx)
				}, asyncio.Name(fmt.Sprint(i))).Await(ctx)
				asynctest.ExpectNil(t, err)
			}
			<-done  //asyncio:ok done-wait the task has ended, and its context with it
			<-heard //asyncio:ok channel a goroutine closes it without the loop
			asynctest.ExpectEqual(t, "error", asked.Err(), context.Canceled)
			asynctest.ExpectEqual(t, "error of one never asked", kept.Err(), context.Canceled)
			<-kept.Done() //asyncio:ok done-wait the task has ended, and its context with it
			asynctest.ExpectEqual(t, "cause", context.Cause(kept), context.Canceled)
			asynctest.ExpectCanceled(t, asyncio.Sleep(kept, time.Hour))
			asynctest.ExpectNil(t, ctx.Err())
		})
	})

	t.Run("of main ends with main, and not with what it leaves over", func(t *testing.T) {
		r := asynctest.NewRunner()
		defer r.Close()
		var kept context.Context
		asynctest.ExpectNil(t, r.Run(t.Context(), func(ctx context.Context) error {
			kept = ctx
			asyncio.Go(ctx, asynctest.SleepForever)
			return nil
		}))
		<-kept.Done()
	})

	t.Run("an awaitable of one's own is a coroutine", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			got, err := asyncio.Gather(ctx, asyncio.Awaitable[string](own("a")), own("b"))
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[own a own b]")
		})
	})
}

type own string

func (o own) Await(ctx context.Context) (string, error) {
	return "own " + string(o), asyncio.Sleep(ctx, time.Second)
}

func TestNamesOfContexts(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		_, _ = asyncio.Go(ctx, func(ctx context.Context) error {
			asynctest.ExpectEqual(t, "of a task", fmt.Sprint(ctx), "asyncio.A")
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error {
				asynctest.ExpectEqual(t, "of a group", fmt.Sprint(ctx), "asyncio.A.WithTaskGroup")
				return nil
			})
			return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				derived, cancel := context.WithCancel(ctx)
				defer cancel()
				asynctest.ExpectEqual(t, "of one derived from a timeout's", fmt.Sprint(derived), "asyncio.A.WithTimeout.WithCancel")
				return nil
			})
		}, asyncio.Name("A")).Await(ctx)
	})
}

func TestEnteringAScopeIsNoSuspension(t *testing.T) {
	t.Run("its body runs even on a canceled context", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ran := 0
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				n := asynctest.CountPasses(ctx, func() {
					asynctest.ExpectNil(t, asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
						ran++
						asynctest.ExpectIs(t, ctx.Err(), context.Canceled)
						return nil
					}))
					asynctest.ExpectCanceled(t, asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error {
						ran++
						asynctest.ExpectIs(t, ctx.Err(), context.Canceled)
						return nil
					}))
				})
				asynctest.ExpectEqual(t, "passes", n, 0)
				return nil
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, _ = task.Await(ctx)
			asynctest.ExpectEqual(t, "bodies that ran", ran, 2)
		})
	})

	t.Run("a coroutine is awaited even on a canceled context", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				_ = asynctest.SleepForever(ctx)
				return asynctest.Value(5).Await(ctx)
			})
			asynctest.Settle(ctx)
			task.Cancel()
			n, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 5)
		})
	})
}

func TestCause(t *testing.T) {
	cause := func(ctx context.Context, got *error) func(context.Context) error {
		return func(ctx context.Context) error {
			err := asynctest.SleepForever(ctx)
			*got = context.Cause(ctx)
			return err
		}
	}

	t.Run("of CancelCause is known in the task, in its scopes and in what is derived from them", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
						ctx, cancel := context.WithCancel(context.WithValue(ctx, keyOne, 1))
						defer cancel()
						err := asynctest.SleepForever(ctx)
						d.Add("%v: %v", err, context.Cause(ctx))
						return err
					})
				})
			})
			asynctest.Settle(ctx)
			task.CancelCause(errBoom)
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			d.Expect(t, "asyncio: canceled: boom")
		})
	})

	t.Run("of a second cancellation is not heard", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got error
			task := asyncio.Go(ctx, cause(ctx, &got))
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "first", task.CancelCause(errBoom), true)
			asynctest.ExpectEqual(t, "second", task.CancelCause(errOther), true)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "cause", got, errBoom)
		})
	})

	t.Run("of a plain Cancel is context.Canceled", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got error
			task := asyncio.Go(ctx, cause(ctx, &got))
			asynctest.Settle(ctx)
			task.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "cause", got, context.Canceled)
		})
	})

	t.Run("of a timeout says so", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got error
			_ = asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				return cause(ctx, &got)(ctx)
			})
			asynctest.ExpectTimeout(t, got)
		})
	})

	t.Run("of an aborted group is never the error of the child", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got error
			err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(cause(ctx, &got))
				tg.Go(func(context.Context) error { return errBoom })
				return nil
			})
			asynctest.ExpectGroup(t, err, errBoom)
			asynctest.ExpectIsNot(t, got, errBoom)
			asynctest.ExpectIsNot(t, got, context.Canceled)
		})
	})

	t.Run("of an awaiter is passed on to the task that it awaits", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got error
			inner := asyncio.Go(ctx, cause(ctx, &got))
			outer := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = context.Cause(ctx) // someone is interested in causes
				_, err := inner.Await(ctx)
				return err
			})
			asynctest.Settle(ctx)
			outer.CancelCause(errBoom)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "cause", got, errBoom)
		})
	})
}

func TestStandardContexts(t *testing.T) {
	t.Run("see ours end, at any depth, with its cause", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				inner := ctx
				for range 10 {
					var cancel context.CancelFunc
					inner, cancel = context.WithTimeout(context.WithValue(inner, keyOne, 1), 1000*time.Hour)
					defer cancel()
				}
				asynctest.ExpectNil(t, inner.Err())
				_ = asynctest.SleepForever(ctx)
				asynctest.ExpectEqual(t, "Err", inner.Err(), context.Canceled)
				asynctest.ExpectEqual(t, "Cause", context.Cause(inner), errBoom)
				select {
				case <-inner.Done():
				default:
					t.Error("Done is not closed")
				}
				return nil
			})
			asynctest.Settle(ctx)
			task.CancelCause(errBoom)
			asynctest.Settle(ctx)
		})
	})

	t.Run("made on a canceled context of ours are canceled, with its cause", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				derived, cancel := context.WithCancel(ctx)
				defer cancel()
				asynctest.ExpectEqual(t, "Err", derived.Err(), context.Canceled)
				asynctest.ExpectEqual(t, "Cause", context.Cause(derived), errBoom)
				return nil
			})
			asynctest.Settle(ctx)
			task.CancelCause(errBoom)
			asynctest.Settle(ctx)
		})
	})

	t.Run("start no goroutine", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			before := runtime.NumGoroutine()
			_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				for range 20 {
					c, cancel := context.WithCancelCause(ctx)
					defer cancel(nil)
					c, stop := context.WithTimeout(context.WithValue(c, keyOne, 1), 1000*time.Hour)
					defer stop()
					defer context.AfterFunc(c, func() {})()
					defer context.AfterFunc(ctx, func() {})()
				}
				asynctest.ExpectGoroutines(t, before)
				return nil
			})
		})
	})

	t.Run("AfterFunc of ours runs when it ends", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			called := asyncio.NewFuture[error](ctx)
			l := asyncio.RunningLoop(ctx)
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				context.AfterFunc(ctx, func() {
					_ = l.CallSoonThreadsafe(func() { _ = called.SetResult(context.Cause(ctx)) })
				})
				return asynctest.SleepForever(ctx)
			})
			asynctest.Settle(ctx)
			task.CancelCause(errBoom)
			cause, err := called.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "cause", cause, errBoom)
		})
	})

	t.Run("AfterFunc of ours can be taken back", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				stop := context.AfterFunc(ctx, func() { t.Error("it ran") })
				asynctest.ExpectEqual(t, "stopped", stop(), true)
				return asynctest.SleepForever(ctx)
			})
			asynctest.Settle(ctx)
			task.Cancel()
			asynctest.Settle(ctx)
		})
	})

	t.Run("with values only in between do not change how a wait ends", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.SleepForever(context.WithValue(context.WithValue(ctx, keyOne, 1), keyTwo, 2))
				asynctest.ExpectEqual(t, "error", err, asyncio.ErrCanceled)
				return err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			asynctest.Settle(ctx)
		})
	})

	t.Run("a scope opened on one ends with it", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			derived, cancel := context.WithCancelCause(ctx)
			err := asyncio.WithTaskGroup(derived, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error {
					asynctest.ExpectCanceled(t, asynctest.SleepForever(ctx))
					asynctest.ExpectEqual(t, "cause", context.Cause(ctx), errBoom)
					return ctx.Err()
				})
				tg.Go(func(context.Context) error {
					cancel(errBoom)
					return nil
				})
				return asynctest.SleepForever(ctx)
			})
			asynctest.ExpectIs(t, err, errBoom)
			asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
		})
	})
}

func TestDeadline(t *testing.T) {
	t.Run("is that of the nearest timeout", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, has := ctx.Deadline()
			asynctest.ExpectEqual(t, "outside", has, false)
			now := asyncio.RunningLoop(ctx).Now()
			_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				expectDeadline(t, ctx, now.Add(time.Hour))
				_ = asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
					expectDeadline(t, ctx, now.Add(time.Minute))
					return nil
				})
				return asyncio.WithTimeout(ctx, 2*time.Hour, func(ctx context.Context) error {
					expectDeadline(t, ctx, now.Add(time.Hour))
					return nil
				})
			})
		})
	})

	t.Run("is inherited by the tasks of a group", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			now := asyncio.RunningLoop(ctx).Now()
			_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(ctx context.Context) error {
						expectDeadline(t, ctx, now.Add(time.Hour))
						return nil
					})
					return nil
				})
			})
		})
	})

	t.Run("is seen through contexts of the standard library, both ways", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			now := asyncio.RunningLoop(ctx).Now()
			early := now.Add(time.Minute)
			derived, cancel := context.WithDeadline(ctx, time.Now().Add(1000*time.Hour))
			defer cancel()
			_ = asyncio.WithTimeoutAt(derived, early, func(ctx context.Context) error {
				c, cancel := context.WithCancel(context.WithValue(ctx, keyOne, 1))
				defer cancel()
				expectDeadline(t, c, early)
				return nil
			})
		})
	})

	t.Run("follows Reschedule", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			now := asyncio.RunningLoop(ctx).Now()
			_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				timeout := asyncio.TimeoutOf(ctx)
				timeout.Reschedule(now.Add(3 * time.Hour))
				expectDeadline(t, ctx, now.Add(3*time.Hour))
				timeout.Reschedule(time.Time{})
				_, has := ctx.Deadline()
				asynctest.ExpectEqual(t, "has one", has, false)
				return nil
			})
		})
	})

	t.Run("is not seen behind WithoutCancel", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				return asyncio.WithTaskGroup(context.WithoutCancel(ctx), func(ctx context.Context, _ *asyncio.TaskGroup) error {
					_, has := ctx.Deadline()
					asynctest.ExpectEqual(t, "has one", has, false)
					return nil
				})
			})
		})
	})
}

func expectDeadline(t *testing.T, ctx context.Context, want time.Time) {
	t.Helper()
	got, has := ctx.Deadline()
	late := got.Sub(want)
	if asynctest.IsReal(ctx) && late > 0 && late < asynctest.Patience {
		late = 0 // that clock does not stand still
	}
	if !has || late != 0 {
		t.Errorf("the deadline is %v, %v; want %v", got, has, want)
	}
}

func TestContextFromOtherGoroutines(t *testing.T) {
	t.Run("all its methods may be called while it is canceled", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			var wg sync.WaitGroup
			for range 50 {
				task := asyncio.Go(ctx, func(ctx context.Context) error {
					return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
						wg.Go(func() { useContext(t, ctx) })
						return asynctest.SleepForever(ctx)
					})
				})
				asynctest.Settle(ctx)
				task.CancelCause(errBoom)
			}
			asynctest.Settle(ctx)
			wg.Wait() //asyncio:ok blocks the goroutines need the loop no more
		})
	})

	t.Run("its end is seen together with its cause", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			var wg sync.WaitGroup
			for range 200 {
				var begun sync.WaitGroup
				begun.Add(1)
				task := asyncio.Go(ctx, func(ctx context.Context) error {
					wg.Go(func() {
						begun.Done()
						<-ctx.Done()
						asynctest.ExpectEqual(t, "cause", context.Cause(ctx), errBoom)
					})
					begun.Wait() //asyncio:ok blocks the goroutines begin without the loop
					return asynctest.SleepForever(ctx)
				})
				_ = asyncio.Yield(ctx)
				task.CancelCause(errBoom)
			}
			asynctest.Settle(ctx)
			wg.Wait() //asyncio:ok blocks the goroutines need the loop no more
		})
	})
}

// useContext does with a context of the loop what other goroutines do.
func useContext(t *testing.T, ctx context.Context) {
	defer context.AfterFunc(ctx, func() {})()
	derived, cancel := context.WithCancel(context.WithValue(ctx, keyOne, 1))
	defer cancel()
	for ctx.Err() == nil {
		ctx.Deadline()
		ctx.Value(keyTwo)
		_ = fmt.Sprint(ctx)
		_ = context.Cause(ctx)
		runtime.Gosched()
	}
	<-ctx.Done()
	<-derived.Done()
	asynctest.ExpectEqual(t, "Err", ctx.Err(), context.Canceled)
	asynctest.ExpectEqual(t, "derived Err", derived.Err(), context.Canceled)
	asynctest.ExpectEqual(t, "Cause", context.Cause(derived), errBoom)
}

func TestTreeCancellation(t *testing.T) {
	t.Run("wakes the outer scope's waiters first, then those of scopes below in the order of creation, all in the next pass", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			l := asyncio.RunningLoop(ctx)
			var begin uint64
			waits := func(name string) func(context.Context) error {
				return func(ctx context.Context) error {
					err := asynctest.SleepForever(ctx)
					d.Add("%s after %d", name, l.Stats().Passes-begin)
					return err
				}
			}
			group := func(name string, more func(ctx context.Context, tg *asyncio.TaskGroup)) func(context.Context) error {
				return func(ctx context.Context) error {
					return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
						if more != nil {
							more(ctx, tg)
						}
						tg.Go(waits(name + ".1"))
						tg.Go(waits(name + ".2"))
						return waits(name + " body")(ctx)
					})
				}
			}
			task := asyncio.Go(ctx, group("a", func(ctx context.Context, tg *asyncio.TaskGroup) {
				tg.Go(group("b", nil))
				tg.Go(func(ctx context.Context) error {
					return asyncio.WithTimeout(ctx, 5000*time.Hour, func(ctx context.Context) error {
						return waits("timeout")(ctx)
					})
				})
			}))
			asynctest.Settle(ctx)
			begin = l.Stats().Passes
			task.Cancel()
			_, _ = task.Await(ctx)
			d.Expect(t, "a body after 1",
				"b body after 1", "b.1 after 1", "b.2 after 1", "timeout after 1", "a.1 after 1", "a.2 after 1")
		})
	})

	t.Run("reaches a task that waits on the context of another", func(t *testing.T) {
		asynctest.OnLoop(t, func(outer context.Context) {
			task := asyncio.Go(outer, func(context.Context) error { return asynctest.SleepForever(outer) })
			asynctest.Settle(outer)
			task.Cancel()
			_, err := task.Await(outer)
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("reaches those who wait on the context of a task that is canceled, and no one who has gone on", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var events [3]asyncio.Event
			lender := asyncio.Go(ctx, func(lent context.Context) error {
				for i := range events {
					asyncio.Go(lent, func(context.Context) error {
						d.Add("%d: %v", i, events[i].Wait(lent))
						return nil
					})
				}
				return asynctest.SleepForever(lent)
			})
			asynctest.Settle(ctx)
			events[1].Set()
			asynctest.Settle(ctx)
			lender.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "lender canceled", lender.Canceled(), true)
			d.Expect(t, "1: <nil>", "0: asyncio: canceled", "2: asyncio: canceled")
		})
	})

	t.Run("reaches a scope that was opened on the context of another task", func(t *testing.T) {
		for name, open := range wrongScopes {
			t.Run(name, func(t *testing.T) {
				asynctest.OnLoop(t, func(outer context.Context) {
					task := asyncio.Go(outer, func(context.Context) error { return open(outer) })
					asynctest.Settle(outer)
					task.Cancel()
					took := asynctest.Elapsed(outer, func() { _, _ = task.Await(outer) })
					asynctest.ExpectEqual(t, "time", took, 0)
				})
			})
		}
	})

	t.Run("of Run's end reaches a scope that was opened on the context of main", func(t *testing.T) {
		for name, open := range wrongScopes {
			t.Run(name, func(t *testing.T) {
				asynctest.InOrder(t, func(outer context.Context) {
					asyncio.Go(outer, func(context.Context) error { return open(outer) })
					asynctest.Settle(outer)
				})
			})
		}
	})
}

// wrongScopes are what a closure opens that has captured the wrong context.
var wrongScopes = map[string]func(ctx context.Context) error{
	"a group": func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(asynctest.SleepForever)
			return nil
		})
	},
	"a timeout": func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, 9999*time.Hour, func(ctx context.Context) error {
			return asynctest.SleepForever(ctx)
		})
	},
}
