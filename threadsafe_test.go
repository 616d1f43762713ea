package asyncio_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestCallSoonThreadsafe(t *testing.T) {
	t.Run("from many goroutines loses no call, and keeps the order of each", func(t *testing.T) {
		const senders, calls = 8, 500
		counts := [senders]int{}
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			all, sum := asyncio.NewFuture[int](ctx), 0
			count := func(sender, call int) func() {
				return func() {
					if counts[sender] != call {
						t.Errorf("call %d of sender %d came as the %d.", call, sender, counts[sender])
					}
					counts[sender]++
					if sum++; sum == senders*calls {
						_ = all.SetResult(sum)
					}
				}
			}
			for sender := range senders {
				go func() {
					for call := range calls {
						if err := l.CallSoonThreadsafe(count(sender, call)); err != nil {
							t.Error(err)
						}
					}
				}()
			}
			_, err := all.Await(ctx)
			return err
		})
	})
	t.Run("wakes a loop that sleeps", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, calls := asyncio.RunningLoop(ctx), make(chan *asyncio.Future[int])
			go func() {
				for f := range calls {
					_ = l.CallSoonThreadsafe(func() { _ = f.SetResult(1) })
				}
			}()
			defer close(calls)
			for range 1000 { // nothing else can wake it
				f := asyncio.NewFuture[int](ctx)
				calls <- f //asyncio:ok channel the goroutine takes it without the loop
				if _, err := f.Await(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	})
	t.Run("on the loop is CallSoon", func(t *testing.T) {
		var d asynctest.Logbook
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			l.CallSoon(d.Note("1"))
			if err := l.CallSoonThreadsafe(d.Note("2")); err != nil {
				t.Error(err)
			}
			l.CallSoon(d.Note("3"))
			d.Add("main")
			return asyncio.Yield(ctx)
		})
		d.Expect(t, "main", "1", "2", "3")
	})
	t.Run("after the end of the loop returns ErrLoopClosed", func(t *testing.T) {
		var l *asyncio.Loop
		onThisLoop(t, func(_ context.Context, running *asyncio.Loop) error {
			l = running
			return nil
		})
		if err := l.CallSoonThreadsafe(func() { t.Error("it was called") }); !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("it returned %v", err)
		}
	})
	t.Run("while the loop ends is called or refused", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		for range 50 {
			var accepted, called int
			var over sync.WaitGroup
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				l := asyncio.RunningLoop(ctx)
				over.Go(func() {
					for l.CallSoonThreadsafe(func() { called++ }) == nil {
						accepted++
						runtime.Gosched() // there may be one thread only, as on js/wasm
					}
				})
				return asyncio.Yield(ctx)
			})
			over.Wait()
			if called > accepted {
				t.Errorf("%d were called and %d accepted", called, accepted)
			}
		}
	})
}

// onAnotherGoroutine calls fn beside a loop that sleeps, until fn returns.
func onAnotherGoroutine(t *testing.T, fn func(l *asyncio.Loop)) {
	t.Helper()
	asynctest.MustEnd(t, func(ctx context.Context) error {
		l, over := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
		go func() {
			fn(l)
			_ = l.CallSoonThreadsafe(func() { _ = over.SetResult(1) })
		}()
		_, err := over.Await(ctx)
		return err
	})
}

