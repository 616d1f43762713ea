package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestCreateTask(t *testing.T) {
	t.Run("returns at once; the first step is in the next pass", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			n := asynctest.CountPasses(ctx, func() {
				asyncio.Go(ctx, noted(&d, "task", 0))
				d.Add("created")
			})
			asynctest.ExpectEqual(t, "passes", n, 0)
			asynctest.ExpectNil(t, asyncio.Yield(ctx))
			d.Expect(t, "created", "task begins")
		})
	})

	t.Run("keeps the task going though no one holds it", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asyncio.Go(ctx, noted(&d, "task", time.Second))
			runtime.GC()
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Minute))
			d.Expect(t, "task begins", "task ends: <nil>")
		})
	})

	t.Run("panics outside a loop and without a coroutine", func(t *testing.T) {
		asynctest.ExpectPanic(t, func() { asyncio.CreateTask(t.Context(), asynctest.Value(1)) })
		asynctest.ExpectPanic(t, func() { asyncio.Go(t.Context(), asynctest.SleepForever) })
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() { asyncio.CreateTask[int](ctx, nil) })
			asynctest.ExpectPanic(t, func() { asyncio.Go(ctx, nil) })
		})
	})
}

func TestTaskAwait(t *testing.T) {
	t.Run("takes as many passes as in asyncio", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectEqual(t, "a task that does not suspend", asynctest.CountPasses(ctx, func() {
				_, _ = asyncio.CreateTask(ctx, asynctest.Value(1)).Await(ctx)
			}), 2)
			done := asyncio.CreateTask(ctx, asynctest.Value(1), asyncio.Eager())
			asynctest.ExpectEqual(t, "a task that is done", asynctest.CountPasses(ctx, func() { _, _ = done.Await(ctx) }), 0)
			asynctest.ExpectEqual(t, "a coroutine", asynctest.CountPasses(ctx, func() { _, _ = asynctest.Value(1).Await(ctx) }), 0)
		})
	})

	t.Run("wakes the awaiters in the order in which they came", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.CreateTask(ctx, asynctest.Later(time.Second, "result"))
			for i := range 3 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					v, err := task.Await(ctx)
					d.Add("%d: %s, %v", i, v, err)
					return err
				})
			}
			_, _ = task.Await(ctx)
			asynctest.Settle(ctx)
			d.Expect(t, "0: result, <nil>", "1: result, <nil>", "2: result, <nil>")
		})
	})

	t.Run("returns the same result as often as one likes", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom))
			for range 3 {
				_, err := task.Await(ctx)
				asynctest.ExpectEqual(t, "error", err, errBoom)
			}
		})
	})

	t.Run("of oneself panics", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[struct{}]
			task = asyncio.Go(ctx, func(ctx context.Context) error {
				asynctest.ExpectPanic(t, func() { _, _ = task.Await(ctx) })
				return nil
			})
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.CreateTask(ctx, asynctest.Value(1)).Await(context.Background())
			asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
		})
		_, err := asynctest.Value(1).Await(t.Context())
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
	})
}

