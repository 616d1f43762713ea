package cpython

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// waitsFor makes a task that awaits f.
func waitsFor(ctx context.Context, f *asyncio.Future[int]) *asyncio.Task[int] {
	task := asyncio.CreateTask(ctx, f.Await)
	passes(ctx, 1)
	return task
}

func TestCPythonTaskBasics(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"a task gives the result of its coroutine": func(t *testing.T, ctx context.Context) {
			task := asyncio.CreateTask(ctx, asynctest.Value("ok"))
			asynctest.ExpectEqual(t, "done before its first step", task.Done(), false)
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, "ok")
			asynctest.ExpectEqual(t, "done", task.Done(), true)
		},
		"a task awaits others and uses their results": func(t *testing.T, ctx context.Context) {
			outer := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				a, _ := asyncio.CreateTask(ctx, asynctest.Value(42)).Await(ctx)
				b, err := asyncio.CreateTask(ctx, asynctest.Value(1000)).Await(ctx)
				return a + b, err
			})
			got, err := outer.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, 1042)
		},
		"what awaits a task or a future awaits that itself": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			task := asyncio.CreateTask(ctx, f.Await)
			asyncio.RunningLoop(ctx).CallLater(time.Second, func() { _ = f.SetResult(42) })
			before := len(asyncio.AllTasks(ctx))
			got, err := asyncio.Gather(ctx, asyncio.Awaitable[int](f), asyncio.Awaitable[int](task))
			is(t, "Gather", err, nil)
			equalAll(t, "results", got, []int{42, 42})
			asynctest.ExpectEqual(t, "tasks alive", len(asyncio.AllTasks(ctx)), before-1)
		},
		"the current task is the one that runs, whoever runs in between": func(t *testing.T, ctx context.Context) {
			check := func(name string, pauses int) asyncio.Coro[none] {
				return func(ctx context.Context) (none, error) {
					for range pauses {
						asynctest.ExpectEqual(t, "current task", asyncio.CurrentTask(ctx).Name, name)
						passes(ctx, 1)
					}
					asynctest.ExpectEqual(t, "current task", asyncio.CurrentTask(ctx).Name, name)
					return none{}, nil
				}
			}
			a := asyncio.CreateTask(ctx, check("a", 3), asyncio.Name("a"))
			b := asyncio.CreateTask(ctx, check("b", 5), asyncio.Name("b"))
			_, err := asyncio.Gather(ctx, a, b)
			is(t, "Gather", err, nil)
		},
		"a task that panics while it is canceled has panicked": func(t *testing.T, ctx context.Context) {
			var heard asynctest.Reports
			asyncio.RunningLoop(ctx).SetExceptionHandler(heard.Take)
			task, err := canceledAfter(ctx, func(ctx context.Context) error {
				_ = asynctest.SleepForever(ctx)
				panic(errOops)
			})
			if p, ok := errors.AsType[*asyncio.PanicError](err); !ok || p.Value != any(errOops) {
				t.Errorf("the error is %v, want a panic", err)
			}
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
			asynctest.ExpectEqual(t, "reports", len(heard.List()), 1)
		},
	})
}

