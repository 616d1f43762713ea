package asynciotest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

func TestRunJumps(t *testing.T) {
	before := time.Now()
	asynciotest.Run(t, func(ctx context.Context) {
		loop := asyncio.RunningLoop(ctx)
		start := loop.Now()
		if err := asyncio.Sleep(ctx, 1000*time.Hour); err != nil {
			t.Error(err)
		}
		if d := loop.Now().Sub(start); d != 1000*time.Hour {
			t.Errorf("%v have passed", d)
		}
	})
	if d := time.Since(before); d > time.Hour {
		t.Errorf("it took %v", d)
	}
}

func TestRunReportsDeadlock(t *testing.T) {
	f := inRun(t, func(ctx context.Context) {
		var lock asyncio.Lock
		_ = lock.Acquire(ctx)
		_ = asyncio.Sleep(ctx, time.Second)
		helper := asyncio.Go(ctx, func(ctx context.Context) error { return waitForIt(ctx, &lock) }, asyncio.Name("helper"))
		_, _ = helper.Await(ctx)
	}, "deadlock at 1s: 2 tasks wait", `Task-1: waits for task "helper" since 1s`, "helper: waits for lock since 1s", "waitForIt", "run_test.go:")
	t.Log(f.output())
}

func waitForIt(ctx context.Context, lock *asyncio.Lock) error { return lock.Acquire(ctx) }

func TestRunReportsWhatIsLeft(t *testing.T) {
	inRun(t, func(ctx context.Context) {
		asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("forgotten"))
	}, "1 task was left", "forgotten: waits for sleep 1h0m0s since 0s", "run_test.go:")
	mustPass(t, func(f *fakeTB) {
		asynciotest.Run(f, func(ctx context.Context) {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }).Cancel()
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) })
		})
	})
}

func TestRunReportsUnseenErrors(t *testing.T) {
	inRun(t, func(ctx context.Context) {
		asyncio.Go(ctx, func(ctx context.Context) error { return errors.New("boom") }, asyncio.Name("careless"))
		_ = asyncio.Yield(ctx)
	}, "careless", "boom", "no one looked")
}

func TestRunReportsPanics(t *testing.T) {
	inRun(t, func(ctx context.Context) { panic("oh no") }, "oh no", "run_test.go")
	inRun(t, func(ctx context.Context) {
		asyncio.RunningLoop(ctx).CallSoon(func() { panic("oh dear") })
		_ = asyncio.Yield(ctx)
	}, "oh dear")
	mustPass(t, func(f *fakeTB) {
		handler := asyncio.OnException(func(asyncio.ExceptionContext) {})
		asynciotest.Run(f, func(ctx context.Context) {
			_, _ = asyncio.Go(ctx, func(ctx context.Context) error { panic("expected") }).Await(ctx)
		}, asynciotest.LoopOptions(handler))
	})
}

func TestFailNowInAnyTask(t *testing.T) {
	after := false
	f := on(t, func(f *fakeTB) {
		asynciotest.Run(f, func(ctx context.Context) {
			_, _ = asyncio.Go(ctx, func(ctx context.Context) error {
				f.FailNow()
				return nil
			}).Await(ctx)
		})
		after = true
	})
	if !f.failed || after || f.output() != "FailNow" {
		t.Errorf("went on: %v, said %s", after, f.output())
	}
}

func TestThreadsTakeNoTime(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		begin := make(chan struct{})
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			asyncio.RunningLoop(ctx).CallSoon(func() { close(begin) })
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				<-begin
				time.Sleep(20 * time.Millisecond)
				return 1, nil
			})
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}, asynciotest.Patience(time.Hour)) // a busy machine may be slow
}

// besideLoop hands out a loop that runs on another goroutine, in real time.
func besideLoop(t *testing.T, fn func(l *asyncio.Loop)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	loops, ended := make(chan *asyncio.Loop), make(chan struct{})
	go func() {
		defer close(ended)
		_ = asyncio.Run(ctx, func(ctx context.Context) error {
			loops <- asyncio.RunningLoop(ctx) //asyncio:ok channel the test takes it at once
			return asyncio.Sleep(ctx, time.Hour)
		})
	}()
	fn(<-loops)
	cancel()
	<-ended
}

func TestOtherLoopsTakeNoTime(t *testing.T) {
	sleeps := func(d time.Duration) asyncio.Coro[int] {
		return func(ctx context.Context) (int, error) { return 1, asyncio.Sleep(ctx, d) }
	}
	besideLoop(t, func(other *asyncio.Loop) {
		asynciotest.Run(t, func(ctx context.Context) {
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				_, err := asyncio.RunOn(ctx, other, sleeps(20*time.Millisecond))
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		inRun(t, func(ctx context.Context) {
			f := asyncio.RunCoroutineThreadsafe(other, sleeps(time.Hour))
			waits := asyncio.CreateTask(ctx, f.Wait, asyncio.Eager())
			waits.Cancel() // nothing outside counts any more
			var never asyncio.Event
			_ = never.Wait(ctx)
		}, "deadlock")
	})
}

func TestDeadlockOnAChannel(t *testing.T) {
	inRun(t, func(ctx context.Context) {
		_, _, _ = asyncio.Receive(ctx, make(chan int))
	}, "deadlock", "Task-1: waits for channel receive")
}

func TestThreadsThatWaitForTheLoopAreOutrun(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
			return err
		})
		if !errors.Is(err, asyncio.ErrTimeout) {
			t.Error(err)
		}
	}, asynciotest.Patience(time.Millisecond))
}

func TestStandardContextsEndInTheNextPass(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner, cancel := context.WithCancel(ctx)
		waits := asyncio.Go(ctx, func(context.Context) error { return asyncio.Sleep(inner, time.Hour) })
		_ = asyncio.Yield(ctx)
		pass := asyncio.RunningLoop(ctx).Stats().Passes
		cancel()
		if _, err := waits.Await(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if d := asyncio.RunningLoop(ctx).Stats().Passes - pass; d > 3 {
			t.Errorf("it took %d passes", d)
		}
	})
}

func TestStandardDeadlinesAreWaitedFor(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		inner, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		var never asyncio.Event
		if err := never.Wait(inner); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestOutside(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		loop, done := asyncio.RunningLoop(ctx), asynciotest.Outside(ctx)
		var came asyncio.Event
		go func() {
			defer done()
			time.Sleep(time.Millisecond)
			_ = loop.CallSoonThreadsafe(came.Set)
		}()
		if err := came.Wait(ctx); err != nil {
			t.Error(err)
		}
	}, asynciotest.Patience(time.Hour))
	inRun(t, func(ctx context.Context) {
		go asynciotest.Outside(ctx)() // and nothing comes
		var never asyncio.Event
		_ = never.Wait(ctx)
	}, "deadlock")
}

func TestRunInTheTestingPackage(t *testing.T) {
	for _, name := range []string{"a", "b"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asynciotest.Run(t, func(ctx context.Context) {
				if ctx.Err() != nil || t.Context().Err() != nil {
					t.Error("canceled too early")
				}
				_ = asyncio.Sleep(ctx, time.Hour)
			})
		})
	}
}

func BenchmarkRun(b *testing.B) {
	for b.Loop() {
		asynciotest.Run(b, func(ctx context.Context) { _ = asyncio.Sleep(ctx, time.Second) })
	}
}

func BenchmarkInRun(b *testing.B) {
	asynciotest.Run(b, func(ctx context.Context) {
		for b.Loop() {
			_ = asyncio.Sleep(ctx, time.Second)
		}
	})
}