func TestRunCoroutineThreadsafe(t *testing.T) {
	t.Run("runs a coroutine on the loop and hands out its result", func(t *testing.T) {
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			f := asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) {
				if asyncio.RunningLoop(ctx) != l {
					t.Error("it runs on another loop")
				}
				return 42, asyncio.Sleep(ctx, time.Millisecond)
			})
			for range 2 {
				if v, err := f.Wait(t.Context()); v != 42 || err != nil {
					t.Errorf("Wait returned %v, %v", v, err)
				}
			}
			if f.Cancel() {
				t.Error("it was canceled after its end")
			}
		})
	})
	t.Run("hands out its error", func(t *testing.T) {
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			f := asyncio.RunCoroutineThreadsafe(l, func(context.Context) (int, error) { return 1, errBoom })
			if v, err := f.Wait(t.Context()); v != 1 || err != errBoom {
				t.Errorf("Wait returned %v, %v", v, err)
			}
		})
	})
	t.Run("on the loop may be called as well", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			f := asyncio.RunCoroutineThreadsafe(l, func(context.Context) (int, error) { return 1, nil })
			asynctest.Settle(ctx)
			if v, err := f.Wait(ctx); v != 1 || err != nil {
				t.Errorf("Wait returned %v, %v", v, err)
			}
			return nil
		})
	})
	t.Run("takes many goroutines", func(t *testing.T) {
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					v, err := asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) {
						return i, asyncio.Yield(ctx)
					}).Wait(context.Background())
					if v != i || err != nil {
						t.Errorf("Wait returned %v, %v", v, err)
					}
				})
			}
			all.Wait()
		})
	})
	t.Run("a coroutine that panics is an error and a report", func(t *testing.T) {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				_, err := asyncio.RunCoroutineThreadsafe(l, func(context.Context) (int, error) { panic("bang") }).Wait(ctx)
				if p, ok := errors.AsType[*asyncio.PanicError](err); !ok || p.Value != "bang" {
					t.Errorf("Wait returned %v", err)
				}
				return 0, nil
			})
			return err
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "bang")
	})
}

func TestConcurrentFutureCancel(t *testing.T) {
	t.Run("cancels the coroutine", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			begun := make(chan struct{})
			f := asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) {
				close(begun)
				return 0, asynctest.WaitForever(ctx)
			})
			<-begun
			if !f.Cancel() {
				t.Error("Cancel returned false")
			}
			if _, err := f.Wait(t.Context()); !errors.Is(err, asyncio.ErrCanceled) {
				t.Errorf("Wait returned %v", err)
			}
			if f.Cancel() {
				t.Error("Cancel returned true after the end")
			}
		})
	})
	t.Run("before its first step keeps it from running", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			f := asyncio.RunCoroutineThreadsafe(l, func(context.Context) (int, error) { panic("it ran") })
			f.Cancel()
			asynctest.Settle(ctx)
			if _, err := f.Wait(ctx); !errors.Is(err, asyncio.ErrCanceled) {
				t.Errorf("Wait returned %v", err)
			}
			return nil
		})
	})
	t.Run("on the loop may come before what has started it elsewhere", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, started := asyncio.RunningLoop(ctx), make(chan *asyncio.ConcurrentFuture[int])
			go func() {
				started <- asyncio.RunCoroutineThreadsafe(l, func(context.Context) (int, error) { panic("it ran") })
			}()
			f := <-started //asyncio:ok channel it blocks the loop, which so has not heard of it
			f.Cancel()
			letPass(ctx, 4)
			_, err := f.Wait(ctx)
			asynctest.ExpectCanceled(t, err)
			return nil
		})
	})
	t.Run("is not what an impatient Wait does", func(t *testing.T) {
		onAnotherGoroutine(t, func(l *asyncio.Loop) {
			release := make(chan func())
			f := asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) {
				e := new(asyncio.Event)
				release <- func() { _ = l.CallSoonThreadsafe(e.Set) } //asyncio:ok channel the test waits for it on another goroutine
				return 5, e.Wait(ctx)
			})
			set := <-release
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := f.Wait(ctx); err != context.Canceled {
				t.Errorf("Wait returned %v", err)
			}
			set()
			if v, err := f.Wait(t.Context()); v != 5 || err != nil {
				t.Errorf("Wait returned %v, %v", v, err)
			}
		})
	})
}