func TestCPythonTaskContexts(t *testing.T) {
	type key struct{}
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"a value that an awaited coroutine sets is its own": func(t *testing.T, ctx context.Context) {
			ctx = context.WithValue(ctx, key{}, 1)
			inner := asyncio.Coro[any](func(ctx context.Context) (any, error) {
				return context.WithValue(ctx, key{}, 2).Value(key{}), nil
			})
			got, _ := inner.Await(ctx)
			asynctest.ExpectEqual(t, "inside", got, any(2))
			asynctest.ExpectEqual(t, "outside", ctx.Value(key{}), any(1))
		},
		"a task has the values of the moment of its creation": func(t *testing.T, ctx context.Context) {
			var tasks []*asyncio.Task[any]
			for i := range 3 {
				ctx = context.WithValue(ctx, key{}, i)
				tasks = append(tasks, asyncio.CreateTask(ctx, func(ctx context.Context) (any, error) { return ctx.Value(key{}), nil }))
			}
			got, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
			is(t, "Gather", err, nil)
			equalAll(t, "values", got, []any{0, 1, 2})
		},
		"a hundred tasks keep theirs apart": func(t *testing.T, ctx context.Context) {
			wrong := 0
			var tasks []*asyncio.Task[none]
			for i := range 100 {
				tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
					for j := range 10 {
						mine := context.WithValue(ctx, key{}, i*10+j)
						_ = asyncio.Sleep(mine, time.Duration(i*j%7)*time.Second)
						if mine.Value(key{}) != i*10+j {
							wrong++
						}
					}
					return nil
				}))
			}
			_, err := asyncio.Gather(ctx, asyncio.Awaitables(tasks)...)
			is(t, "Gather", err, nil)
			asynctest.ExpectEqual(t, "wrong values", wrong, 0)
		},
		"a task may be given others than those of its creator": func(t *testing.T, ctx context.Context) {
			ctx = context.WithValue(ctx, key{}, "creator")
			given := context.WithValue(ctx, key{}, "given")
			for start, how := range startings {
				got, err := asyncio.CreateTask(given, func(ctx context.Context) (any, error) { return ctx.Value(key{}), nil }, how...).Await(ctx)
				is(t, start, err, nil)
				asynctest.ExpectEqual(t, start, got, any("given"))
			}
			asynctest.ExpectEqual(t, "creator", ctx.Value(key{}), any("creator"))
		},
	})
}

