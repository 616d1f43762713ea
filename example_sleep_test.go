package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleSleep() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			fmt.Println("the others run meanwhile")
			return nil
		})
		return asyncio.Sleep(ctx, time.Millisecond)
	})
	// Output:
	// the others run meanwhile
}

func ExampleYield() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		count := func(name string) func(context.Context) error {
			return func(ctx context.Context) error {
				for i := range 2 {
					fmt.Println(name, i)
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return nil
			}
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(count("A"))
			tg.Go(count("B"))
			return nil
		})
	})
	// Output:
	// A 0
	// B 0
	// A 1
	// B 1
}
