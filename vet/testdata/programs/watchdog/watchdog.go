// Command watchdog lets a group of checks run with a time limit for each.
package main

import (
	"context"
	"errors"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func check(ctx context.Context, address string) error {
	conn, err := streams.Dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

func checkAll(ctx context.Context, addresses []string) error {
	return asyncio.WithTaskGroup(ctx, func(group context.Context, tg *asyncio.TaskGroup) error {
		for _, address := range addresses {
			tg.Go(func(task context.Context) error {
				return asyncio.WithTimeout(task, time.Second, func(limited context.Context) error {
					return check(ctx, address) // want `ctx is the context that was given to asyncio.WithTaskGroup.*asyncio-outer-context`
				})
			})
		}
		return check(ctx, "127.0.0.1:1") // want `asyncio-outer-context`
	})
}

func main() {
	background := context.Background()
	err := asyncio.Run(background, func(ctx context.Context) error {
		for {
			err := checkAll(ctx, []string{"127.0.0.1:80", "127.0.0.1:443"})
			if errors.Is(err, asyncio.ErrCanceled) {
				return err
			}
			if err := asyncio.Sleep(background, time.Minute); err != nil { // want `background is the context that was given to asyncio.Run.*asyncio-outer-context`
				return err
			}
		}
	})
	if err != nil {
		log.Fatal(err)
	}
}
