package asyncio_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// meet returns a function that returns when it has been called n times.
func meet(n int) func() {
	var all sync.WaitGroup
	all.Add(n)
	return func() {
		all.Done()
		all.Wait()
	}
}

// threadsEnd waits until all functions in threads have ended, and their loops have
// been told. To count goroutines is not enough: the runtime counts one for a moment
// longer than it lives, and so some other may be missed.
func threadsEnd(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	asynctest.Eventually(t, "the functions in threads have ended", func() bool {
		return !bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("engine.(*Offload).Run("))
	})
}

func TestToThread(t *testing.T) {
	t.Run("returns the result, beside the loop's other tasks", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			release := make(chan int)
			asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asyncio.Yield(ctx)
				release <- 42 //asyncio:ok channel the thread waits for it
				return nil
			})
			v, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return <-release, nil })
			if v != 42 || err != nil {
				t.Errorf("it returned %v, %v", v, err)
			}
			return nil
		})
	})
	t.Run("returns the error and what came with it", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			v, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 1, errBoom })
			if v != 1 || err != errBoom {
				t.Errorf("it returned %v, %v", v, err)
			}
			return nil
		})
	})
	t.Run("runs functions that need each other at the same time", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			together := meet(20)
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for range 20 {
					tg.Go(func(ctx context.Context) error { return onThread(ctx, together) })
				}
				return nil
			})
		})
	})
	t.Run("inside a thread that waits for a loop of its own nests", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			var deep func(ctx context.Context, n int) (int, error)
			deep = func(ctx context.Context, n int) (int, error) {
				if n == 0 {
					return 7, nil
				}
				return asynctest.RunValue(ctx, func(ctx context.Context) (int, error) {
					return asyncio.ToThread(ctx, func(ctx context.Context) (int, error) { return deep(ctx, n-1) })
				})
			}
			v, err := deep2(ctx, deep)
			if v != 7 {
				t.Errorf("it returned %v", v)
			}
			return err
		})
	})
	t.Run("hands the values of its context to the function", func(t *testing.T) {
		type key struct{}
		asynctest.MustEnd(t, func(ctx context.Context) error {
			v, err := asyncio.ToThread(context.WithValue(ctx, key{}, "value"), func(ctx context.Context) (any, error) {
				return ctx.Value(key{}), nil
			})
			if v != "value" {
				t.Errorf("the value is %v", v)
			}
			return err
		})
	})
	t.Run("with a canceled context starts nothing", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { panic("it ran") })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it returned %v", err)
			}
			return nil
		})
	})
	t.Run("works with a thread that calls the loop", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				return asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) {
					return 1, asyncio.Yield(ctx)
				}).Wait(ctx)
			})
			return err
		})
	})
}

func deep2(ctx context.Context, deep func(context.Context, int) (int, error)) (int, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (int, error) { return deep(ctx, 2) })
}

func TestToThreadFunc(t *testing.T) {
	t.Run("returns what the function does", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			asynctest.ExpectIs(t, asyncio.ToThreadFunc(ctx, func(context.Context) error { return errBoom }), errBoom)
			asynctest.ExpectNil(t, asyncio.ToThreadFunc(ctx, func(context.Context) error { return nil }))
		})
	})
	t.Run("of no function panics with advice", func(t *testing.T) {
		asynctest.OnRealLoop(t, func(ctx context.Context) {
			asynctest.ExpectAdvice(t, func() { _ = asyncio.ToThreadFunc(ctx, nil) }, "nil function")
		})
	})
}

// onThread runs fn with ToThread.
func onThread(ctx context.Context, fn func()) error {
	_, err := asyncio.ToThread(ctx, func(context.Context) (struct{}, error) {
		fn()
		return struct{}{}, nil
	})
	return err
}

// A blocker is a function that blocks its thread. It notes that its context
// is canceled, and goes on blocking until it is released.
type blocker struct {
	begun    chan struct{}
	canceled chan error
	release  chan error
}

