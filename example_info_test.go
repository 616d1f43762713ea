package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

func ExampleAwaitedBy() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		ready := asyncio.NewFuture[string](ctx)
		for _, name := range []string{"cook", "waiter"} {
			asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := ready.Await(ctx)
				return err
			}, asyncio.Name(name))
		}
		_ = asyncio.Yield(ctx)
		for _, task := range asyncio.AwaitedBy(ready) {
			fmt.Println(task.Name, "waits")
		}
		return ready.SetResult("soup")
	})
	// Output:
	// cook waits
	// waiter waits
}
