package statements

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func start(ctx context.Context, c asyncio.Coro[int]) error {
	asyncio.CreateTask(ctx, c)                                                     // want `^no one looks at the task that asyncio.CreateTask makes, so its error comes late`
	asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) }) // want `asyncio.Go makes`
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		asyncio.Spawn(tg, c)
		tg.Go(func(ctx context.Context) error { return nil })
		return nil
	})
}