func newBlocker() *blocker {
	return &blocker{make(chan struct{}), make(chan error, 1), make(chan error, 1)}
}

func (b *blocker) run(ctx context.Context) (int, error) {
	close(b.begun)
	<-ctx.Done()
	b.canceled <- ctx.Err()
	return 1, <-b.release
}

func TestToThreadWhoseWaiterIsCanceled(t *testing.T) {
	// abandon runs a blocker, cancels who waits for it, and lets it end with
	// an error.
	abandon := func(t *testing.T, end error, opts ...asyncio.Option) *asynctest.Reports {
		asynctest.NothingIsLeft(t)
		b, heard := newBlocker(), new(asynctest.Reports)
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			task := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return asyncio.ToThread(ctx, b.run) })
			asynctest.Settle(ctx)
			<-b.begun //asyncio:ok channel the thread closes it without the loop
			task.Cancel()
			if _, err := task.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
				t.Errorf("ToThread returned %v", err)
			}
			if err := asynctest.Receive(t, b.canceled); err != context.Canceled {
				t.Errorf("the function's context has %v", err)
			}
			b.release <- end //asyncio:ok channel it has room
			return nil
		}, append(opts, heard.Option())...)
		if err != nil {
			t.Errorf("Run returned %v", err)
		}
		return heard
	}
	t.Run("does not keep it waiting, and cancels the function", func(t *testing.T) {
		abandon(t, nil).Expect(t)
	})
	t.Run("may end with its cancellation", func(t *testing.T) {
		abandon(t, context.Canceled).Expect(t)
	})
	t.Run("may end with its cancellation in debug mode", func(t *testing.T) {
		abandon(t, context.Canceled, asyncio.Debug(true)).Expect(t)
	})
	t.Run("may end with what a library makes of its cancellation", func(t *testing.T) {
		abandon(t, errBoom).Expect(t)
	})
	t.Run("reports an error that comes after that in debug mode", func(t *testing.T) {
		heard := abandon(t, errBoom, asyncio.Debug(true)).Expect(t, "a function in a thread failed after its context was canceled: boom")
		if heard[0].Err != errBoom || heard[0].Task.Name != "Task-2" {
			t.Errorf("the report is %+v", heard[0])
		}
	})
	t.Run("by a timeout becomes ErrTimeout", func(t *testing.T) {
		b := newBlocker()
		b.release <- nil
		asynctest.MustEnd(t, func(ctx context.Context) error {
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				_, err := asyncio.ToThread(ctx, b.run)
				return err
			})
			if err != asyncio.ErrTimeout {
				t.Errorf("WithTimeout returned %v", err)
			}
			return nil
		})
	})
}

func TestAnErrorThatCameBeforeTheCancellationIsNeverLost(t *testing.T) {
	type starter func(ctx context.Context, fn func(ctx context.Context) (int, error)) (cancel func() bool, end func(ctx context.Context) error)
	inTask := func(ctx context.Context, fn func(ctx context.Context) (int, error)) (func() bool, func(context.Context) error) {
		t := asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return asyncio.ToThread(ctx, fn) })
		return t.Cancel, func(ctx context.Context) error { _, err := t.Await(ctx); return err }
	}
	inExecutor := func(ctx context.Context, fn func(ctx context.Context) (int, error)) (func() bool, func(context.Context) error) {
		f := asyncio.RunInExecutor(ctx, goExecutor{}, fn)
		return f.Cancel, func(ctx context.Context) error { _, err := f.Await(ctx); return err }
	}
	// race lets a function return an error. Who waits for it is canceled in the pass in
	// which the loop hears of that, just before.
	race := func(t *testing.T, start starter, end error) *asynctest.Reports {
		asynctest.NothingIsLeft(t)
		heard := new(asynctest.Reports)
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			var cancel func() bool
			begun, release := make(chan struct{}), make(chan struct{})
			l := asyncio.RunningLoop(ctx)
			cancel, await := start(ctx, func(ctx context.Context) (int, error) {
				close(begun)
				<-release
				return 0, errors.Join(end, l.CallSoonThreadsafe(func() { cancel() }))
			})
			asynctest.Settle(ctx)
			<-begun //asyncio:ok channel the thread closes it without the loop
			close(release)
			threadsEnd(t)
			asynctest.ExpectCanceled(t, await(ctx))
			return nil
		}, heard.Option())
		asynctest.ExpectNil(t, err)
		return heard
	}
	for name, start := range map[string]starter{"ToThread": inTask, "RunInExecutor": inExecutor} {
		t.Run("in "+name, func(t *testing.T) {
			heard := race(t, start, errBoom).Expect(t, "a function in a thread failed after its task had gone on: boom")
			asynctest.ExpectIs(t, heard[0].Err, errBoom)
		})
		t.Run("in "+name+", whatever it is", func(t *testing.T) {
			race(t, start, context.Canceled).Expect(t, context.Canceled.Error())
		})
	}
}

