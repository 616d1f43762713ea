package outercontext

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
)

func good(ctx context.Context, q *asyncio.Queue[int]) error {
	err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error { return work(ctx, 1) })
	if err != nil {
		return err
	}
	// The context of the body is left aside on purpose.
	err = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error { return work(ctx, 1) })
		return work(ctx, 1)
	})
	if err != nil {
		return err
	}
	return asyncio.WithTimeout(ctx, time.Second, func(inner context.Context) error {
		asyncio.TimeoutOf(ctx) // that of the one outside
		err := work(inner, 1)
		if errors.Is(err, asyncio.ErrCanceled) && ctx.Err() == nil {
			return work(ctx, 2) // the body is cut, and this is not
		}
		asyncio.Go(ctx, func(ctx context.Context) error { return work(ctx, 1) }) // it goes on after the body
		go func() { context.AfterFunc(ctx, func() {}) }()
		return q.Put(context.WithoutCancel(ctx), 1)
	})
}

// The context of another one: not the one that was given.
func server(life context.Context, ctx context.Context) error {
	return asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error { return work(life, 1) })
}
