package channel

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

func bad(ctx context.Context, c chan int) error {
	return asyncio.Run(ctx, func(ctx context.Context) error {
		<-c           // want `^a receive blocks the event loop in the function that bad gives to asyncio.Run: use a Queue or an Event, or Select with OnReceive or OnSend \(asyncio-channel\)$`
		c <- 1        // want `a send blocks`
		for range c { // want `a range over a channel blocks`
		}
		select { // want `a select without default blocks`
		case v := <-c:
			_ = v
			<-c // want `a receive blocks`
		case c <- 1:
		}
		return nil
	})
}

func good(ctx context.Context, c chan int) error {
	return asyncio.Run(ctx, func(ctx context.Context) error {
		results := make(chan int, 2)
		results <- 1 // there is room
		go func() { <-c }()
		select {
		case <-c:
		default:
		}
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return <-c, nil })
		return err
	})
}

func outside(c chan int) { <-c }