func TestRunWaitsForThreads(t *testing.T) {
	t.Run("that no task waits for any more", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		b, ended := newBlocker(), false
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				return onThread(ctx, func() {
					_, _ = b.run(ctx)
					runtime.Gosched()
					ended = true
				})
			})
			asynctest.Settle(ctx)
			<-b.begun //asyncio:ok channel the thread closes it without the loop
			go func() {
				<-b.canceled
				b.release <- nil
			}()
			return nil
		})
		if !ended {
			t.Error("Run did not wait")
		}
	})
	t.Run("that want something of the loop yet", func(t *testing.T) {
		ended := make(chan error, 1)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				return onThread(ctx, func() {
					<-ctx.Done()
					_, err := asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) {
						return 0, asyncio.Sleep(ctx, time.Millisecond)
					}).Wait(context.Background())
					ended <- err
				})
			})
			return asyncio.Yield(ctx)
		})
		// It comes when tasks are still being canceled, or later.
		if err := asynctest.Receive(t, ended); err != nil && !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the coroutine of the thread ended with %v", err)
		}
	})
	t.Run("and cancels what they leave on the loop", func(t *testing.T) {
		var f *asyncio.ConcurrentFuture[int]
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			asyncio.Go(ctx, func(ctx context.Context) error {
				return onThread(ctx, func() {
					<-ctx.Done()
					f = asyncio.RunCoroutineThreadsafe(l, func(ctx context.Context) (int, error) { return 0, asynctest.WaitForever(ctx) })
				})
			})
			return asyncio.Yield(ctx)
		})
		if _, err := f.Wait(t.Context()); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("what the thread started ended with %v", err)
		}
	})
	t.Run("that clean up for a task, also when its clock is virtual", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				err := asynctest.WaitForever(ctx)
				wait := make(chan struct{})
				time.AfterFunc(5*time.Millisecond, func() { close(wait) })
				if err := onThread(context.WithoutCancel(ctx), func() { <-wait }); err != nil {
					t.Error(err)
				}
				d.Add("cleaned up")
				return err
			})
			return asyncio.Yield(ctx)
		}, asynctest.VirtualTime())
		d.Expect(t, "cleaned up")
	})
	t.Run("only for the grace time", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		release := make(chan struct{})
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error { return onThread(ctx, func() { <-release }) })
			return asyncio.Yield(ctx)
		}, asyncio.Grace(time.Millisecond), heard.Option())
		s, ok := errors.AsType[*asyncio.ShutdownError](err)
		if !ok || !slices.Equal(s.Threads, []string{"thread-1"}) || s.Tasks != nil || !strings.Contains(err.Error(), "thread-1") {
			t.Errorf("Run returned %v", err)
		}
		heard.Expect(t, "the function in thread-1 still runs")
		close(release)
	})
	t.Run("and reports an error that comes after it has returned", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		release := make(chan struct{})
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				return asyncio.ToThread(ctx, func(context.Context) (int, error) {
					<-release
					return 0, errBoom
				})
			})
			return asyncio.Yield(ctx)
		}, asyncio.Grace(time.Millisecond), asyncio.Debug(true), heard.Option())
		close(release)
		asynctest.Eventually(t, "the late error is reported", func() bool { return len(heard.List()) == 2 })
		heard.Expect(t, "still runs", "boom")
	})
}