func TestAwaitAndCancellation(t *testing.T) {
	t.Run("cancels the task first, and its awaiter a pass later", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			l := asyncio.RunningLoop(ctx)
			var inner, outer, begin uint64
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { inner = l.Stats().Passes - begin }()
				return asynctest.SleepForever(ctx)
			})
			awaiter := asyncio.Go(ctx, func(ctx context.Context) error {
				defer func() { outer = l.Stats().Passes - begin }()
				_, err := task.Await(ctx)
				return err
			})
			asynctest.Settle(ctx)
			begin = l.Stats().Passes
			awaiter.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "task", inner, 1)
			asynctest.ExpectEqual(t, "awaiter", outer, 2)
			asynctest.ExpectEqual(t, "both canceled", task.Canceled() && awaiter.Canceled(), true)
		})
	})

	t.Run("other awaiters see it too", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, asynctest.SleepForever)
			var errs []error
			var awaiters []*asyncio.Task[struct{}]
			for range 3 {
				awaiters = append(awaiters, asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := task.Await(ctx)
					errs = append(errs, err)
					return nil
				}))
			}
			asynctest.Settle(ctx)
			awaiters[1].Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "errors", len(errs), 3)
			for _, err := range errs {
				asynctest.ExpectCanceled(t, err)
			}
		})
	})

	t.Run("a task that takes no notice gives its result all the same", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Stubborn(7))
			awaiter := asyncio.CreateTask(ctx, task.Await)
			asynctest.Settle(ctx)
			awaiter.Cancel()
			n, err := awaiter.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("returns when the task has cleaned up, whatever is canceled meanwhile", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.CreateTask(ctx, asynctest.CleansUp(&d, "task", time.Hour))
			awaiter := asyncio.CreateTask(ctx, task.Await)
			asynctest.Settle(ctx)
			for range 3 {
				awaiter.Cancel()
				task.Cancel()
				_ = asyncio.Sleep(ctx, time.Minute)
				asynctest.ExpectEqual(t, "done", awaiter.Done(), false)
			}
			_, err := awaiter.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			d.Expect(t, "task is clean")
		})
	})

	t.Run("on a canceled context, a task that is done is not looked at", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			done := asyncio.CreateTask(ctx, asynctest.Value(1), asyncio.Eager())
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				_, err := done.Await(ctx)
				return err
			})
			asynctest.Settle(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("a result that is there is not lost", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			awaiter := asyncio.CreateTask(ctx, f.Await)
			asynctest.Settle(ctx)
			_ = f.SetResult(7)
			awaiter.Cancel()
			n, err := awaiter.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})
}

func TestTaskCancel(t *testing.T) {
	t.Run("before the first step means that there is none", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(context.Context) error {
				t.Error("it ran")
				return nil
			})
			asynctest.ExpectEqual(t, "Cancel", task.Cancel(), true)
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
		})
	})

	t.Run("of a task that is done is false", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Value(1), asyncio.Eager())
			asynctest.ExpectEqual(t, "Cancel", task.Cancel(), false)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
		})
	})

	t.Run("of oneself is seen at the next wait", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[int]
			task = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				task.Cancel()
				return 0, asyncio.Yield(ctx)
			})
			_, err := task.Await(ctx)
			asynctest.ExpectCanceled(t, err)
		})
	})

	t.Run("of oneself, with no wait after it, does not take the result away", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[int]
			task = asyncio.CreateTask(ctx, func(context.Context) (int, error) {
				task.Cancel()
				return 7, nil
			})
			n, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "result", n, 7)
		})
	})

	t.Run("of a task that waits no longer is seen at its next wait", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			var first, second error
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				first = event.Wait(ctx)
				second = asyncio.Yield(ctx)
				return second
			})
			asynctest.Settle(ctx)
			event.Set()
			task.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectNil(t, first)
			asynctest.ExpectCanceled(t, second)
		})
	})
}

