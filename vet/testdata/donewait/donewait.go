package donewait

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func serve(ctx context.Context) error {
	if err := asyncio.Sleep(ctx, 1); err != nil {
		return err
	}
	<-ctx.Done() // want `waits for ctx.Done\(\) and so stops the event loop.*\(asyncio-done-wait\)`
	select {     // want `asyncio-done-wait`
	case <-ctx.Done():
	}
	return ctx.Err()
}

func good(ctx context.Context) error {
	go func() { <-ctx.Done() }()
	_, err := asyncio.Select(ctx)
	return err
}

func held(ctx context.Context) error {
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	done := ctx.Done()
	<-done // want `asyncio-done-wait`
	return nil
}