func TestRunReportsAnErrorOfTheLastMoment(t *testing.T) {
	var heard asynctest.Reports
	release := make(chan struct{})
	_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
		asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
			return asyncio.ToThread(ctx, func(context.Context) (int, error) {
				<-release
				return 0, errBoom
			})
		})
		return asyncio.Yield(ctx)
	}, asyncio.Grace(time.Millisecond), asyncio.Debug(true), asyncio.OnException(func(c asyncio.ExceptionContext) {
		heard.Take(c)
		if strings.Contains(c.Message, "still runs") {
			// Run waits no longer; while it does the rest, the function ends.
			close(release)
			threadsEnd(t)
		}
	}))
	heard.Expect(t, "still runs", "boom")
}

func TestToThreadWhoseFunctionPanics(t *testing.T) {
	t.Run("returns a PanicError that names the function, and reports it", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			err := onThread(ctx, explode)
			p, ok := errors.AsType[*asyncio.PanicError](err)
			if !ok || p.Value != "bang" || !strings.Contains(string(p.Stack), "asyncio_test.explode") {
				t.Errorf("ToThread returned %v", err)
			}
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "panic in a thread: bang")
	})
	t.Run("is reported once even if no one waits", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				return onThread(ctx, func() {
					<-ctx.Done()
					explode()
				})
			})
			return asyncio.Yield(ctx)
		}, heard.Option())
		heard.Expect(t, "panic in a thread: bang")
	})
	t.Run("makes Run panic if no one stops it", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		v := asynctest.PanicOf(func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error { return onThread(ctx, explode) }, heard.Option())
		})
		if p, ok := v.(*asyncio.PanicError); !ok || p.Value != "bang" {
			t.Errorf("Run panicked with %v", v)
		}
	})
}

func TestGoexitInTheHandlerOfAThreadsPanic(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		if _, isPanic := errors.AsType[*asyncio.PanicError](onThread(ctx, func() { panic("boom") })); !isPanic {
			t.Error("the task did not get the panic")
		}
		return nil
	}, asyncio.OnException(func(asyncio.ExceptionContext) { runtime.Goexit() }))
	asynctest.ExpectNil(t, err)
}

func TestToThreadWhoseFunctionGoexits(t *testing.T) {
	asynctest.EndWell(t, func(ctx context.Context) error {
		if err := onThread(ctx, runtime.Goexit); err != asyncio.ErrGoexit {
			t.Errorf("ToThread returned %v", err)
		}
		return nil
	})
}

// brokenExecutor takes no function.
type brokenExecutor struct{}

func (brokenExecutor) Submit(func()) error            { return errBoom }
func (brokenExecutor) Shutdown(context.Context) error { return nil }

// goExecutor is the smallest executor there is.
type goExecutor struct{}

func (goExecutor) Submit(fn func()) error {
	go fn()
	return nil
}
func (goExecutor) Shutdown(context.Context) error { return nil }

