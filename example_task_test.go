package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

// work returns what it was told to after a while.
func work(name string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return "", err
		}
		return name + " done", nil
	}
}

func ExampleCreateTask() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		a := asyncio.CreateTask(ctx, work("A", 2*time.Millisecond))
		b := asyncio.CreateTask(ctx, work("B", time.Millisecond))
		// Both run while this one waits for A.
		first, err := a.Await(ctx)
		fmt.Println(first, err)
		second, err := b.Await(ctx)
		fmt.Println(second, err)
		return nil
	})
	// Output:
	// A done <nil>
	// B done <nil>
}

func ExampleGo() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("in the task")
			return nil
		})
		fmt.Println("it has not begun")
		_, err := task.Await(ctx)
		return err
	})
	// Output:
	// it has not begun
	// in the task
}

func ExampleTask_Cancel() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			fmt.Println("cleaning up")
			return err
		})
		_ = asyncio.Yield(ctx) // let it begin
		task.Cancel()
		_, err := task.Await(ctx)
		fmt.Println(errors.Is(err, asyncio.ErrCanceled), task.Canceled())
		return nil
	})
	// Output:
	// cleaning up
	// true true
}

func ExampleTask_CancelCause() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			fmt.Println(context.Cause(ctx))
			return err
		})
		_ = asyncio.Yield(ctx)
		task.CancelCause(errors.New("the user has left"))
		_, _ = task.Await(ctx)
		return nil
	})
	// Output:
	// the user has left
}

func ExampleTask_Result() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, work("A", time.Millisecond))
		_, err := task.Result()
		fmt.Println(errors.Is(err, asyncio.ErrInvalidState))
		_, _ = task.Await(ctx)
		fmt.Println(task.Result())
		return nil
	})
	// Output:
	// true
	// A done <nil>
}

func ExampleTask_AddDoneCallback() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.CreateTask(ctx, work("A", time.Millisecond), asyncio.Name("worker"))
		task.AddDoneCallback(func(t *asyncio.Task[string]) {
			fmt.Println(t.Name(), "has ended")
		})
		text, err := task.Await(ctx)
		fmt.Println(text)
		return err
	})
	// Output:
	// worker has ended
	// A done
}

func ExampleEager() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		cached := func(context.Context) (string, error) { return "from the cache", nil }
		task := asyncio.CreateTask(ctx, cached, asyncio.Eager())
		fmt.Println(task.Done())
		fmt.Println(task.Result())
		return nil
	})
	// Output:
	// true
	// from the cache <nil>
}

func ExampleAllTasks() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var ready asyncio.Event
		asyncio.Go(ctx, ready.Wait, asyncio.Name("reader"))
		_ = asyncio.Yield(ctx)
		for _, info := range asyncio.AllTasks(ctx) {
			fmt.Printf("%s is %s: %q\n", info.Name, info.State, info.WaitingOn)
		}
		fmt.Println("I am", asyncio.CurrentTask(ctx).Name)
		return nil
	})
	// Output:
	// Task-1 is running: ""
	// reader is waiting: "event"
	// I am Task-1
}