func TestCanceledOrFailed(t *testing.T) {
	group := func(errs ...error) error { return &asyncio.ExceptionGroup{Message: "g", Errors: errs} }
	cases := []struct {
		name     string
		ends     func(ctx context.Context) error
		asked    bool // the task is canceled, with the cause errOther
		canceled bool
	}{
		{"ErrCanceled by itself", func(context.Context) error { return asyncio.ErrCanceled }, false, true},
		{"wrapped", func(context.Context) error { return fmt.Errorf("a: %w", asyncio.ErrCanceled) }, false, true},
		{"joined with itself", func(context.Context) error { return errors.Join(asyncio.ErrCanceled, asyncio.ErrCanceled) }, false, true},
		{"in a group", func(context.Context) error { return group(asyncio.ErrCanceled, group(asyncio.ErrCanceled)) }, false, true},
		{"in a group with an error", func(context.Context) error { return group(asyncio.ErrCanceled, errBoom) }, true, false},
		{"in a group of groups with an error", func(context.Context) error {
			return group(asyncio.ErrCanceled, group(asyncio.ErrCanceled, errBoom))
		}, true, false},
		{"an empty group", func(context.Context) error { return group() }, true, false},
		{"an error", func(context.Context) error { return errBoom }, true, false},
		{"Err of its context, done", func(ctx context.Context) error { return ctx.Err() }, true, true},
		{"context.Canceled of another context", func(context.Context) error { return context.Canceled }, false, false},
		{"Cause of its context, done", context.Cause, true, true},
		{"Cause of its context, done, wrapped", func(ctx context.Context) error {
			return fmt.Errorf("why: %w", context.Cause(ctx))
		}, true, true},
		{"the same error as the cause, not done", func(context.Context) error { return errOther }, false, false},
		{"a deadline", func(context.Context) error { return context.DeadlineExceeded }, true, false},
		{"ErrTimeout", func(context.Context) error { return asyncio.ErrTimeout }, true, false},
		{"an error that says it is ErrCanceled", func(context.Context) error { return pretender{} }, true, false},
		{"an error that cannot be compared", func(context.Context) error { return incomparable{} }, true, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s: canceled: %v", c.name, c.canceled), func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				task := asyncio.Go(ctx, func(ctx context.Context) error {
					if c.asked {
						_ = asynctest.SleepForever(ctx)
					}
					return c.ends(ctx)
				})
				asynctest.Settle(ctx)
				if c.asked {
					task.CancelCause(errOther)
				}
				_, err := task.Await(ctx)
				if err == nil {
					t.Error("no error")
				}
				asynctest.ExpectEqual(t, "done", task.Done(), true)
				asynctest.ExpectEqual(t, "canceled", task.Canceled(), c.canceled)
			})
		})
	}

	t.Run("a canceled task keeps the error that its coroutine returned", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.Go(ctx, func(context.Context) error { return fmt.Errorf("reading: %w", asyncio.ErrCanceled) })
			_, err := task.Await(ctx)
			asynctest.ExpectEqual(t, "text", err.Error(), "reading: asyncio: canceled")
		})
	})
}

type pretender struct{}

func (pretender) Error() string        { return "pretender" }
func (pretender) Is(target error) bool { return target == asyncio.ErrCanceled }

type incomparable struct{ _ []int }

func (incomparable) Error() string { return "incomparable" }

func TestTaskResult(t *testing.T) {
	t.Run("says in which state the task is", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			good := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 7))
			bad := asyncio.CreateTask(ctx, asynctest.FailLater[int](time.Second, errBoom))
			canceled := asyncio.CreateTask(ctx, asynctest.Later(time.Second, 7))
			for _, task := range []*asyncio.Task[int]{good, bad, canceled} {
				_, err := task.Result()
				asynctest.ExpectIs(t, err, asyncio.ErrInvalidState)
				asynctest.ExpectIs(t, task.Err(), asyncio.ErrInvalidState)
				asynctest.ExpectEqual(t, "done", task.Done(), false)
				asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
			}
			canceled.Cancel()
			_ = asyncio.Sleep(ctx, time.Minute)
			n, err := good.Result()
			asynctest.ExpectEqual(t, "result", n, 7)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectNil(t, good.Err())
			asynctest.ExpectEqual(t, "error", bad.Err(), errBoom)
			asynctest.ExpectCanceled(t, canceled.Err())
			asynctest.ExpectEqual(t, "a failed task is canceled", bad.Canceled(), false)
		})
	})

	t.Run("can be asked for on any goroutine once the loop has ended", func(t *testing.T) {
		var task *asyncio.Task[int]
		asynctest.OnLoop(t, func(ctx context.Context) {
			task = asyncio.CreateTask(ctx, asynctest.Value(7))
			asynctest.Settle(ctx)
		})
		n, err := task.Result()
		asynctest.ExpectNil(t, err)
		asynctest.ExpectEqual(t, "result", n, 7)
	})
}