func TestRunInExecutor(t *testing.T) {
	executors := map[string]func(t *testing.T) asyncio.Executor{
		"a WorkerPool":   func(t *testing.T) asyncio.Executor { return poolFor(t, 2) },
		"one of our own": func(*testing.T) asyncio.Executor { return goExecutor{} },
	}
	for name, make := range executors {
		t.Run("with "+name, func(t *testing.T) { testRunInExecutor(t, make) })
	}
	t.Run("with one that takes nothing fails with its error", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, brokenExecutor{}, func(context.Context) (int, error) { panic("it ran") })
			if !f.Done() {
				t.Error("the future is not done")
			}
			if _, err := f.Await(ctx); err != errBoom {
				t.Errorf("the future ended with %v", err)
			}
			return nil
		})
	})
	t.Run("with a pool that is shut down fails", func(t *testing.T) {
		asynctest.EndWell(t, func(ctx context.Context) error {
			p := asyncio.NewWorkerPool(1)
			if err := p.Shutdown(ctx); err != nil {
				return err
			}
			f := asyncio.RunInExecutor(ctx, p, func(context.Context) (int, error) { panic("it ran") })
			if _, err := f.Await(ctx); err != asyncio.ErrExecutorShutDown {
				t.Errorf("the future ended with %v", err)
			}
			return nil
		})
	})
}

// poolFor is a pool that ends with the test.
func poolFor(t *testing.T, workers int) *asyncio.WorkerPool {
	p := asyncio.NewWorkerPool(workers)
	t.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	return p
}

func testRunInExecutor(t *testing.T, make func(t *testing.T) asyncio.Executor) {
	t.Run("returns a future of the result", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		ex := make(t)
		asynctest.EndWell(t, func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, ex, func(context.Context) (int, error) { return 42, nil })
			v, err := f.Await(ctx)
			if v != 42 {
				t.Errorf("the result is %v", v)
			}
			return err
		})
	})
	t.Run("gathers with tasks", func(t *testing.T) {
		ex := make(t)
		asynctest.EndWell(t, func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, ex, func(context.Context) (int, error) { return 1, nil })
			c := asyncio.Coro[int](func(ctx context.Context) (int, error) { return 2, asyncio.Yield(ctx) })
			vs, err := asyncio.Gather(ctx, f, c)
			if !slices.Equal(vs, []int{1, 2}) {
				t.Errorf("the results are %v", vs)
			}
			return err
		})
	})
	t.Run("canceling the future cancels the function", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		ex, b := make(t), newBlocker()
		asynctest.EndWell(t, func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, ex, b.run)
			<-b.begun //asyncio:ok channel the executor closes it without the loop
			if !f.Cancel() || !f.Canceled() {
				t.Error("the future is not canceled at once")
			}
			_ = asyncio.Yield(ctx)
			if err := asynctest.Receive(t, b.canceled); err != context.Canceled {
				t.Errorf("the function's context has %v", err)
			}
			b.release <- nil //asyncio:ok channel it has room
			return nil
		})
	})
	t.Run("canceling the context cancels the function", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		ex, b := make(t), newBlocker()
		asynctest.EndWell(t, func(ctx context.Context) error {
			derived, cancel := context.WithCancel(ctx)
			f := asyncio.RunInExecutor(derived, ex, b.run)
			<-b.begun //asyncio:ok channel the executor closes it without the loop
			cancel()
			if err := asynctest.Receive(t, b.canceled); err != context.Canceled {
				t.Errorf("the function's context has %v", err)
			}
			b.release <- nil //asyncio:ok channel it has room
			_, err := f.Await(ctx)
			return err
		})
	})
	t.Run("a function that panics is a PanicError, reported once", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		ex := make(t)
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, ex, func(context.Context) (int, error) { panic("bang") })
			_, err := f.Await(ctx)
			if _, ok := errors.AsType[*asyncio.PanicError](err); !ok {
				t.Errorf("the future ended with %v", err)
			}
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "panic in a thread: bang")
	})
	t.Run("an error that no one looks at is reported", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		ex := make(t)
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, ex, func(context.Context) (int, error) { return 0, errBoom })
			_, _, err := asyncio.Wait(ctx, []asyncio.Waitable{f}, asyncio.AllCompleted, 0)
			return err
		}, heard.Option())
		heard.Expect(t, "boom")
	})
	t.Run("what a canceled function makes of that is for who looks at it", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		ex, b := make(t), newBlocker()
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			derived, cancel := context.WithCancel(ctx)
			f := asyncio.RunInExecutor(derived, ex, b.run)
			<-b.begun //asyncio:ok channel the executor closes it without the loop
			cancel()
			b.release <- errBoom //asyncio:ok channel it has room
			_, _, err := asyncio.Wait(ctx, []asyncio.Waitable{f}, asyncio.AllCompleted, 0)
			return err
		}, heard.Option())
		heard.Expect(t)
	})
	t.Run("a panic that no one looks at is reported once", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		ex := make(t)
		_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, ex, func(context.Context) (int, error) { panic("bang") })
			_, _, err := asyncio.Wait(ctx, []asyncio.Waitable{f}, asyncio.AllCompleted, 0)
			return err
		}, heard.Option())
		heard.Expect(t, "panic in a thread: bang")
	})
	t.Run("a function that Goexits is ErrGoexit", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		ex := make(t)
		asynctest.EndWell(t, func(ctx context.Context) error {
			f := asyncio.RunInExecutor(ctx, ex, func(context.Context) (int, error) {
				runtime.Goexit()
				return 0, nil
			})
			if _, err := f.Await(ctx); err != asyncio.ErrGoexit {
				t.Errorf("the future ended with %v", err)
			}
			return nil
		})
	})
}