func TestCPythonTaskCancel(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"ends a task that sleeps": func(t *testing.T, ctx context.Context) {
			task, err := canceledAfter(ctx, asynctest.SleepForever)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "done and canceled", task.Done() && task.Canceled(), true)
			asynctest.ExpectEqual(t, "again", task.Cancel(), false)
		},
		"ends a task that yields": func(t *testing.T, ctx context.Context) {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
			})
			passes(ctx, 5)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), true)
		},
		"before the first step lets no step be": func(t *testing.T, ctx context.Context) {
			task := asyncio.CreateTask(ctx, func(context.Context) (int, error) { panic("it ran") })
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
		},
		"with a reason tells that to the task, and not to who looks at it": func(t *testing.T, ctx context.Context) {
			var heard error
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.SleepForever(ctx)
				heard = context.Cause(ctx)
				return err
			})
			passes(ctx, 1)
			task.CancelCause(errOops)
			_, err := task.Await(ctx)
			is(t, "the reason", heard, errOops)
			before := asyncio.Go(ctx, asynctest.SleepForever)
			before.CancelCause(errOops)
			_, errBefore := before.Await(ctx)
			_, result := task.Result()
			for _, err := range []error{err, errBefore, result, task.Err()} {
				is(t, "task", err, asyncio.ErrCanceled)
				asynctest.ExpectEqual(t, "with its reason", errors.Is(err, errOops), false)
			}
		},
		"of a future ends the task that awaits it": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			task := waitsFor(ctx, f)
			f.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "both canceled", f.Canceled() && task.Canceled(), true)
		},
		"of a future and of the task that awaits it in one pass": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			task := waitsFor(ctx, f)
			f.Cancel()
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "both canceled", f.Canceled() && task.Canceled(), true)
		},
		"of a task cancels the future that it awaits": func(t *testing.T, ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			task := waitsFor(ctx, f)
			asynctest.ExpectEqual(t, "cancel", task.Cancel(), true)
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "both canceled", f.Canceled() && task.Canceled(), true)
		},
		"that the task catches leaves its result": func(t *testing.T, ctx context.Context) {
			first, second := asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				_, _ = first.Await(ctx)
				_, err := second.Await(ctx)
				is(t, "second wait", err, asyncio.ErrCanceled)
				return 42, nil
			})
			passes(ctx, 1)
			_ = first.SetResult(1)
			passes(ctx, 1)
			task.Cancel()
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
			asynctest.ExpectEqual(t, "canceled", task.Canceled(), false)
		},
		"that the task ignores cuts its next wait as well, unless that is kept away from it": func(t *testing.T, ctx context.Context) {
			last := asyncio.NewFuture[int](ctx)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				is(t, "first wait", asynctest.SleepForever(ctx), asyncio.ErrCanceled)
				is(t, "second wait", asynctest.SleepForever(ctx), asyncio.ErrCanceled)
				return last.Await(context.WithoutCancel(ctx))
			})
			passes(ctx, 1)
			task.Cancel()
			passes(ctx, 5)
			asynctest.ExpectEqual(t, "done", task.Done(), false)
			_ = last.SetResult(42)
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, 42)
		},
		"of oneself is seen at the next wait": func(t *testing.T, ctx context.Context) {
			reached := false
			var self *asyncio.Task[none]
			self = asyncio.Go(ctx, func(ctx context.Context) error {
				self.Cancel()
				if err := asynctest.SleepForever(ctx); err != nil {
					return err
				}
				reached = true
				return nil
			})
			_, err := self.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "reached", reached, false)
		},
		"of oneself at the end takes nothing away": func(t *testing.T, ctx context.Context) {
			var self *asyncio.Task[int]
			self = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				self.Cancel()
				return 12, nil
			})
			got, err := self.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, 12)
			asynctest.ExpectEqual(t, "canceled", self.Canceled(), false)
		},
		"of a task and of its awaiter in one pass": func(t *testing.T, ctx context.Context) {
			inner := asyncio.Go(ctx, asynctest.SleepForever)
			outer := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := inner.Await(ctx)
				return err
			})
			passes(ctx, 2)
			inner.Cancel()
			outer.Cancel()
			_, err := outer.Await(ctx)
			is(t, "outer", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "both canceled", inner.Canceled() && outer.Canceled(), true)
		},
		"is passed on through all that is awaited": taskCancelIsPassedOn,
		"of Wait leaves alone what it waits for": func(t *testing.T, ctx context.Context) {
			proof := 0
			f := asyncio.NewFuture[int](ctx)
			inner := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := f.Await(ctx)
				proof++
				return err
			})
			outer := asyncio.Go(ctx, func(ctx context.Context) error {
				_, _, err := asyncio.Wait(ctx, []*asyncio.Task[none]{inner}, asyncio.AllCompleted, 0)
				if err != nil {
					return err
				}
				proof += 100
				return nil
			})
			passes(ctx, 2)
			outer.Cancel()
			_, err := outer.Await(ctx)
			is(t, "outer", err, asyncio.ErrCanceled)
			_ = f.SetResult(1)
			_, err = inner.Await(ctx)
			is(t, "inner", err, nil)
			asynctest.ExpectEqual(t, "proof", proof, 1)
		},
	})
}

func taskCancelIsPassedOn(t *testing.T, ctx context.Context) {
	proof := 0
	f := asyncio.NewFuture[int](ctx)
	inner := asyncio.Go(ctx, func(ctx context.Context) error {
		_, err := f.Await(ctx)
		if err != nil {
			proof++
		}
		return err
	})
	outer := asyncio.Go(ctx, func(ctx context.Context) error {
		_, err := inner.Await(ctx)
		if err != nil {
			proof += 100
		}
		return err
	})
	passes(ctx, 2)
	outer.Cancel()
	_, err := outer.Await(ctx)
	is(t, "outer", err, asyncio.ErrCanceled)
	asynctest.ExpectEqual(t, "proof", proof, 101)
	asynctest.ExpectEqual(t, "all canceled", f.Canceled() && inner.Canceled(), true)
}