func TestConcurrentFutureWait(t *testing.T) {
	t.Run("on the loop that runs the coroutine is an error with advice", func(t *testing.T) {
		onThisLoop(t, func(ctx context.Context, l *asyncio.Loop) error {
			f := asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) { return 1, asyncio.Yield(ctx) })
			for _, ctx := range []context.Context{ctx, context.Background()} {
				if _, err := f.Wait(ctx); err == nil {
					t.Error("Wait returned no error")
				} else {
					asynctest.ExpectAdviceIn(t, err, "would wait for ever", "create a task and await that")
				}
			}
			l.CallSoon(func() {
				if _, err := f.Wait(context.Background()); err == nil {
					t.Error("Wait in a callback returned no error")
				}
			})
			letPass(ctx, 5)
			return nil
		})
	})
	t.Run("in a task of another loop suspends that", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		onAnotherGoroutine(t, func(other *asyncio.Loop) {
			var d asynctest.Logbook
			asynctest.MustEnd(t, func(ctx context.Context) error {
				mine, e := asyncio.RunningLoop(ctx), new(asyncio.Event)
				asyncio.Go(ctx, func(ctx context.Context) error {
					d.Add("beside")
					return other.CallSoonThreadsafe(e.Set)
				})
				f := asyncio.RunCoroutineThreadsafe(other, func(ctx context.Context) (string, error) {
					return "from the other", e.Wait(ctx)
				})
				v, err := f.Wait(ctx)
				d.Add("%s", v)
				if asyncio.RunningLoop(ctx) != mine {
					t.Error("the loop has changed")
				}
				return err
			})
			d.Expect(t, "beside", "from the other")
		})
	})
	t.Run("in a task of another loop is told to hooks", func(t *testing.T) {
		onAnotherGoroutine(t, func(other *asyncio.Loop) {
			var woken []string
			asynctest.MustEnd(t, func(ctx context.Context) error {
				e := new(asyncio.Event)
				asyncio.Go(ctx, func(context.Context) error { return other.CallSoonThreadsafe(e.Set) }) // when the other waits
				_, err := asyncio.RunCoroutineThreadsafe(other, func(ctx context.Context) (int, error) {
					return 1, e.Wait(ctx)
				}).Wait(ctx)
				return err
			}, asyncio.Observe(&asyncio.Hooks{TaskWoken: func(e asyncio.HookEvent) { woken = append(woken, e.By) }}))
			asynctest.ExpectEqual(t, "who woke it", strings.Join(woken, ", "), "another loop")
		})
	})
	t.Run("in a task of another loop that is canceled already ends at once", func(t *testing.T) {
		onAnotherGoroutine(t, func(other *asyncio.Loop) {
			f := asyncio.RunCoroutineThreadsafe(other, asynctest.Value(1))
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				waits := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
					_ = asynctest.WaitForever(ctx)
					return f.Wait(ctx)
				}, asyncio.Eager())
				waits.Cancel()
				_, err := waits.Await(ctx)
				return err
			})
			asynctest.ExpectCanceled(t, err)
			_, _ = f.Wait(t.Context())
		})
	})
	t.Run("in a canceled task of another loop ends", func(t *testing.T) {
		onAnotherGoroutine(t, func(other *asyncio.Loop) {
			asynctest.MustEnd(t, func(ctx context.Context) error {
				// Its loop may be alone with it for a while, and a virtual clock lets any sleep end then.
				f := asyncio.RunCoroutineThreadsafe(other, func(ctx context.Context) (int, error) { return 0, new(asyncio.Event).Wait(ctx) })
				waiter := asyncio.CreateTask(ctx, f.Wait)
				_ = asyncio.Yield(ctx)
				waiter.Cancel()
				_, err := waiter.Await(ctx)
				if !errors.Is(err, asyncio.ErrCanceled) {
					t.Errorf("Wait returned %v", err)
				}
				f.Cancel()
				_, _ = f.Wait(ctx)
				return nil
			})
		})
	})
	t.Run("on a closed loop returns ErrLoopClosed", func(t *testing.T) {
		var l *asyncio.Loop
		onThisLoop(t, func(_ context.Context, running *asyncio.Loop) error {
			l = running
			return nil
		})
		f := asyncio.RunCoroutineThreadsafe(l, func(context.Context) (int, error) { panic("it ran") })
		if _, err := f.Wait(t.Context()); !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("Wait returned %v", err)
		}
		if f.Cancel() {
			t.Error("Cancel returned true")
		}
	})
	t.Run("returns when the loop ends before the coroutine", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var f *asyncio.ConcurrentFuture[int]
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			f = asyncio.RunCoroutineThreadsafe(asyncio.RunningLoop(ctx), func(ctx context.Context) (int, error) { return 0, asynctest.WaitForever(ctx) })
			return asyncio.Yield(ctx)
		})
		if _, err := f.Wait(t.Context()); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("Wait returned %v", err)
		}
	})
	t.Run("returns whenever the loop ends", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		for range 50 {
			var over sync.WaitGroup
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				l := asyncio.RunningLoop(ctx)
				over.Go(func() {
					for {
						f := asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) { return 0, asyncio.Yield(ctx) })
						if _, err := f.Wait(context.Background()); errors.Is(err, asyncio.ErrLoopClosed) {
							return
						}
					}
				})
				return asyncio.Yield(ctx)
			}, asynctest.VirtualTime())
			over.Wait()
		}
	})
}