func TestRunInExecutorThatIsBusy(t *testing.T) {
	t.Run("does not begin a function whose future is canceled", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, release := poolFor(t, 1), make(chan struct{})
		asynctest.EndWell(t, func(ctx context.Context) error {
			first := asyncio.RunInExecutor(ctx, p, func(context.Context) (int, error) {
				<-release
				return 1, nil
			})
			second := asyncio.RunInExecutor(ctx, p, func(context.Context) (int, error) { panic("it ran") })
			second.Cancel()
			_ = asyncio.Yield(ctx)
			close(release)
			_, err := first.Await(ctx)
			return err
		})
	})
	t.Run("does not begin a function whose context is canceled", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		p, release := poolFor(t, 1), make(chan struct{})
		asynctest.EndWell(t, func(ctx context.Context) error {
			derived, cancel := context.WithCancel(ctx)
			first := asyncio.RunInExecutor(ctx, p, func(context.Context) (int, error) {
				<-release
				return 1, nil
			})
			second := asyncio.RunInExecutor(derived, p, func(context.Context) (int, error) { panic("it ran") })
			cancel()
			close(release)
			if _, err := second.Await(ctx); !errors.Is(err, context.Canceled) || !second.Canceled() {
				t.Errorf("the future ended with %v", err)
			}
			_, err := first.Await(ctx)
			return err
		})
	})
}

// An executorFunc is the Submit of an executor.
type executorFunc func(fn func()) error

func (f executorFunc) Submit(fn func()) error       { return f(fn) }
func (executorFunc) Shutdown(context.Context) error { return nil }

