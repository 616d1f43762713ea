package asyncio_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// onTwoLoops runs fn on one loop and gives it another.
func onTwoLoops(t *testing.T, fn func(ctx context.Context, other *asyncio.Loop) error) {
	t.Helper()
	groupMustEnd(t, 2, func(ctx context.Context, g *asyncio.LoopGroup) error { return fn(ctx, g.Loop(1)) })
}

func TestRunOn(t *testing.T) {
	t.Run("runs there and returns here", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			mine := asyncio.RunningLoop(ctx)
			v, err := asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) {
				asynctest.ExpectEqual(t, "the loop there", asyncio.RunningLoop(ctx), other)
				return 42, asyncio.Yield(ctx)
			})
			asynctest.ExpectEqual(t, "the loop here", asyncio.RunningLoop(ctx), mine)
			asynctest.ExpectEqual(t, "the result", v, 42)
			return err
		})
	})
	t.Run("suspends only the task, and takes no thread", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			e := new(asyncio.Event) // of the other loop
			asyncio.Go(ctx, func(ctx context.Context) error {
				asynctest.ExpectEqual(t, "threads", asyncio.RunningLoop(ctx).Stats().Threads, 0)
				asynctest.ExpectEqual(t, "what main waits for", mainTask(ctx).WaitingOn, "another loop")
				return other.CallSoonThreadsafe(e.Set)
			})
			_, err := asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) { return 0, e.Wait(ctx) })
			return err
		})
	})
	t.Run("from a goroutine without a loop blocks that", func(t *testing.T) {
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			v, err := asyncio.RunOn(t.Context(), l, asynctest.Later(time.Millisecond, 42))
			asynctest.ExpectEqual(t, "the result", v, 42)
			asynctest.ExpectNil(t, err)
		})
	})
	t.Run("on the loop of the task itself awaits a task there", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			mine := asyncio.CurrentTask(ctx).ID
			v, err := asyncio.RunOn(ctx, asyncio.RunningLoop(ctx), func(ctx context.Context) (int, error) {
				if asyncio.CurrentTask(ctx).ID == mine {
					t.Error("it runs in the calling task")
				}
				return 42, asyncio.Yield(ctx)
			})
			asynctest.ExpectEqual(t, "the result", v, 42)
			asynctest.ExpectNil(t, err)
		})
	})
	t.Run("there and back again works", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			mine := asyncio.RunningLoop(ctx)
			_, err := asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) {
				return asyncio.RunOn(ctx, mine, func(ctx context.Context) (int, error) {
					return asyncio.RunOn(ctx, other, asynctest.Later(time.Millisecond, 1))
				})
			})
			return err
		})
	})
	t.Run("passes the values of the context on, and nothing else", func(t *testing.T) {
		type key struct{}
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			return asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
				ctx = context.WithValue(ctx, key{}, "mine")
				_, err := asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) {
					asynctest.ExpectEqual(t, "a value", ctx.Value(key{}), any("mine"))
					if _, ok := ctx.Deadline(); ok {
						t.Error("it has a deadline")
					}
					return 0, asyncio.Yield(ctx)
				})
				return err
			})
		})
	})
	t.Run("returns the error there, which is not reported", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			_, err := asyncio.RunOn(ctx, other, asynctest.Fail[int](errBoom))
			asynctest.ExpectEqual(t, "the error", err, errBoom)
			return nil
		})
	})
	t.Run("on a loop that has ended returns ErrLoopClosed", func(t *testing.T) {
		var ended *asyncio.Loop
		asynctest.OnLoop(t, func(ctx context.Context) { ended = asyncio.RunningLoop(ctx) })
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.RunOn(ctx, ended, asynctest.Value(1))
			asynctest.ExpectEqual(t, "the error", err, asyncio.ErrLoopClosed)
		})
	})
	t.Run("on a loop that ends at that moment returns all the same", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		r := asynctest.NewRunner()
		l, ended := r.Loop(), make(chan error)
		go func() {
			_, err := asyncio.RunOn(t.Context(), l, asynctest.Value(1))
			ended <- err
		}()
		asynctest.ExpectNil(t, r.Close())
		if err := asynctest.Receive(t, ended); err != nil && !errors.Is(err, asyncio.ErrCanceled) && !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("it returned %v", err)
		}
	})
}

// mainTask is the first task of the loop.
func mainTask(ctx context.Context) asyncio.TaskInfo {
	for _, info := range asyncio.AllTasks(ctx) {
		if info.ID == 1 {
			return info
		}
	}
	return asyncio.TaskInfo{}
}