func TestTaskName(t *testing.T) {
	asynctest.InOrder(t, func(ctx context.Context) {
		named := asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("first"), asyncio.Name("second"))
		asynctest.ExpectEqual(t, "name", named.Name(), "second")
		plain := asyncio.Go(ctx, asynctest.SleepForever)
		asynctest.ExpectEqual(t, "name", plain.Name(), fmt.Sprintf("Task-%d", plain.Info().ID))
		_ = inGroup(ctx, func(tg *asyncio.TaskGroup) {
			child := tg.Go(func(context.Context) error { return nil }, asyncio.Name("child"))
			asynctest.ExpectEqual(t, "name", child.Name(), "child")
		})
	})
}

func TestEager(t *testing.T) {
	t.Run("runs up to the first suspension inside the call", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.Go(ctx, noted(&d, "task", time.Second), asyncio.Eager())
			d.Add("created")
			_, _ = task.Await(ctx)
			d.Expect(t, "task begins", "created", "task ends: <nil>")
		})
	})

	t.Run("a task that does not suspend is done when the call returns", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				task := asyncio.CreateTask(ctx, asynctest.Value(7), asyncio.Eager())
				asynctest.ExpectEqual(t, "done", task.Done(), true)
				n, err := task.Await(ctx)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectEqual(t, "result", n, 7)
			}), 0)
		})
	})

	t.Run("its failure is stored, not thrown", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom), asyncio.Eager())
			asynctest.ExpectEqual(t, "error", task.Err(), errBoom)
		})
	})

	t.Run("the current task is the new one, and then again its parent", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			parent := asyncio.CurrentTask(ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				asynctest.ExpectEqual(t, "current", asyncio.CurrentTask(ctx).Name, "child")
				asynctest.ExpectEqual(t, "parent", asyncio.CurrentTask(ctx).Parent, parent.ID)
				return nil
			}, asyncio.Eager(), asyncio.Name("child"))
			asynctest.ExpectEqual(t, "current", asyncio.CurrentTask(ctx).ID, parent.ID)
		})
	})

	t.Run("eager tasks nest", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var nest func(depth int) func(context.Context) error
			nest = func(depth int) func(context.Context) error {
				return func(ctx context.Context) error {
					d.Add("down %d", depth)
					if depth < 3 {
						asyncio.Go(ctx, nest(depth+1), asyncio.Eager())
					}
					_ = asyncio.Yield(ctx)
					d.Add("up %d", depth)
					return nil
				}
			}
			asyncio.Go(ctx, nest(1), asyncio.Eager())
			asynctest.Settle(ctx)
			d.Expect(t, "down 1", "down 2", "down 3", "up 3", "up 2", "up 1")
		})
	})

	t.Run("done callbacks are deferred all the same", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.CreateTask(ctx, asynctest.Value(1), asyncio.Eager())
			task.AddDoneCallback(func(*asyncio.Task[int]) { d.Add("callback") })
			d.Add("added")
			asynctest.Settle(ctx)
			d.Expect(t, "added", "callback")
		})
	})

	t.Run("works in a callback, where no task runs", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			asyncio.RunningLoop(ctx).CallSoon(func() {
				asyncio.Go(ctx, noted(&d, "task", time.Second), asyncio.Eager())
				d.Add("callback ends")
			})
			_ = asyncio.Sleep(ctx, time.Minute)
			d.Expect(t, "task begins", "callback ends", "task ends: <nil>")
		})
	})
}

