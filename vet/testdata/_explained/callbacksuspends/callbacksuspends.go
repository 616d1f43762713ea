package callbacksuspends

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func remind(ctx context.Context, loop *asyncio.Loop, notes *asyncio.Queue[string]) {
	loop.CallLater(time.Minute, func() {
		_ = notes.Put(ctx, "tea") // want `\(asyncio-callback-suspends\)$`
	})
}

// ANCHOR_END: before

// ANCHOR: after

func remindInTask(ctx context.Context, tg *asyncio.TaskGroup, notes *asyncio.Queue[string]) {
	tg.Go(func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, time.Minute); err != nil {
			return err
		}
		return notes.Put(ctx, "tea")
	})
}

// ANCHOR_END: after
