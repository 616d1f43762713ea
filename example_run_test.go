package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleRun() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println("hello")
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		fmt.Println("world")
		return nil
	})
	fmt.Println(err)
	// Output:
	// hello
	// world
	// <nil>
}

// What main leaves over is canceled, and cleans up before Run returns.
func ExampleRun_leftovers() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			fmt.Println("cleaning up:", err)
			return err
		})
		return asyncio.Yield(ctx)
	})
	fmt.Println("Run has returned")
	// Output:
	// cleaning up: asyncio: canceled
	// Run has returned
}

// Ctrl-C as usual in Go: it cancels the context of Run.
func ExampleRun_interrupt() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	_ = asyncio.Run(ctx, func(ctx context.Context) error {
		fmt.Println("press Ctrl-C")
		return asyncio.Sleep(ctx, time.Millisecond)
	})
	// Output: press Ctrl-C
}

// Ctrl-C as in Python: the first cancels main, the second ends the program.
func ExampleHandleInterrupt() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.Sleep(ctx, time.Millisecond)
	}, asyncio.HandleInterrupt())
	fmt.Println("interrupted:", errors.Is(err, asyncio.ErrInterrupted))
	// Output: interrupted: false
}

func ExampleRunValue() {
	answer, err := asyncio.RunValue(context.Background(), func(ctx context.Context) (int, error) {
		return 42, asyncio.Yield(ctx)
	})
	fmt.Println(answer, err)
	// Output: 42 <nil>
}

// A Runner keeps its loop, and the tasks on it, from one run to the next.
func ExampleRunner() {
	runner := asyncio.NewRunner()
	defer runner.Close()
	var second asyncio.Event
	var task *asyncio.Task[struct{}]
	_ = runner.Run(context.Background(), func(ctx context.Context) error {
		task = asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("begins in the first run")
			err := second.Wait(ctx)
			fmt.Println("goes on in the second")
			return err
		})
		return asyncio.Yield(ctx)
	})
	_ = runner.Run(context.Background(), func(ctx context.Context) error {
		second.Set()
		_, err := task.Await(ctx)
		return err
	})
	// Output:
	// begins in the first run
	// goes on in the second
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
	noticed := make(chan string)
	_ = asyncio.Run(context.Background(), func(context.Context) error {
		fmt.Println(<-noticed) // this blocks the thread; Sleep would suspend the task
		return nil
	},
		asyncio.SlowStep(time.Millisecond),
		asyncio.OnException(func(c asyncio.ExceptionContext) { noticed <- c.Task.Name + " blocks the loop" }))
	// Output: Task-1 blocks the loop
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

// A panic of a task travels as an error, and Run panics with it unless
// someone stops it on the way.
func ExamplePanicError() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(context.Context) error { panic("bang") })
		_, err := task.Await(ctx)
		var p *asyncio.PanicError
		if errors.As(err, &p) {
			fmt.Println("the task panicked with", p.Value)
		}
		return nil
	}, asyncio.OnException(func(asyncio.ExceptionContext) {}))
	// Output: the task panicked with bang
}