func TestDoneCallbacks(t *testing.T) {
	t.Run("are called in the order of registration, among the awaiters, in the pass after", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			f := asyncio.NewFuture[int](ctx)
			add := func(name string) {
				f.AddDoneCallback(func(f *asyncio.Future[int]) { d.Add("%s: %v", name, f.Done()) })
			}
			add("first")
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := f.Await(ctx)
				d.Add("awaiter")
				return err
			})
			_ = asyncio.Yield(ctx)
			add("second")
			_ = f.SetResult(1)
			d.Add("set")
			_ = asyncio.Yield(ctx)
			d.Expect(t, "set", "first: true", "awaiter", "second: true")
		})
	})

	t.Run("are called for a task that is canceled as well, and for one that is done", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.Go(ctx, asynctest.SleepForever)
			note := func(t *asyncio.Task[struct{}]) { d.Add("canceled: %v", t.Canceled()) }
			task.AddDoneCallback(note)
			task.Cancel()
			asynctest.Settle(ctx)
			task.AddDoneCallback(note)
			asynctest.Settle(ctx)
			d.Expect(t, "canceled: true", "canceled: true")
		})
	})

	t.Run("can be taken back, once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.CreateTask(ctx, asynctest.Value(1))
			a := task.AddDoneCallback(func(*asyncio.Task[int]) { d.Add("a") })
			task.AddDoneCallback(func(*asyncio.Task[int]) { d.Add("b") })
			asynctest.ExpectEqual(t, "first", a(), true)
			asynctest.ExpectEqual(t, "second", a(), false)
			asynctest.Settle(ctx)
			d.Expect(t, "b")
		})
	})

	t.Run("that panics is reported, and the others are called", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			var d asynctest.Logbook
			task := asyncio.CreateTask(ctx, asynctest.Value(1))
			task.AddDoneCallback(func(*asyncio.Task[int]) { panic(errBoom) })
			task.AddDoneCallback(func(*asyncio.Task[int]) { d.Add("b") })
			asynctest.Settle(ctx)
			d.Expect(t, "b")
		})
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	t.Run("nil panics", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() { asyncio.CreateTask(ctx, asynctest.Value(1)).AddDoneCallback(nil) })
		})
	})
}

func TestErrorsThatNoOneLooksAt(t *testing.T) {
	looks := []struct {
		name string
		look func(ctx context.Context, task *asyncio.Task[int])
	}{
		{"Await", func(ctx context.Context, task *asyncio.Task[int]) { _, _ = task.Await(ctx) }},
		{"Result", func(_ context.Context, task *asyncio.Task[int]) { _, _ = task.Result() }},
		{"Err", func(_ context.Context, task *asyncio.Task[int]) { _ = task.Err() }},
		{"a done callback", func(ctx context.Context, task *asyncio.Task[int]) {
			task.AddDoneCallback(func(*asyncio.Task[int]) {})
			asynctest.Settle(ctx)
		}},
		{"Gather", func(ctx context.Context, task *asyncio.Task[int]) { _, _ = asyncio.Gather(ctx, task) }},
		{"GatherSettled", func(ctx context.Context, task *asyncio.Task[int]) { _, _ = asyncio.GatherSettled(ctx, task) }},
		{"Race", func(ctx context.Context, task *asyncio.Task[int]) { _, _ = asyncio.Race(ctx, task) }},
		{"Any", func(ctx context.Context, task *asyncio.Task[int]) { _, _ = asyncio.Any(ctx, task) }},
		{"Wait for the first exception", func(ctx context.Context, task *asyncio.Task[int]) {
			_, _, _ = asyncio.Wait(ctx, []*asyncio.Task[int]{task}, asyncio.FirstException, 0)
		}},
		{"Shield", func(ctx context.Context, task *asyncio.Task[int]) { _, _ = asyncio.Shield(ctx, task) }},
		{"AsCompleted", func(ctx context.Context, task *asyncio.Task[int]) {
			for range asyncio.AsCompleted(ctx, task) { //asyncio:ok dropped-iteration-error looking at the errors is what is tested
			}
		}},
	}
	for _, l := range looks {
		t.Run(l.name+" looks at them", func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				task := asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom))
				asynctest.Settle(ctx)
				l.look(ctx, task)
			})
		})
	}

	t.Run("are reported at the end, oldest first", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			tasks := []*asyncio.Task[int]{
				asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom), asyncio.Name("A")),
				asyncio.CreateTask(ctx, asynctest.Fail[int](errOther), asyncio.Name("B")),
			}
			asynctest.Settle(ctx)
			runtime.KeepAlive(tasks)
		})
		if len(reports) != 2 || reports[0].Err != errBoom || reports[1].Err != errOther {
			t.Fatalf("reported: %v", reports)
		}
		asynctest.ExpectEqual(t, "name", reports[0].Task.Name, "A")
		asynctest.ExpectEqual(t, "named", strings.Contains(reports[0].Message, "task A"), true)
	})

	t.Run("are reported when the task is collected", func(t *testing.T) {
		var reports []asyncio.ExceptionContext
		handler := asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c) })
		asynctest.ExpectNil(t, asynctest.EndInWorld(t, func(ctx context.Context) error {
			asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom))
			for deadline := time.Now().Add(10 * time.Second); len(reports) == 0 && time.Now().Before(deadline); {
				runtime.GC()
				_ = asyncio.Yield(ctx)
			}
			asynctest.ExpectEqual(t, "reports", len(reports), 1)
			return nil
		}, handler))
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	t.Run("of a future are reported as well", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) { _ = asyncio.NewFuture[int](ctx).SetError(errBoom) })
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})

	t.Run("a cancellation is not one", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asyncio.Go(ctx, asynctest.SleepForever).Cancel()
			asyncio.Go(ctx, func(context.Context) error { return fmt.Errorf("a: %w", asyncio.ErrCanceled) })
			asyncio.NewFuture[int](ctx).Cancel()
			asynctest.Settle(ctx)
		})
	})

	t.Run("Done and Canceled do not look", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom))
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "done", task.Done(), true)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
		})
		asynctest.ExpectEqual(t, "reports", len(reports), 1)
	})
}

