package losterror

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

func fetch(url string) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) { return len(url), asyncio.Sleep(ctx, time.Second) }
}

func bad(ctx context.Context) (int, error) {
	fetch("a").Await(ctx)                                   // want `^the error of asyncio.Coro.Await is lost: look at it, or assign it to _ and say in a comment there why it does not matter \(asyncio-lost-error\)$`
	_, _ = fetch("b").Await(ctx)                            // want `asyncio-lost-error`
	both, _ := asyncio.Gather(ctx, fetch("c"))              // want `the error of asyncio.Gather is lost`
	a, b, _ := asyncio.Gather2(ctx, fetch("c"), fetch("d")) // want `asyncio.Gather2 is lost`
	task := asyncio.CreateTask(ctx, fetch("e"))
	_ = task                                // want `^no one looks at task, so its error comes late, to the exception handler: await it, or start it in a TaskGroup \(asyncio-lost-error\)$`
	_ = asyncio.CreateTask(ctx, fetch("f")) // want `no one looks at the task that asyncio.CreateTask makes`
	ready := asyncio.CreateTask(ctx, fetch("g"))
	value, _ := ready.Await(ctx) // want `the error of asyncio.Task.Await is lost`
	var aw asyncio.Awaitable[int] = ready
	aw.Await(ctx)                                                                       // want `asyncio.Awaitable.Await is lost`
	asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error { // want `the error of asyncio.WithTaskGroup is lost`
		tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, 1) })
		return nil
	})
	return len(both) + a + b + value, nil
}

func main() {
	asyncio.Run(context.Background(), func(ctx context.Context) error { // want `the error of asyncio.Run is lost`
		_, err := bad(ctx)
		return err
	})
}
