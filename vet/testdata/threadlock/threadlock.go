package threadlock

import (
	"context"
	"runtime"

	"github.com/asyncio-go/asyncio"
)

func bad(ctx context.Context, ok bool) error {
	runtime.LockOSThread() // want `^bad locks the thread of the event loop and may be suspended by asyncio.Sleep \(line 13\) before it unlocks it: no other task can run then; do such work in ToThread, or unlock the thread before \(asyncio-thread-lock\)$`
	defer runtime.UnlockOSThread()
	if err := asyncio.Sleep(ctx, 1); err != nil {
		return err
	}
	if ok {
		runtime.LockOSThread() // want `may be suspended by asyncio.Yield \(line 21\)`
	} else {
		runtime.UnlockOSThread()
	}
	return asyncio.Yield(ctx)
}

func good(ctx context.Context) error {
	runtime.LockOSThread()
	computed := 1 + 1
	runtime.UnlockOSThread()
	_ = computed
	err := asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		return nil
	})
	if err != nil {
		return err
	}
	go func() {
		runtime.LockOSThread()
	}()
	return asyncio.Yield(ctx)
}

// outside keeps the loop on one thread.
func outside(ctx context.Context) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return asyncio.Run(ctx, good)
}
