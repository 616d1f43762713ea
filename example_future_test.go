package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleNewFuture() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		answer := asyncio.NewFuture[int](ctx)
		asyncio.RunningLoop(ctx).CallLater(time.Millisecond, func() {
			_ = answer.SetResult(42)
		})
		n, err := answer.Await(ctx)
		fmt.Println(n, err)
		fmt.Println(answer.SetResult(43))
		return nil
	})
	// Output:
	// 42 <nil>
	// asyncio: invalid state: the result is not there yet, or has been set before
}
