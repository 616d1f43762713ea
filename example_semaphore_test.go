package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

func ExampleSemaphore() {
	tables := asyncio.NewSemaphore(2)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, guest := range []string{"Ada", "Bob", "Cem"} {
				tg.Go(func(ctx context.Context) error {
					return tables.With(ctx, func() error {
						fmt.Println(guest, "sits down; all taken:", tables.Locked())
						return asyncio.Yield(ctx)
					})
				})
			}
			return nil
		})
	})
	// Output:
	// Ada sits down; all taken: false
	// Bob sits down; all taken: true
	// Cem sits down; all taken: false
}

func ExampleBoundedSemaphore() {
	permits := asyncio.NewBoundedSemaphore(1)
	defer func() { fmt.Println("panic:", recover() != nil) }()
	permits.Release() // one more than there can be
	// Output:
	// panic: true
}
