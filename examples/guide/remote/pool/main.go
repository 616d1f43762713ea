// Command pool counts primes on the cores of this machine.
package main

import (
	"context"
	"fmt"
	"log"
	"runtime"

	"github.com/asyncio-go/asyncio"
)

// primes returns how many primes are below n.
func primes(ctx context.Context, n int) (count int, err error) {
	for p := 2; p < n && ctx.Err() == nil; p++ {
		d := 2
		for d*d <= p && p%d != 0 {
			d++
		}
		if d*d > p {
			count++
		}
	}
	return count, ctx.Err()
}

func run(ctx context.Context) error {
	pool := asyncio.NewWorkerPool(runtime.GOMAXPROCS(0))
	defer pool.Shutdown(context.WithoutCancel(ctx))

	var counts []*asyncio.Future[int]
	for n := 1000; n <= 10_000; n += 1000 {
		counts = append(counts, asyncio.RunInExecutor(ctx, pool, func(ctx context.Context) (int, error) {
			return primes(ctx, n)
		}))
	}
	all, err := asyncio.Gather(ctx, asyncio.Awaitables(counts)...)
	fmt.Println(all)
	return err
}

func main() {
	if err := asyncio.Run(context.Background(), run); err != nil {
		log.Fatal(err)
	}
}
