package ok

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func pause(ctx context.Context) error {
	//asyncio:ok blocks // want `\(asyncio-ok\)$`
	time.Sleep(time.Millisecond) // want `\(asyncio-blocks\)$`
	return asyncio.Sleep(ctx, time.Second)
}

// ANCHOR_END: before

// ANCHOR: after

func pauseKnown(ctx context.Context) error {
	//asyncio:ok blocks a millisecond is allowed: the device loses data otherwise
	time.Sleep(time.Millisecond)
	return asyncio.Sleep(ctx, time.Second)
}

// ANCHOR_END: after