func TestRunInExecutorThatDoesAsItLikes(t *testing.T) {
	fortyTwo := func(context.Context) (int, error) { return 42, nil }
	mustBe42 := func(ctx context.Context, ex asyncio.Executor) error {
		v, err := asyncio.RunInExecutor(ctx, ex, fortyTwo).Await(ctx)
		asynctest.ExpectEqual(t, "the result", v, 42)
		return err
	}
	t.Run("runs the function at once", func(t *testing.T) {
		asynctest.EndWell(t, func(ctx context.Context) error {
			return mustBe42(ctx, executorFunc(func(fn func()) error {
				fn()
				return nil
			}))
		})
	})
	t.Run("runs it and returns an error: the result counts, the error is reported", func(t *testing.T) {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			return mustBe42(ctx, executorFunc(func(fn func()) error {
				fn()
				return errBoom
			}))
		}, heard.Option())
		asynctest.ExpectNil(t, err)
		heard.Expect(t, "an executor ran a function and returned an error all the same: boom")
	})
	t.Run("runs it after an error: nothing happens", func(t *testing.T) {
		asynctest.EndWell(t, func(ctx context.Context) error {
			var late func()
			f := asyncio.RunInExecutor(ctx, executorFunc(func(fn func()) error {
				late = fn
				return errBoom
			}), func(context.Context) (int, error) { panic("it ran") })
			late()
			_, err := f.Await(ctx)
			asynctest.ExpectEqual(t, "the error", err, errBoom)
			return nil
		})
	})
	t.Run("runs it twice: once", func(t *testing.T) {
		asynctest.EndWell(t, func(ctx context.Context) error {
			runs := 0
			f := asyncio.RunInExecutor(ctx, executorFunc(func(fn func()) error {
				fn()
				fn()
				return nil
			}), func(context.Context) (int, error) { runs++; return runs, nil })
			v, err := f.Await(ctx)
			asynctest.ExpectEqual(t, "the result", v, 1)
			asynctest.ExpectEqual(t, "runs", runs, 1)
			return err
		})
	})
	t.Run("never runs it: canceling the future is the end", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			f := asyncio.RunInExecutor(ctx, executorFunc(func(func()) error { return nil }), fortyTwo)
			f.Cancel()
			_, err := f.Await(ctx)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Hour)) // nothing is expected from outside any more, which would keep the clock
		}, asynciotest.Patience(time.Hour))
	})
	t.Run("runs it when the loop has ended: only for a context that outlives it", func(t *testing.T) {
		for outlives, want := range map[bool]int{false: 0, true: 1} {
			var late func()
			runs := 0
			asynctest.EndWell(t, func(ctx context.Context) error {
				if outlives {
					ctx = context.WithoutCancel(ctx)
				}
				asyncio.RunInExecutor(ctx, executorFunc(func(fn func()) error {
					late = fn
					return nil
				}), func(context.Context) (int, error) { runs++; return 0, nil })
				return nil
			})
			late()
			asynctest.ExpectEqual(t, "runs", runs, want)
		}
	})
	t.Run("panics: in the caller", func(t *testing.T) {
		asynctest.EndWell(t, func(ctx context.Context) error {
			var late func()
			v := asynctest.PanicOf(func() {
				asyncio.RunInExecutor(ctx, executorFunc(func(fn func()) error {
					late = fn
					panic("bang")
				}), func(context.Context) (int, error) { panic("it ran") })
			})
			asynctest.ExpectEqual(t, "the panic", v, any("bang"))
			late()
			return nil
		})
	})
}

// Whatever an executor does, what is outside is counted once for each function: the
// virtual clock stands still for a function in a thread as before, and for no other.
func TestRunInExecutorIsCountedOnceForVirtualTime(t *testing.T) {
	for name, submit := range map[string]executorFunc{
		"runs and fails":  func(fn func()) error { fn(); return errBoom },
		"runs and panics": func(fn func()) error { fn(); panic("bang") },
		"fails":           func(func()) error { return errBoom },
		"panics":          func(func()) error { panic("bang") },
	} {
		t.Run("one that "+name, func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				asynctest.PanicOf(func() {
					f := asyncio.RunInExecutor(ctx, submit, func(context.Context) (int, error) { return 0, nil })
					_, _ = f.Await(ctx)
				})
				asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Hour)) // the patience is too long for any count that is left
				err := asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
					return asyncio.ToThreadFunc(ctx, func(context.Context) error { time.Sleep(5 * time.Millisecond); return nil })
				})
				asynctest.ExpectNil(t, err)
			}, asynciotest.Patience(time.Hour), asynciotest.LoopOptions(asyncio.OnException(func(asyncio.ExceptionContext) {})))
		})
	}
}
