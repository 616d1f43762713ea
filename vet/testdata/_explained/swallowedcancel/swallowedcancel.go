package swallowedcancel

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: before

func report(ctx context.Context, results *asyncio.Queue[int]) {
	for {
		n, err := results.Get(ctx) // want `\(asyncio-swallowed-cancel\)$`
		if err != nil {
			fmt.Println("no result:", err)
			continue
		}
		fmt.Println(n)
	}
}

// ANCHOR_END: before

// ANCHOR: after

func reportUntilCanceled(ctx context.Context, results *asyncio.Queue[int]) error {
	for {
		n, err := results.Get(ctx)
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// ANCHOR_END: after
