package blocks

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
)

// A function for workers runs in a pool, if they do not say otherwise. One that suspends can
// only be meant for the loop.
var (
	resize = remote.Define("resize", func(ctx context.Context, n int) (int, error) {
		time.Sleep(time.Second)
		return n, nil
	})
	poll = remote.Define("poll", func(ctx context.Context, n int) (int, error) {
		err := asyncio.Sleep(ctx, time.Second)
		time.Sleep(1) // want `time.Sleep blocks`
		return n, err
	})
)

var _, _ = resize, poll
