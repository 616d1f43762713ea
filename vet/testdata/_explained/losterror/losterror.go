package losterror

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func count(ctx context.Context, tally asyncio.Coro[int]) int {
	task := asyncio.CreateTask(ctx, tally)
	n, _ := task.Await(ctx) // want `\(asyncio-lost-error\)$`
	return n
}

// ANCHOR_END: before

// ANCHOR: after

func countOrFail(ctx context.Context, tally asyncio.Coro[int]) (int, error) {
	return asyncio.CreateTask(ctx, tally).Await(ctx)
}

// ANCHOR_END: after
