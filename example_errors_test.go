package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleExceptionGroup_Split() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return fmt.Errorf("a.txt: %w", fs.ErrNotExist) })
			tg.Go(func(context.Context) error { return errors.New("disk is full") })
			return nil
		})
	})
	var group *asyncio.ExceptionGroup
	if errors.As(err, &group) {
		missing, rest := group.Split(func(err error) bool {
			_, isGroup := err.(*asyncio.ExceptionGroup)
			return !isGroup && errors.Is(err, fs.ErrNotExist)
		})
		fmt.Println(missing)
		fmt.Println(rest)
	}
	// Output:
	// unhandled errors in a TaskGroup (1 sub-exception)
	// - a.txt: file does not exist
	// unhandled errors in a TaskGroup (1 sub-exception)
	// - disk is full
}

func ExampleErrCanceled() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, time.Hour); err != nil {
				return fmt.Errorf("waiting for godot: %w", err)
			}
			return nil
		})
		_ = asyncio.Yield(ctx)
		task.Cancel()
		_, err := task.Await(ctx)
		fmt.Println(err)
		fmt.Println(errors.Is(err, asyncio.ErrCanceled), errors.Is(err, context.Canceled))
		return nil
	})
	// Output:
	// waiting for godot: asyncio: canceled
	// true true
}
