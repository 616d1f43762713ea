package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

func ExampleBarrier() {
	ready := asyncio.NewBarrier(2)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"Ada", "Bob"} {
				tg.Go(func(ctx context.Context) error {
					fmt.Println(name, "comes")
					index, err := ready.Wait(ctx)
					fmt.Println(name, "goes on as number", index)
					return err
				})
			}
			return nil
		})
	})
	// Output:
	// Ada comes
	// Bob comes
	// Bob goes on as number 1
	// Ada goes on as number 0
}
