package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleRunningLoop() {
	fmt.Println("outside:", asyncio.RunningLoop(context.Background()) != nil)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println("inside:", asyncio.RunningLoop(ctx) != nil)
		return nil
	})
	// Output:
	// outside: false
	// inside: true
}

func ExampleLoop_CallSoon() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		loop.CallSoon(func() { fmt.Println("second") })
		loop.CallSoon(func() { fmt.Println("third") })
		fmt.Println("first")
		return asyncio.Yield(ctx)
	})
	// Output:
	// first
	// second
	// third
}

func ExampleLoop_CallLater() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[string](ctx)
		loop.CallLater(2*time.Millisecond, func() { _ = done.SetResult("rang") })
		what, err := done.Await(ctx)
		fmt.Println("the alarm", what)
		return err
	})
	// Output: the alarm rang
}

func ExampleLoop_CallAt() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		at := loop.Now().Add(time.Millisecond)
		for i := range 3 { // one deadline: in the order of the calls
			loop.CallAt(at, func() { fmt.Println(i) })
		}
		return asyncio.Sleep(ctx, 2*time.Millisecond)
	})
	// Output:
	// 0
	// 1
	// 2
}

func ExampleTimerHandle() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		alarm := loop.CallLater(time.Millisecond, func() { fmt.Println("never said") })
		alarm.Cancel()
		fmt.Println("canceled:", alarm.Canceled())
		return asyncio.Sleep(ctx, 2*time.Millisecond)
	})
	// Output: canceled: true
}

// Another goroutine reaches what belongs to the loop through one door.
func ExampleLoop_CallSoonThreadsafe() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop, ready := asyncio.RunningLoop(ctx), new(asyncio.Event)
		go func() {
			_ = loop.CallSoonThreadsafe(ready.Set)
		}()
		err := ready.Wait(ctx)
		fmt.Println("woken by another goroutine")
		return err
	})
	// Output: woken by another goroutine
}

func ExampleLoop_Stop() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).Stop()
		return asyncio.Sleep(ctx, time.Hour)
	})
	fmt.Println(err)
	// Output: asyncio: the event loop was stopped before the main coroutine ended
}

func ExampleLoop_SetExceptionHandler() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		loop.SetExceptionHandler(func(c asyncio.ExceptionContext) { fmt.Println(c.Message) })
		loop.CallSoon(func() { panic("bang") })
		return asyncio.Yield(ctx)
	})
	// Output: panic in a callback
}

func ExampleLoop_Stats() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		}
		_ = asyncio.Yield(ctx)
		s := asyncio.RunningLoop(ctx).Stats()
		fmt.Println(s.Tasks, "tasks,", s.Timers, "timers, pass", s.Passes)
		return nil
	})
	// Output: 4 tasks, 3 timers, pass 2
}

func ExampleCurrentTask() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			me := asyncio.CurrentTask(ctx)
			fmt.Println(me.Name, "is", me.State, "and was created by task", me.Parent)
			return nil
		}, asyncio.Name("worker"))
		_, err := task.Await(ctx)
		return err
	})
	// Output: worker is running and was created by task 1
}

// A task that takes no notice of its cancellation is named and ended.
func ExampleGrace() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			for {
				_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
			}
		}, asyncio.Name("mule"))
		return asyncio.Yield(ctx)
	},
		asyncio.Grace(time.Millisecond),
		asyncio.OnException(func(c asyncio.ExceptionContext) { fmt.Println(c.Message) }))
	fmt.Println(err)
	// Output:
	// task mule has not ended 1ms after it was canceled, and is ended by force
	// asyncio: did not end when canceled: task mule
}

// Errors that have no other taker go to the exception handler.
func ExampleOnException() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(context.Context) error { return errors.New("no one awaits me") })
		return asyncio.Yield(ctx)
	}, asyncio.OnException(func(c asyncio.ExceptionContext) {
		fmt.Println(c.Task.Name, "-", c.Err)
	}))
	// Output: Task-2 - no one awaits me
}

