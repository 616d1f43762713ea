package facts

import (
	"context"
	"sync"
	"time"

	"example.com/corpus/facts/helpers"
	"github.com/asyncio-go/asyncio"
)

var mu sync.Mutex

// a, b, c and d call each other in a circle, and one of them suspends.
func a(ctx context.Context, n int) error { return b(ctx, n) }

func b(ctx context.Context, n int) error {
	if n == 0 {
		return d(ctx, n)
	}
	return c(ctx, n-1)
}

func c(ctx context.Context, n int) error { return a(ctx, n) }

func d(ctx context.Context, n int) error {
	if n > 0 {
		return b(ctx, n)
	}
	return asyncio.Yield(ctx)
}

// one, two and three call each other in a circle, and two of them block.
func one(n int) {
	if n > 0 {
		two(n - 1)
		three(n - 1)
	}
}

func two(n int) {
	one(n)
	time.Sleep(1)
}

func three(n int) {
	two(n)
	new(sync.WaitGroup).Wait()
}

func blocked(ctx context.Context) error {
	one(1)   // want `one blocks the event loop in blocked: one → facts.two → time.Sleep`
	two(1)   // want `two → time.Sleep`
	three(1) // want `three → sync.WaitGroup.Wait`
	return asyncio.Yield(ctx)
}

// even and odd call each other and do nothing else.
func even(n int) bool { return n == 0 || odd(n-1) }

func odd(n int) bool { return n != 0 && even(n-1) }

func circle(ctx context.Context) {
	mu.Lock()
	defer mu.Unlock()
	_ = a(ctx, 1) // want `a may suspend the task in circle while mu is locked`
	_ = even(3)
}

func generics(ctx context.Context, box *helpers.Box[string], keys []string) {
	mu.Lock()
	defer mu.Unlock()
	_, _ = box.Take(ctx) // want `helpers.Box.Take may suspend`
	_ = box.Put("a")
	_, _ = helpers.Map(keys, func(key string) (int, error) { // want `helpers.Map may suspend`
		return len(key), asyncio.Yield(ctx)
	})
	_, _ = helpers.Map(keys, func(key string) (int, error) { return len(key), nil })
	_, _ = helpers.Map(keys, fetch) // want `helpers.Map may suspend`
}

var current context.Context

func fetch(key string) (int, error) { return new(asyncio.Task[int]).Await(current) }

func operands(ctx context.Context) {
	mu.Lock()
	defer mu.Unlock()
	_ = helpers.Retry(ctx, func(ctx context.Context) error { return asyncio.Yield(ctx) }) // want `helpers.Retry may suspend`
	_ = helpers.Retry(ctx, func(context.Context) error { return nil })
	quick := func(context.Context) error { return nil }
	_ = helpers.Retry(ctx, quick)
	slow := func(ctx context.Context) error { return asyncio.Yield(ctx) }
	_ = helpers.Retry(ctx, slow) // want `helpers.Retry may suspend`
	_ = asyncio.WithTimeout(ctx, 1, quick)
	helpers.Later(func() { mu.Lock() })
	asyncio.NoSuspend(ctx, func() {})
}

func sequences(ctx context.Context, box *helpers.Box[string]) {
	mu.Lock()
	for range helpers.Count(3) {
	}
	for range helpers.Ticks(ctx) { // want `may suspend`
	}
	for range box.All(ctx) { // want `may suspend`
	}
	mu.Unlock()
}
