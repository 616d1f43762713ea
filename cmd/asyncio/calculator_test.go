package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
)

// The functions of calculator.
var (
	half = remote.Define("half", func(_ context.Context, n int) (int, error) {
		if n%2 != 0 {
			return 0, fmt.Errorf("%d is odd", n)
		}
		return n / 2, nil
	})
	forever = remote.Define("forever", func(ctx context.Context, n int) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
	unserved = remote.Define("unserved", func(_ context.Context, n int) (int, error) { return n, nil }, remote.Version("2"))
)

// calculator is a program that serves functions, as a user of asyncio worker writes it.
func calculator() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		nc, err := remote.Dial(ctx, "")
		if err != nil {
			return err
		}
		defer nc.Close()
		fmt.Println("connected")
		return remote.Serve(ctx, nc, []remote.Registered{half, forever}, remote.Parallel(1), remote.WorkerName(fmt.Sprint(os.Args[1], "-", os.Getpid())), remote.Drain(time.Nanosecond))
	})
	if err != nil && !errors.Is(err, asyncio.ErrCanceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
