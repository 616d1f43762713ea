package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

func ExampleLock() {
	var lock asyncio.Lock
	pay := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			return lock.With(ctx, func() error {
				fmt.Println(name, "opens the till")
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				fmt.Println(name, "closes it")
				return nil
			})
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(pay("Ada"))
			tg.Go(pay("Bob"))
			return nil
		})
	})
	// Output:
	// Ada opens the till
	// Ada closes it
	// Bob opens the till
	// Bob closes it
}