func TestTheErrorOfACoroutineThatNoOneWaitsForIsReported(t *testing.T) {
	fails := asyncio.Coro[int](func(context.Context) (int, error) { return 0, errBoom })
	run := func(wait bool) *asynctest.Reports {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			f := asyncio.RunCoroutineThreadsafe(asyncio.RunningLoop(ctx), fails)
			for range 3 {
				_ = asyncio.Yield(ctx)
			}
			if wait {
				_, err := asyncio.ToThread(ctx, f.Wait)
				if !errors.Is(err, errBoom) {
					t.Errorf("Wait returned %v", err)
				}
			}
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		return &heard
	}
	run(false).Expect(t, "boom")
	run(true).Expect(t)
}

func TestTheErrorOfACoroutineWhoseWaiterGaveUpIsReported(t *testing.T) {
	failsAfter := func(e *asyncio.Event) asyncio.Coro[int] {
		return func(ctx context.Context) (int, error) { return 0, errors.Join(e.Wait(ctx), errBoom) }
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	t.Run("on a goroutine", func(t *testing.T) {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			l, e := asyncio.RunningLoop(ctx), new(asyncio.Event)
			return onThread(ctx, func() {
				f := asyncio.RunCoroutineThreadsafe(l, failsAfter(e))
				_, err := f.Wait(gone)
				asynctest.ExpectIs(t, err, context.Canceled)
				asynctest.ExpectNil(t, l.CallSoonThreadsafe(e.Set))
			})
		}, heard.Option())
		asynctest.ExpectNil(t, err)
		heard.Expect(t, "boom")
	})
	t.Run("in a task of another loop", func(t *testing.T) {
		var heard asynctest.Reports
		err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
			other, e := g.Loop(1), new(asyncio.Event)
			f := asyncio.RunCoroutineThreadsafe(other, failsAfter(e))
			waiter := asyncio.CreateTask(ctx, f.Wait)
			asynctest.Settle(ctx)
			waiter.Cancel()
			_, err := waiter.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			return other.CallSoonThreadsafe(e.Set)
		}, heard.Option())
		asynctest.ExpectNil(t, err)
		heard.Expect(t, "boom")
	})
	t.Run("unless someone else waits", func(t *testing.T) {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			l, e := asyncio.RunningLoop(ctx), new(asyncio.Event)
			return onThread(ctx, func() {
				f := asyncio.RunCoroutineThreadsafe(l, failsAfter(e))
				_, _ = f.Wait(gone)
				asynctest.ExpectNil(t, l.CallSoonThreadsafe(e.Set))
				_, err := f.Wait(t.Context())
				asynctest.ExpectIs(t, err, errBoom)
			})
		}, heard.Option())
		asynctest.ExpectNil(t, err)
		heard.Expect(t)
	})
}

// The coroutine has ended when the task that waits for it is canceled, and that has not
// heard of it yet: the result is there, and is not lost.
func TestConcurrentFutureWaitThatIsCanceledAfterTheResultCame(t *testing.T) {
	var heard asynctest.Reports
	err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
		e := new(asyncio.Event)
		f := asyncio.RunCoroutineThreadsafe(g.Loop(1), func(ctx context.Context) (int, error) { return 7, errors.Join(e.Wait(ctx), errBoom) })
		waiter := asyncio.CreateTask(ctx, f.Wait)
		asynctest.Settle(ctx)
		_ = g.Loop(1).CallSoonThreadsafe(e.Set)
		over := make(chan struct{})
		go func() { // waits as well, and is woken after the task
			defer close(over)
			_, _ = f.Wait(t.Context())
		}()
		<-over //asyncio:ok channel the loop is to stand still meanwhile
		waiter.Cancel()
		v, err := waiter.Await(ctx)
		asynctest.ExpectEqual(t, "the value", v, 7)
		asynctest.ExpectIs(t, err, errBoom)
		return nil
	}, heard.Option())
	asynctest.ExpectNil(t, err)
	heard.Expect(t)
}
