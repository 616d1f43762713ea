package threadlock

import (
	"context"
	"runtime"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func draw(ctx context.Context, frame func()) error {
	runtime.LockOSThread() // want `\(asyncio-thread-lock\)$`
	defer runtime.UnlockOSThread()
	frame()
	return asyncio.Sleep(ctx, time.Second)
}

// ANCHOR_END: before

// ANCHOR: after

func drawOnThread(ctx context.Context, frame func()) error {
	return asyncio.ToThreadFunc(ctx, func(context.Context) error {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		frame()
		return nil
	})
}

// ANCHOR_END: after
