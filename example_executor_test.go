package asyncio_test

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/asyncio-go/asyncio"
)

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

// Who waits can be canceled; the function should look at its context.
func ExampleToThread_cancellation() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context, _ *asyncio.Timeout) error {
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
