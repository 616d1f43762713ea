//asyncio:ok callback-suspends that what suspends panics in NoSuspend is what is tested
package asyncio_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// An update of several variables is seen whole or not at all by the other tasks, as
// long as nothing in it suspends. NoSuspend makes sure of that.
func ExampleNoSuspend() {
	from, to := 100, 0
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.NoSuspend(ctx, func() {
			from -= 30
			to += 30
		})
		fmt.Println(from, to)

		defer func() { fmt.Println(recover()) }()
		asyncio.NoSuspend(ctx, func() {
			from -= 30
			_ = asyncio.Yield(ctx) // others would see that 30 are missing
			to += 30
		})
		return nil
	})
	// Output:
	// 70 30
	// asyncio: a suspension in a function that NoSuspend has called: do before or after it what may wait
}

// waysToSuspend are some ways to suspend.
var waysToSuspend = map[string]func(ctx context.Context){
	"Yield": func(ctx context.Context) { _ = asyncio.Yield(ctx) },
	"Sleep": func(ctx context.Context) { _ = asyncio.Sleep(ctx, time.Hour) },
	"Yield on a context of package context": func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		_ = asyncio.Yield(ctx)
	},
	"Yield on what is not canceled": func(ctx context.Context) { _ = asyncio.Yield(context.WithoutCancel(ctx)) },
	"an event":                      func(ctx context.Context) { _ = new(asyncio.Event).Wait(ctx) },
	"a queue":                       func(ctx context.Context) { _, _ = asyncio.NewQueue[int](0).Get(ctx) },
	"a future":                      func(ctx context.Context) { _, _ = asyncio.NewFuture[int](ctx).Await(ctx) },
	"a timeout": func(ctx context.Context) {
		_ = asyncio.WithTimeout(ctx, time.Hour, asynctest.SleepForever)
	},
	"a wait that is refused": func(ctx context.Context) {
		_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return new(asyncio.Lock).Acquire(ctx)
		})
	},
	"a channel that has a value": func(ctx context.Context) {
		ch := make(chan int, 1)
		ch <- 1
		_, _, _ = asyncio.Receive(ctx, ch)
	},
	"a channel that has room": func(ctx context.Context) { _ = asyncio.Send(ctx, make(chan int, 1), 1) },
	"gathering": func(ctx context.Context) {
		_, _ = asyncio.Gather(ctx, asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx))
	},
}

func TestNoSuspend(t *testing.T) {
	for name, suspend := range waysToSuspend {
		t.Run("panics at "+name+", and the task can suspend afterwards", func(t *testing.T) {
			asynctest.OnLoop(t, func(ctx context.Context) {
				other := false
				asyncio.Go(ctx, func(context.Context) error { other = true; return nil })
				asynctest.ExpectPanic(t, func() { asyncio.NoSuspend(ctx, func() { suspend(ctx) }) })
				asynctest.ExpectEqual(t, "another task has run", other, false)
				asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Second))
				asynctest.ExpectEqual(t, "another task has run then", other, true)
			})
		})
	}

	t.Run("starts no thread", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() {
				asyncio.NoSuspend(ctx, func() {
					_ = asyncio.ToThreadFunc(ctx, func(context.Context) error { t.Error("it runs"); return nil })
				})
			})
		})
	})

	t.Run("lets pass what need not wait", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			q := asyncio.NewQueue[int](0)
			var lock asyncio.Lock
			asyncio.NoSuspend(ctx, func() {
				asynctest.ExpectNil(t, q.Put(ctx, 1))
				_, err := q.Get(ctx)
				asynctest.ExpectNil(t, err)
				asynctest.ExpectNil(t, lock.Acquire(ctx))
				lock.Release()
				asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) })
			})
		})
	})

	t.Run("holds for the task alone, not for one that it starts eagerly", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var task *asyncio.Task[struct{}]
			asyncio.NoSuspend(ctx, func() {
				task = asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) }, asyncio.Eager())
				asynctest.ExpectPanic(t, func() { _ = asyncio.Yield(ctx) })
			})
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("is nested", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asyncio.NoSuspend(ctx, func() {
				asyncio.NoSuspend(ctx, func() {})
				asynctest.ExpectPanic(t, func() { _ = asyncio.Yield(ctx) })
			})
			asynctest.ExpectNil(t, asyncio.Yield(ctx))
		})
	})

	t.Run("ends with a panic or a Goexit in the function", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() { asyncio.NoSuspend(ctx, func() { panic("bang") }) })
			asynctest.ExpectNil(t, asyncio.Yield(ctx))
		})
		asynctest.InOrder(t, func(ctx context.Context) {
			defer func() { asynctest.ExpectNil(t, asyncio.Yield(ctx)) }() //asyncio:ok cleanup-canceled nothing cancels it
			func() {
				defer func() { _ = recover() }()
				asyncio.NoSuspend(ctx, func() { _ = asyncio.Yield(ctx) })
			}()
		})
	})

	t.Run("goes by where it is called, not by the context", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectPanic(t, func() {
				asyncio.NoSuspend(context.Background(), func() { _ = asyncio.Yield(ctx) })
			})
		})
	})

	t.Run("just calls the function off a loop, in a thread and in a callback", func(t *testing.T) {
		calls := 0
		call := func() { calls++ }
		asyncio.NoSuspend(context.Background(), call)
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			asyncio.RunningLoop(ctx).CallSoon(func() { asyncio.NoSuspend(ctx, call) })
			asynctest.ExpectNil(t, asyncio.Yield(ctx))
			asynctest.ExpectNil(t, asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
				asyncio.NoSuspend(ctx, call)
				return nil
			}))
		})
		asynctest.ExpectEqual(t, "calls", calls, 3)
	})

	t.Run("does not look whether the context is canceled", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			called := false
			asyncio.NoSuspend(ctx, func() { called = true })
			asynctest.ExpectEqual(t, "called", called, true)
		})
	})

	t.Run("of nothing panics", func(t *testing.T) {
		asynctest.ExpectPanic(t, func() { asyncio.NoSuspend(context.Background(), nil) })
		var none context.Context
		asynctest.ExpectPanic(t, func() { asyncio.NoSuspend(none, func() {}) })
	})
}