// The watchdog names the task that keeps the loop from all others.
func ExampleSlowStep() {
	noticed := make(chan string, 1)
	notice := func(c asyncio.ExceptionContext) {
		select {
		case noticed <- c.Task.Name + " blocks the loop":
		default: // a later step was slow as well
		}
	}
	_ = asyncio.Run(context.Background(), func(context.Context) error {
		fmt.Println(<-noticed) //asyncio:ok channel it blocks the thread, which is to be noticed; Sleep would suspend the task
		return nil
	}, asyncio.SlowStep(time.Millisecond), asyncio.OnException(notice))
	// Output: Task-1 blocks the loop
}

func ExampleDetectDeadlock() {
	ctx, cancel := context.WithCancel(context.Background())
	report := func(c asyncio.ExceptionContext) {
		fmt.Println(c.Message)
		cancel()
	}
	_ = asyncio.Run(ctx, func(ctx context.Context) error {
		var lock asyncio.Lock
		return lock.With(ctx, func() error { return lock.Acquire(ctx) }) // it has the lock
	}, asyncio.DetectDeadlock(), asyncio.OnException(report))
	// Output: deadlock, unless another goroutine wakes the loop: nothing else can, and 1 task waits
}

func ExampleDebug() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, asyncio.Yield)
		fmt.Println("knows where it was created:", len(task.Info().Created) > 0)
		return nil
	}, asyncio.Debug(true))
	// Output: knows where it was created: true
}

func ExampleObserve() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.Go(ctx, asyncio.Yield, asyncio.Name("worker")).Await(ctx)
		return err
	}, asyncio.Observe(&asyncio.Hooks{
		StepBegin:   func(e asyncio.HookEvent) { fmt.Printf("pass %d: %s\n", e.Pass, e.Task.Name) },
		TaskBlocked: func(e asyncio.HookEvent) { fmt.Printf("pass %d: %s waits for %s\n", e.Pass, e.Task.Name, e.On) },
	}))
	// Output:
	// pass 1: Task-1
	// pass 1: Task-1 waits for task "worker"
	// pass 2: worker
	// pass 3: worker
	// pass 4: Task-1
}

// What blocks runs on a thread of its own; the loop's tasks go on meanwhile.
func ExampleToThread() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		stop := make(chan struct{})
		asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("the loop goes on")
			close(stop)
			return nil
		})
		answer, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
			<-stop // in a task, this would stop the loop for good
			return 42, nil
		})
		fmt.Println(answer)
		return err
	})
	// Output:
	// the loop goes on
	// 42
}

func ExampleToThreadFunc() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.ToThreadFunc(ctx, func(context.Context) error { return os.Remove("no such file") })
		fmt.Println(errors.Is(err, fs.ErrNotExist))
		return nil
	})
	// Output: true
}

// Who waits can be canceled; the function should look at its context.
func ExampleToThread_cancellation() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
			return err
		})
		fmt.Println(err)
		return nil
	})
	// Output: asyncio: timed out
}

// A value that needs care, a file that has to be closed, is waited for even if the task
// is canceled meanwhile. The cancellation comes with the next suspension.
func ExampleToThread_resource() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		opening, open := make(chan struct{}), make(chan struct{})
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			f, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (*os.File, error) {
				close(opening)
				<-open
				return os.Open(os.DevNull)
			})
			if err != nil {
				return err
			}
			defer func() { fmt.Println("closed:", f.Close()) }()
			return asyncio.Sleep(ctx, time.Hour)
		})
		_ = asyncio.Yield(ctx)
		<-opening //asyncio:ok channel the thread closes it, without the loop
		task.Cancel()
		close(open)
		_, err := task.Await(ctx)
		fmt.Println(err)
		return nil
	})
	// Output:
	// closed: <nil>
	// asyncio: canceled
}

// A goroutine that knows nothing of loops sends to a task.
func ExampleReceive() {
	numbers := make(chan int)
	go func() {
		defer close(numbers)
		for i := range 3 {
			numbers <- i
		}
	}()
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		for {
			n, ok, err := asyncio.Receive(ctx, numbers)
			if err != nil || !ok {
				return err
			}
			fmt.Println(n)
		}
	})
	// Output:
	// 0
	// 1
	// 2
}

