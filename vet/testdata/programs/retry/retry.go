// Command retry sends a report every second, whatever happens.
package main

import (
	"context"
	"errors"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func send(ctx context.Context) error {
	conn, err := streams.Dial(ctx, "tcp", "127.0.0.1:9999")
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte("up\n"))
	return err
}

func report(ctx context.Context) error {
	for {
		if err := asyncio.Sleep(ctx, time.Second); err != nil { // want `asyncio-swallowed-cancel`
			continue // try again in a second
		}
		if err := send(ctx); err != nil {
			if errors.Is(err, asyncio.ErrCanceled) {
				return err
			}
			log.Print(err)
		}
	}
}

func main() {
	asyncio.Run(context.Background(), func(ctx context.Context) error { // want `the error of asyncio.Run is lost.*asyncio-lost-error`
		reporter := asyncio.Go(ctx, report)
		if err := asyncio.Sleep(ctx, time.Minute); err != nil {
			return err
		}
		reporter.Cancel()
		_, _ = reporter.Await(ctx)
		return nil
	})
}
