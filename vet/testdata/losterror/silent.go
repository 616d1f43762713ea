package losterror

import (
	"context"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
)

func good(ctx context.Context, pool *asyncio.WorkerPool) error {
	asyncio.CreateTask(ctx, fetch("a")) // the loop holds it; its error is reported
	background := asyncio.CreateTask(ctx, fetch("b"))
	defer background.Cancel()
	_, _ = fetch("c").Await(ctx) // a warm-up: what comes later sees the same error
	//asyncio:ok lost-error the value is zero then, which is right
	n, _ := fetch("d").Await(ctx)
	ended := asyncio.CreateTask(ctx, fetch("e"))
	ended.Cancel()
	_, _ = ended.Await(ctx)
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		asyncio.Spawn(tg, fetch("f"))
		tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
		_ = asyncio.Spawn(tg, fetch("g"))
		return nil
	})
	if err != nil {
		return err
	}
	// For as long as that, whether it was enough or not.
	_ = asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
	watched := asyncio.CreateTask(ctx, fetch("h"))
	watched.AddDoneCallback(func(t *asyncio.Task[int]) { log.Print(t.Err()) })
	_, err = asyncio.RunInExecutor(ctx, pool, func(context.Context) (int, error) { return n, nil }).Await(ctx)
	return err
}

// The type of a task in the program's own words.
type handle = *asyncio.Task[int]

func started(ctx context.Context) (t handle, _ error) {
	t = asyncio.CreateTask(ctx, fetch("a"))
	return t, nil
}
