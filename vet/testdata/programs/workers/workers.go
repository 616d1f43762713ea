// Command workers hands jobs to workers, with channels as in any Go program.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
)

func work(ctx context.Context, jobs <-chan int, results chan<- int) error {
	for {
		select { // want `a select without default blocks the event loop .*use Select\(ctx, OnReceive\(...\)\), which ends with ctx by itself \(asyncio-channel\)`
		case job, ok := <-jobs:
			if !ok {
				return nil
			}
			if err := asyncio.Sleep(ctx, time.Duration(job)); err != nil {
				return err
			}
			results <- job * job // want `a send blocks the event loop in work.*asyncio-channel`
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func main() {
	jobs, results := make(chan int, 10), make(chan int, 10)
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		for range 3 {
			asyncio.Go(ctx, func(ctx context.Context) error { return work(ctx, jobs, results) })
		}
		for i := range 100 {
			jobs <- i // want `a send blocks .*asyncio-channel`
		}
		close(jobs)
		for range 100 {
			fmt.Println(<-results) // want `a receive blocks .*asyncio-channel`
		}
		<-ctx.Done() // want `waits for ctx.Done\(\) and so stops the event loop.*asyncio-done-wait`
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