func TestCPythonSleep(t *testing.T) {
	runCases(t, map[string]func(t *testing.T, ctx context.Context){
		"takes its time": func(t *testing.T, ctx context.Context) {
			took := stopwatch(ctx)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
				_ = asyncio.Sleep(ctx, time.Second)
				return "yeah", asyncio.Sleep(ctx, time.Second)
			})
			got, err := task.Await(ctx)
			is(t, "task", err, nil)
			asynctest.ExpectEqual(t, "result", got, "yeah")
			asynctest.ExpectEqual(t, "it took", took(), 2*time.Second)
		},
		"leaves no timer when it is cut": func(t *testing.T, ctx context.Context) {
			task := asyncio.Go(ctx, asynctest.SleepForever)
			passes(ctx, 1)
			loop := asyncio.RunningLoop(ctx)
			asynctest.ExpectEqual(t, "timers", loop.Stats().Timers, 1)
			task.Cancel()
			_, err := task.Await(ctx)
			is(t, "task", err, asyncio.ErrCanceled)
			asynctest.ExpectEqual(t, "timers", loop.Stats().Timers, 0)
		},
		"of nothing lets the others go on in turn": func(t *testing.T, ctx context.Context) {
			var d journal
			count := func(name string) asyncio.Coro[none] {
				return func(ctx context.Context) (none, error) {
					for _, n := range []string{"1", "2", "3"} {
						d.add(name + n)
						_ = asyncio.Sleep(ctx, 0)
					}
					return none{}, nil
				}
			}
			took := stopwatch(ctx)
			_, err := asyncio.Gather(ctx, count("a"), count("b"))
			is(t, "Gather", err, nil)
			d.expect(t, "a1 b1 a2 b2 a3 b3")
			asynctest.ExpectEqual(t, "it took", took(), 0)
		},
	})
}

func TestCPythonRunCoroutineThreadsafe(t *testing.T) {
	cases := map[string]func(t *testing.T, loop *asyncio.Loop){
		"gives the result": func(t *testing.T, loop *asyncio.Loop) {
			got, err := asyncio.RunCoroutineThreadsafe(loop, asynctest.Later(time.Millisecond, 3)).Wait(t.Context())
			is(t, "Wait", err, nil)
			asynctest.ExpectEqual(t, "result", got, 3)
		},
		"gives the error": func(t *testing.T, loop *asyncio.Loop) {
			_, err := asyncio.RunCoroutineThreadsafe(loop, asynctest.FailLater[int](time.Millisecond, errOops)).Wait(t.Context())
			is(t, "Wait", err, errOops)
		},
		"can be waited for with a timeout, and then canceled": func(t *testing.T, loop *asyncio.Loop) {
			f := asyncio.RunCoroutineThreadsafe(loop, func(ctx context.Context) (int, error) { return 0, new(asyncio.Event).Wait(ctx) })
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_, err := f.Wait(ctx)
			is(t, "Wait", err, context.DeadlineExceeded)
			asynctest.ExpectEqual(t, "cancel", f.Cancel(), true)
			_, err = f.Wait(t.Context())
			is(t, "Wait", err, asyncio.ErrCanceled)
		},
		"tells of a task that cancels itself": func(t *testing.T, loop *asyncio.Loop) {
			_, err := asyncio.RunCoroutineThreadsafe(loop, asynctest.Fail[int](asyncio.ErrCanceled)).Wait(t.Context())
			is(t, "Wait", err, asyncio.ErrCanceled)
		},
		"can be canceled from the other goroutine": func(t *testing.T, loop *asyncio.Loop) {
			begun := make(chan none)
			f := asyncio.RunCoroutineThreadsafe(loop, func(ctx context.Context) (none, error) {
				close(begun)
				return none{}, asynctest.SleepForever(ctx)
			})
			<-begun
			f.Cancel()
			_, err := f.Wait(t.Context())
			is(t, "Wait", err, asyncio.ErrCanceled)
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				loop := asyncio.RunningLoop(ctx)
				_, err := asyncio.ToThread(ctx, func(context.Context) (none, error) {
					test(t, loop)
					return none{}, nil
				})
				return err
			})
			is(t, "Run", err, nil)
		})
	}
}
