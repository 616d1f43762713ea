package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleWait() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		tasks := []*asyncio.Task[string]{
			asyncio.CreateTask(ctx, work("A", time.Hour)),
			asyncio.CreateTask(ctx, work("B", time.Millisecond)),
		}
		done, pending, err := asyncio.Wait(ctx, tasks, asyncio.FirstCompleted, 0)
		if err != nil {
			return err
		}
		for _, t := range done {
			fmt.Println(t.Result())
		}
		for _, t := range pending {
			fmt.Println("canceling", t.Name())
			t.Cancel()
		}
		return nil
	})
	// Output:
	// B done <nil>
	// canceling Task-2
}

func ExampleWaitFor() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		_, err := asyncio.WaitFor(ctx, work("A", time.Hour), time.Millisecond)
		fmt.Println(errors.Is(err, asyncio.ErrTimeout))
		return nil
	})
	// Output:
	// true
}

func ExampleAsCompleted() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		for text, err := range asyncio.AsCompleted(ctx,
			work("A", 20*time.Millisecond),
			work("B", time.Millisecond),
		) {
			fmt.Println(text, err)
		}
		return nil
	})
	// Output:
	// B done <nil>
	// A done <nil>
}

func ExampleAsCompletedIndex() {
	names := []string{"first", "second"}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		a, b := work("A", 20*time.Millisecond), work("B", time.Millisecond)
		for i, r := range asyncio.AsCompletedIndex(ctx, a, b) {
			fmt.Println(names[i], r.Value, r.Err)
		}
		return nil
	})
	// Output:
	// second B done <nil>
	// first A done <nil>
}