// startGroup runs a group in NoSuspend that would have to wait for its child. The child
// begins at once.
func startGroup(ctx context.Context, child, body func(ctx context.Context) error) {
	asyncio.NoSuspend(ctx, func() {
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(child, asyncio.Eager())
			return body(ctx)
		})
	})
}

func TestAGroupThatWouldHaveToWaitInNoSuspend(t *testing.T) {
	nothing := func(context.Context) error { return nil }

	t.Run("panics, and its tasks are canceled", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var got error
			asynctest.ExpectAdvice(t, func() {
				startGroup(ctx, func(ctx context.Context) error {
					got = asynctest.SleepForever(ctx)
					return got
				}, nothing)
			}, "WithTaskGroup", "NoSuspend")
			asynctest.Settle(ctx)
			asynctest.ExpectCanceled(t, got)
			asynctest.ExpectEqual(t, "tasks", len(asyncio.AllTasks(ctx)), 1)
			asynctest.ExpectNil(t, asyncio.WithTaskGroup(ctx, func(context.Context, *asyncio.TaskGroup) error { return nil }))
		})
	})

	t.Run("goes on with the panic of its body", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			value := asynctest.PanicOf(func() {
				startGroup(ctx, asynctest.SleepForever, func(context.Context) error { panic("bang") })
			})
			asynctest.ExpectEqual(t, "panic", value, any("bang"))
		})
	})

	t.Run("leaves no task that the end of Run does not know", func(t *testing.T) {
		cleanedUp := false
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.Go(ctx, func(ctx context.Context) error {
				asynctest.ExpectPanic(t, func() {
					startGroup(ctx, func(ctx context.Context) error {
						err := asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
						cleanedUp = true
						return err
					}, nothing)
				})
				return nil
			}).Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "tasks", len(asyncio.AllTasks(ctx)), 2)
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Hour))
			asynctest.ExpectEqual(t, "tasks an hour later", len(asyncio.AllTasks(ctx)), 1)
		})
		asynctest.ExpectEqual(t, "cleaned up", cleanedUp, true)
	})

	t.Run("can take no more tasks when the last has ended", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var group *asyncio.TaskGroup
			more := func() *asyncio.Task[struct{}] {
				return group.Go(func(context.Context) error { t.Error("it runs"); return nil })
			}
			asynctest.ExpectPanic(t, func() {
				asyncio.NoSuspend(ctx, func() {
					_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
						group = tg
						more()
						return nil
					})
				})
			})
			_, err := more().Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.Settle(ctx)
			asynctest.ExpectPanic(t, func() { more() })
		})
	})
}

func TestWhatNoSuspendRefusesHasNotBegun(t *testing.T) {
	t.Run("waiting for a condition", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var cond asyncio.Condition
			asynctest.ExpectAdvice(t, func() {
				asyncio.NoSuspend(ctx, func() { _ = cond.With(ctx, func() error { return cond.Wait(ctx) }) })
			}, "Condition.Wait", "NoSuspend")
			asynctest.ExpectEqual(t, "locked", cond.Locked(), false)
		})
	})

	t.Run("an operation on a channel, be the other end ready or not", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			ch := make(chan int, 2)
			ch <- 1
			asynctest.ExpectAdvice(t, func() { asyncio.NoSuspend(ctx, func() { _ = asyncio.Send(ctx, ch, 2) }) }, "Send", "NoSuspend")
			asynctest.ExpectAdvice(t, func() { asyncio.NoSuspend(ctx, func() { _, _, _ = asyncio.Receive(ctx, ch) }) }, "Receive", "NoSuspend")
			asynctest.ExpectEqual(t, "values in the channel", len(ch), 1)
		})
	})

	t.Run("a coroutine on a loop", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			asynctest.ExpectAdvice(t, func() {
				asyncio.NoSuspend(ctx, func() {
					_ = asyncio.RunOnFunc(ctx, asyncio.RunningLoop(ctx), func(context.Context) error { t.Error("it runs"); return nil })
				})
			}, "RunOn", "NoSuspend")
			asynctest.Settle(ctx)
		})
	})
}

func TestNoSuspendAndGoexit(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	ended := make(chan error, 1)
	go func() {
		_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
			defer func() { ended <- asyncio.Yield(ctx) }() //asyncio:ok cleanup-canceled Goexit ends the task, and no cancellation
			asyncio.NoSuspend(ctx, runtime.Goexit)
			return nil
		})
	}()
	asynctest.ExpectNil(t, <-ended)
}
