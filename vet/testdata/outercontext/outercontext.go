package outercontext

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

func work(ctx context.Context, n int) error { return asyncio.Sleep(ctx, time.Duration(n)) }

func timeout(ctx context.Context) error {
	return asyncio.WithTimeout(ctx, time.Second, func(inner context.Context) error {
		if err := asyncio.Sleep(ctx, time.Hour); err != nil { // want `^ctx is the context that was given to asyncio.WithTimeout: what waits on it is not cut when that ends its body, or when the task is canceled; use the context of the body \(asyncio-outer-context\)$`
			return err
		}
		return work(ctx, 2) // want `given to asyncio.WithTimeout`
	})
}

func group(parent context.Context) error {
	return asyncio.WithTaskGroup(parent, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(mine context.Context) error {
			return work(ctx, 1) // want `ctx is the context that was given to asyncio.TaskGroup.Go`
		})
		asyncio.Spawn(tg, func(mine context.Context) (int, error) {
			return 1, work(parent, 1) // want `parent is the context that was given to asyncio.WithTaskGroup`
		})
		return asyncio.WithTimeoutAt(ctx, time.Time{}, func(c context.Context) error {
			if err := work(parent, 1); err != nil { // want `given to asyncio.WithTaskGroup`
				return err
			}
			return func() error { return work(ctx, 1) }() // want `given to asyncio.WithTimeoutAt`
		})
	})
}

func tasks(ctx context.Context) error {
	asyncio.Go(ctx, func(task context.Context) error {
		return work(ctx, 1) // want `given to asyncio.Go`
	})
	t := asyncio.CreateTask(ctx, func(task context.Context) (int, error) {
		return 1, work(ctx, 1) // want `given to asyncio.CreateTask`
	})
	_, err := t.Await(ctx)
	return err
}

func main() {
	background := context.Background()
	err := asyncio.Run(background, func(ctx context.Context) error {
		return asyncio.Sleep(background, 1) // want `background is the context that was given to asyncio.Run`
	})
	if err != nil {
		panic(err)
	}
}
