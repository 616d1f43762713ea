package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleShield() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		save := asyncio.CreateTask(ctx, work("saving", 20*time.Millisecond))
		err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context, _ *asyncio.Timeout) error {
			_, err := asyncio.Shield(ctx, save)
			return err
		})
		fmt.Println("gave up waiting:", errors.Is(err, asyncio.ErrTimeout))
		fmt.Println(save.Await(ctx))
		return nil
	})
	// Output:
	// gave up waiting: true
	// saving done <nil>
}
