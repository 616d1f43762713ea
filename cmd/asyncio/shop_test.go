package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/console"
)

// shop is a program to look at: two orders lock each other out, a parcel never comes. It
// ends with its standard input. Its argument says what its console may do.
func shop() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		if len(os.Args) > 1 {
			stop, err := console.Start(ctx, console.Actions())
			if err != nil {
				return err
			}
			defer stop()
		}
		return sell(ctx)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func sell(ctx context.Context) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		var stock, till asyncio.Lock
		stock.SetName("stock")
		till.SetName("till")
		both := asyncio.NewBarrier(2)
		order := func(first, second *asyncio.Lock) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				if err := first.Acquire(ctx); err != nil {
					return err
				}
				defer first.Release()
				if _, err := both.Wait(ctx); err != nil {
					return err
				}
				return second.With(ctx, func() error { return nil })
			}
		}
		tg.Go(order(&stock, &till), asyncio.Name("order 1"))
		tg.Go(order(&till, &stock), asyncio.Name("order 2"))
		parcels := asyncio.NewQueue[int](10)
		parcels.SetName("parcels")
		tg.Go(func(ctx context.Context) error { _, err := parcels.Get(ctx); return err }, asyncio.Name("packer"))
		fmt.Println("open")
		_, err := asyncio.ToThread(ctx, func(context.Context) (int64, error) { return io.Copy(io.Discard, os.Stdin) })
		tg.Cancel()
		return err
	})
}