// A value that was not sent is still the task's.
func ExampleSend() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		slow := make(chan string) // no one receives from it
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
			return asyncio.Send(ctx, slow, "news")
		})
		fmt.Println(err)
		return nil
	})
	// Output: asyncio: timed out
}

// A pool bounds how many functions run at once: here, one for each core.
func ExampleWorkerPool() {
	pool := asyncio.NewWorkerPool(runtime.GOMAXPROCS(0))
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		square := func(n int) *asyncio.Future[int] {
			return asyncio.RunInExecutor(ctx, pool, func(context.Context) (int, error) { return n * n, nil })
		}
		squares, err := asyncio.Gather(ctx, square(1), square(2), square(3))
		fmt.Println(squares)
		if err != nil {
			return err
		}
		return pool.Shutdown(ctx)
	})
	// Output: [1 4 9]
}

func ExampleRunInExecutor() {
	pool := asyncio.NewWorkerPool(1)
	defer pool.Shutdown(context.Background())
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		answer := asyncio.RunInExecutor(ctx, pool, func(context.Context) (string, error) { return "from a worker", nil })
		fmt.Println("the task goes on at once")
		v, err := answer.Await(ctx)
		fmt.Println(v)
		return err
	})
	// Output:
	// the task goes on at once
	// from a worker
}

// Any goroutine can let a loop run a coroutine, and wait for its result.
func ExampleRunCoroutineThreadsafe() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
			sum, err := asyncio.RunCoroutineThreadsafe(loop, func(ctx context.Context) (int, error) {
				return 1 + 2, asyncio.Yield(ctx)
			}).Wait(ctx)
			fmt.Println("the loop says", sum)
			return sum, err
		})
		return err
	})
	// Output: the loop says 3
}

// Four loops, each with a cache of its own that needs no lock. A key belongs
// to one of them.
func ExampleRunGroup() {
	err := asyncio.RunGroup(context.Background(), 4, func(ctx context.Context, g *asyncio.LoopGroup) error {
		caches := make([]map[string]int, g.Len())
		count := func(ctx context.Context, key string) (int, error) {
			i := len(key) % g.Len()
			return asyncio.RunOn(ctx, g.Loop(i), func(context.Context) (int, error) {
				if caches[i] == nil {
					caches[i] = map[string]int{}
				}
				caches[i][key]++
				return caches[i][key], nil
			})
		}
		for _, word := range []string{"so", "it", "goes", "so", "it", "so"} {
			n, err := count(ctx, word)
			if err != nil {
				return err
			}
			fmt.Println(word, n)
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// so 1
	// it 1
	// goes 1
	// so 2
	// it 2
	// so 3
	// <nil>
}

// What every loop does for itself.
func ExampleLoopGroup_Each() {
	_ = asyncio.RunGroup(context.Background(), 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
		var sum atomic.Int64
		err := g.Each(ctx, func(ctx context.Context) error {
			sum.Add(1)
			return asyncio.Yield(ctx)
		})
		fmt.Println("loops:", sum.Load())
		return err
	})
	// Output: loops: 3
}

// A Set on the loop to which the event belongs.
func ExampleRunOnFunc() {
	_ = asyncio.RunGroup(context.Background(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
		var served asyncio.Event // of the second loop
		waiter := asyncio.RunCoroutineThreadsafe(g.Loop(1), func(ctx context.Context) (string, error) {
			return "served", served.Wait(ctx)
		})
		err := asyncio.RunOnFunc(ctx, g.Loop(1), func(context.Context) error {
			served.Set()
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Println(waiter.Wait(ctx))
		return nil
	})
	// Output: served <nil>
}

// A long computation on a loop of its own; the loop of the caller goes on.
func ExampleRunOn() {
	_ = asyncio.RunGroup(context.Background(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
		sum, err := asyncio.RunOn(ctx, g.Loop(1), func(context.Context) (int64, error) {
			sum := int64(0)
			for i := range int64(1_000_000) {
				sum += i
			}
			return sum, nil
		})
		fmt.Println(sum)
		return err
	})
	// Output: 499999500000
}
