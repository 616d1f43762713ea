package channel

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func report(tg *asyncio.TaskGroup, results chan int) {
	tg.Go(func(ctx context.Context) error {
		fmt.Println(<-results) /* the loop waits with the task */ // want `\(asyncio-channel\)$`
		return nil
	})
}

// ANCHOR_END: before

// ANCHOR: after

func reportOne(tg *asyncio.TaskGroup, results chan int) {
	tg.Go(func(ctx context.Context) error {
		n, _, err := asyncio.Receive(ctx, results)
		fmt.Println(n)
		return err
	})
}

// ANCHOR_END: after