func TestRunOnCancellation(t *testing.T) {
	t.Run("cancels the coroutine, with the reason, and waits for its end", func(t *testing.T) {
		why := errors.New("why")
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			var d asynctest.Logbook
			begun := make(chan int)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) {
					close(begun)
					err := asynctest.WaitForever(ctx)
					asynctest.ExpectEqual(t, "the cause", context.Cause(ctx), why)
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
					d.Add("cleaned up")
					return 0, err
				})
			}, asyncio.Eager())
			asynctest.Receive(t, begun)
			task.CancelCause(why)
			_, err := task.Await(ctx)
			d.Add("awaited")
			asynctest.ExpectCanceled(t, err)
			d.Expect(t, "cleaned up", "awaited")
			return nil
		})
	})
	t.Run("of a coroutine that returns a value all the same returns that", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			begun := make(chan int)
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) {
					close(begun)
					_ = asynctest.WaitForever(ctx)
					return 42, nil
				})
			}, asyncio.Eager())
			asynctest.Receive(t, begun)
			task.Cancel()
			v, err := task.Await(ctx)
			asynctest.ExpectEqual(t, "the result", v, 42)
			return err
		})
	})
	t.Run("by a context of the standard library returns its error", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
			defer cancel()
			_, err := asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) { return 0, asynctest.WaitForever(ctx) })
			asynctest.ExpectIs(t, err, context.DeadlineExceeded)
			asynctest.ExpectIsNot(t, err, asyncio.ErrCanceled)
			return nil
		})
	})
	t.Run("by a timeout of ours is a timeout", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				_, err := asyncio.RunOn(ctx, other, func(ctx context.Context) (int, error) { return 0, asynctest.WaitForever(ctx) })
				return err
			})
			asynctest.ExpectTimeout(t, err)
			return nil
		})
	})
	t.Run("before it begins keeps the coroutine from running", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			ran := asyncio.Coro[int](func(context.Context) (int, error) { panic("it ran") })
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				_ = asynctest.WaitForever(ctx)
				for _, l := range []*asyncio.Loop{other, asyncio.RunningLoop(ctx)} {
					_, err := asyncio.RunOn(ctx, l, ran)
					asynctest.ExpectCanceled(t, err)
				}
				return 0, nil
			}, asyncio.Eager())
			task.Cancel()
			_, err := task.Await(ctx)
			return err
		})
	})
	t.Run("from a goroutine without a loop cancels the coroutine and waits for its end", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			ended := false
			_, err := asyncio.RunOn(ctx, l, func(ctx context.Context) (int, error) {
				cancel()
				err := asynctest.WaitForever(ctx)
				_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
				ended = true
				return 0, err
			})
			asynctest.ExpectEqual(t, "the error", err, context.Canceled)
			asynctest.ExpectEqual(t, "the coroutine has ended", ended, true)
			_, err = asyncio.RunOn(ctx, l, func(context.Context) (int, error) { panic("it ran") })
			asynctest.ExpectEqual(t, "the error of the next", err, context.Canceled)
		})
	})
	t.Run("of the coroutine there, by its own loop, arrives here", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			_, err := asyncio.RunOn(ctx, other, asynctest.Fail[int](asyncio.ErrCanceled))
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectNil(t, ctx.Err())
			return nil
		})
	})
}

func TestRunOnMisuse(t *testing.T) {
	t.Run("with the context of another loop panics with advice", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			mine := asyncio.RunningLoop(ctx)
			f := asyncio.RunCoroutineThreadsafe(mine, func(ctx context.Context) (int, error) { return 0, asynctest.WaitForever(ctx) })
			defer f.Cancel()
			_, err := asyncio.RunOn(ctx, other, func(context.Context) (int, error) {
				asynctest.ExpectAdvice(t, func() { _, _ = asyncio.RunOn(ctx, mine, asynctest.Value(1)) }, "asyncio: RunOn", "context of another loop", "pass the one")
				asynctest.ExpectAdvice(t, func() { _, _ = f.Wait(ctx) }, "asyncio: ConcurrentFuture.Wait", "context of another loop")
				return 0, nil
			})
			return err
		})
	})
	t.Run("on its own loop with a context of none is an error with advice", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			_, err := asyncio.RunOn(t.Context(), asyncio.RunningLoop(ctx), func(context.Context) (int, error) { panic("it ran") })
			asynctest.ExpectAdviceIn(t, err, "asyncio: RunOn", "would wait for ever")
		})
	})
	t.Run("in a callback panics with advice", func(t *testing.T) {
		onTwoLoops(t, func(ctx context.Context, other *asyncio.Loop) error {
			asyncio.RunningLoop(ctx).CallSoon(func() {
				asynctest.ExpectAdvice(t, func() { _, _ = asyncio.RunOn(ctx, other, asynctest.Value(1)) }, "asyncio: RunOn in a callback")
			})
			return asyncio.Yield(ctx)
		})
	})
	t.Run("of nothing panics with advice", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			asynctest.ExpectAdvice(t, func() { _, _ = asyncio.RunOn(ctx, nil, asynctest.Value(1)) }, "asyncio: RunOn on a nil loop")
			asynctest.ExpectAdvice(t, func() { _, _ = asyncio.RunOn[int](ctx, asyncio.RunningLoop(ctx), nil) }, "asyncio: nil coroutine")
		})
	})
}

func TestRunOnAtTheEnd(t *testing.T) {
	t.Run("its error is not reported as one that no one looks at, for the caller does", func(t *testing.T) {
		for range 300 {
			var caller sync.WaitGroup
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				loop, failed := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
				caller.Go(func() {
					_, err := asyncio.RunOn(context.Background(), loop, func(context.Context) (int, error) {
						failed.SetResult(0) // and with that the loop ends
						return 0, errBoom
					})
					if !errors.Is(err, errBoom) {
						t.Errorf("RunOn returned %v", err)
					}
				})
				_, err := failed.Await(ctx)
				return err
			}, asyncio.OnException(func(c asyncio.ExceptionContext) { t.Errorf("reported: %s: %v", c.Message, c.Err) }))
			if err != nil {
				t.Error(err)
			}
			caller.Wait()
		}
	})
}
