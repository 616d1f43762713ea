package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

func ExampleEvent() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var open asyncio.Event
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"Ada", "Bob"} {
				tg.Go(func(ctx context.Context) error {
					if err := open.Wait(ctx); err != nil {
						return err
					}
					fmt.Println(name, "comes in")
					return nil
				})
			}
			_ = asyncio.Yield(ctx)
			fmt.Println("open")
			open.Set()
			return nil
		})
	})
	// Output:
	// open
	// Ada comes in
	// Bob comes in
}
