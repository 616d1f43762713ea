package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleWithTimeout() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context, _ *asyncio.Timeout) error {
			return asyncio.Sleep(ctx, time.Hour)
		})
		fmt.Println(err)
		fmt.Println(errors.Is(err, context.DeadlineExceeded))
		return nil
	})
	// Output:
	// asyncio: timed out
	// true
}

// A cleanup that has to wait does so on a context that is not canceled.
func ExampleWithTimeout_cleanup() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context, _ *asyncio.Timeout) error {
			defer func() {
				err := asyncio.Sleep(context.WithoutCancel(ctx), time.Millisecond)
				fmt.Println("cleaned up:", err)
			}()
			return asyncio.Sleep(ctx, time.Hour)
		})
	})
	// Output:
	// cleaned up: <nil>
}

func ExampleWithTimeoutAt() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		end := asyncio.RunningLoop(ctx).Now().Add(time.Millisecond)
		err := asyncio.WithTimeoutAt(ctx, end, func(ctx context.Context, t *asyncio.Timeout) error {
			when, _ := t.When()
			fmt.Println(when.Equal(end))
			return asyncio.Sleep(ctx, time.Hour)
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// true
	// asyncio: timed out
}

// Every line that comes gives the sender more time.
func ExampleTimeout_Reschedule() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		lines := asyncio.NewQueue[string](0)
		_ = lines.TryPut("hello")
		_ = lines.TryPut("world")
		err := asyncio.WithTimeoutAt(ctx, time.Time{}, func(ctx context.Context, t *asyncio.Timeout) error {
			for {
				t.Reschedule(loop.Now().Add(time.Millisecond))
				line, err := lines.Get(ctx)
				if err != nil {
					return err
				}
				fmt.Println(line)
			}
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// hello
	// world
	// asyncio: timed out
}