func TestCurrentTaskAndAllTasks(t *testing.T) {
	t.Run("AllTasks are those that have not ended, by age", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name("a"))
			_ = inGroup(ctx, func(tg *asyncio.TaskGroup) {
				tg.Go(func(ctx context.Context) error {
					names := []string{}
					for _, info := range asyncio.AllTasks(ctx) {
						names = append(names, info.Name)
					}
					asynctest.ExpectEqual(t, "all", slices.Equal(names, []string{"Task-1", "a", "b"}), true)
					return nil
				}, asyncio.Name("b"))
			})
			asynctest.ExpectEqual(t, "left", len(asyncio.AllTasks(ctx)), 2)
		})
	})

	t.Run("they tell what a task waits for", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var lock asyncio.Lock
			_ = lock.Acquire(ctx)
			a := asyncio.Go(ctx, lock.Acquire, asyncio.Name("a"))
			b := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := a.Await(ctx)
				return err
			})
			asynctest.Settle(ctx)
			c := asyncio.Go(ctx, asynctest.SleepForever)
			states := []string{}
			for _, info := range []asyncio.TaskInfo{asyncio.CurrentTask(ctx), a.Info(), b.Info(), c.Info()} {
				states = append(states, fmt.Sprint(info.State, " ", info.WaitingOn))
			}
			asynctest.ExpectEqual(t, "states", fmt.Sprintf("%q", states), `["running " "waiting lock" "waiting task \"a\"" "ready "]`)
			asynctest.ExpectEqual(t, "has a stack", strings.Contains(string(a.Info().Stack()), "Acquire"), true)
			c.Cancel()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "state", c.Info().State, asyncio.TaskDone)
		})
	})

	t.Run("no task is current in a callback or outside a loop", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asyncio.RunningLoop(ctx).CallSoon(func() {
				asynctest.ExpectEqual(t, "ID", asyncio.CurrentTask(ctx).ID, 0)
			})
			asynctest.Settle(ctx)
		})
		asynctest.ExpectEqual(t, "ID", asyncio.CurrentTask(t.Context()).ID, 0)
	})
}
