// Command workers counts primes on other machines.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
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

var countPrimes = remote.Define("primes", primes)

func work(ctx context.Context) error {
	nc, err := remote.Dial(ctx, "")
	if err != nil {
		return err
	}
	defer nc.Close()
	return remote.Serve(ctx, nc, []remote.Registered{countPrimes})
}

func run(ctx context.Context) error {
	x, err := remote.Connect(ctx, "")
	if err != nil {
		return err
	}
	defer x.Close()

	var counts []*remote.Job[int]
	for n := 1000; n <= 10_000; n += 1000 {
		job, err := countPrimes.Submit(ctx, x, n)
		if err != nil {
			return err
		}
		counts = append(counts, job)
	}
	all, err := asyncio.Gather(ctx, asyncio.Awaitables(counts)...)
	fmt.Println(all)
	return err
}

func main() {
	main := run
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		main = work
	}
	if err := asyncio.Run(context.Background(), main); err != nil {
		log.Fatal(err)
	}
}
