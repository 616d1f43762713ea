package blocks

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func poll(tg *asyncio.TaskGroup, ask func(ctx context.Context) error) {
	tg.Go(func(ctx context.Context) error {
		for {
			if err := ask(ctx); err != nil {
				return err
			}
			time.Sleep(time.Second) /* no other task runs meanwhile */ // want `\(asyncio-blocks\)$`
		}
	})
}

// ANCHOR_END: before

// ANCHOR: after

func pollOften(tg *asyncio.TaskGroup, ask func(ctx context.Context) error) {
	tg.Go(func(ctx context.Context) error {
		for {
			if err := ask(ctx); err != nil {
				return err
			}
			if err := asyncio.Sleep(ctx, time.Second); err != nil {
				return err
			}
		}
	})
}

// ANCHOR_END: after
