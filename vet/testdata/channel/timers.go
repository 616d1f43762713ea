package channel

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

func timers(ctx context.Context, c chan int, full chan int) error {
	if err := asyncio.Yield(ctx); err != nil {
		return err
	}
	<-time.After(time.Second) // want `^a receive blocks the event loop in timers: use asyncio.Sleep \(asyncio-channel\)$`
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for range t.C { // want `a range over a channel blocks .*: use a range over asyncio.Every`
		break
	}
	<-t.C    // want `use a range over asyncio.Every`
	select { // want `a select without default blocks .*: use Select with OnReceive, and with asyncio.After for the time; it ends with ctx by itself`
	case <-c:
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	done := ctx.Done()
	select { // want `a select without default blocks .*: use Select\(ctx, OnReceive\(...\)\), which ends with ctx by itself`
	case <-c:
	case <-done:
	}
	select { // it asks
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {} // want `a select without default blocks`
}

func rooms(ctx context.Context, urls []string) error {
	results := make(chan string, len(urls))
	for _, url := range urls {
		results <- url
	}
	tickets := make(chan int, 3)
	for i := range 10 {
		tickets <- i // want `a send blocks`
	}
	for range 10 {
		one := make(chan error, 1)
		one <- nil
	}
	none := make(chan int)
	none <- 1 // want `a send blocks`
	return asyncio.Yield(ctx)
}
