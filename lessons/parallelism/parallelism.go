// Package parallelism is a lesson: two cooks, two cores.
package parallelism

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

// chop keeps a core busy: it counts the primes below n.
func chop(n int) asyncio.Coro[int] {
	return func(ctx context.Context) (int, error) {
		primes := 0
		for i := 2; i < n && ctx.Err() == nil; i++ {
			if isPrime(i) {
				primes++
			}
		}
		return primes, ctx.Err()
	}
}

func isPrime(n int) bool {
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return true
}

// Run has one cook chop two portions, then two cooks one portion each.
func Run(ctx context.Context, env *lesson.Env) error {
	w, portion := env.Out, chop(int(env.Second/(500*time.Nanosecond)))
	cooks := asyncio.NewWorkerPool(2)
	defer cooks.Shutdown(ctx)

	return asyncio.Run(ctx, func(ctx context.Context) error {
		start := time.Now() // one cook: both tasks run on the loop
		if _, err := asyncio.Gather(ctx, portion, portion); err != nil {
			return err
		}
		one := time.Since(start)

		start = time.Now() // two cooks: each worker has a core
		a := asyncio.RunInExecutor(ctx, cooks, portion)
		b := asyncio.RunInExecutor(ctx, cooks, portion)
		if _, err := asyncio.Gather(ctx, a, b); err != nil {
			return err
		}
		two := time.Since(start)

		fmt.Fprintf(w, "one cook:  %.2f s\n", one.Seconds())
		fmt.Fprintf(w, "two cooks: %.2f s\n", two.Seconds())
		fmt.Fprintf(w, "speed-up:  %.2f on %d cores\n",
			one.Seconds()/two.Seconds(), runtime.NumCPU())
		return nil
	}, env.Options...)
}
