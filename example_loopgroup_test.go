package asyncio_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/asyncio-go/asyncio"
)

// Four loops, each with a cache of its own that needs no lock. A key belongs
// to one of them.
func ExampleRunGroup() {
	err := asyncio.RunGroup(context.Background(), 4, func(ctx context.Context, g *asyncio.LoopGroup) error {
		caches := make([]map[string]int, g.Len())
		count := func(ctx context.Context, key string) (int, error) {
			i := len(key) % g.Len()
			return asyncio.RunOn(ctx, g.Loop(i), func(context.Context) (int, error) {
				if caches[i] == nil {
					caches[i] = map[string]int{}
				}
				caches[i][key]++
				return caches[i][key], nil
			})
		}
		for _, word := range []string{"so", "it", "goes", "so", "it", "so"} {
			n, err := count(ctx, word)
			if err != nil {
				return err
			}
			fmt.Println(word, n)
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// so 1
	// it 1
	// goes 1
	// so 2
	// it 2
	// so 3
	// <nil>
}

// What every loop does for itself.
func ExampleLoopGroup_Each() {
	_ = asyncio.RunGroup(context.Background(), 3, func(ctx context.Context, g *asyncio.LoopGroup) error {
		var sum atomic.Int64
		err := g.Each(ctx, func(ctx context.Context) error {
			sum.Add(1)
			return asyncio.Yield(ctx)
		})
		fmt.Println("loops:", sum.Load())
		return err
	})
	// Output: loops: 3
}

// A long computation on a loop of its own; the loop of the caller goes on.
func ExampleRunOn() {
	_ = asyncio.RunGroup(context.Background(), 2, func(ctx context.Context, g *asyncio.LoopGroup) error {
		sum, err := asyncio.RunOn(ctx, g.Loop(1), func(context.Context) (int, error) {
			sum := 0
			for i := range 1_000_000 {
				sum += i
			}
			return sum, nil
		})
		fmt.Println(sum)
		return err
	})
	// Output: 499999500000
}
