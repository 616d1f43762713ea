package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

func ExampleCondition() {
	var stock asyncio.Condition
	apples := 0
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		buyer := asyncio.Go(ctx, func(ctx context.Context) error {
			return stock.With(ctx, func() error {
				if err := stock.WaitFor(ctx, func() bool { return apples >= 3 }); err != nil {
					return err
				}
				fmt.Println("buying", apples)
				return nil
			})
		})
		for range 3 {
			_ = asyncio.Yield(ctx)
			_ = stock.With(ctx, func() error {
				apples++
				stock.NotifyAll()
				return nil
			})
		}
		_, err := buyer.Await(ctx)
		return err
	})
	// Output:
	// buying 3
}
