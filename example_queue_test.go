package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

// With room for one, the producer waits for the consumer.
func ExampleQueue() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[int](1)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				defer q.Shutdown(false)
				for i := range 3 {
					if err := q.Put(ctx, i); err != nil {
						return err
					}
				}
				return nil
			})
			for item := range q.All(ctx) {
				fmt.Println(item)
			}
			return nil
		})
	})
	// Output:
	// 0
	// 1
	// 2
}

func ExampleQueue_Join() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewQueue[string](0)
		for _, job := range []string{"wash", "cut", "cook"} {
			if err := q.Put(ctx, job); err != nil {
				return err
			}
		}
		worker := asyncio.Go(ctx, func(ctx context.Context) error {
			for job := range q.All(ctx) {
				fmt.Println(job)
				q.TaskDone()
			}
			return ctx.Err()
		})
		err := q.Join(ctx)
		fmt.Println("all done")
		worker.Cancel()
		return err
	})
	// Output:
	// wash
	// cut
	// cook
	// all done
}

func ExampleLifoQueue() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		plates := asyncio.NewLifoQueue[string](0)
		_ = plates.Put(ctx, "lower")
		_ = plates.Put(ctx, "upper")
		fmt.Println(plates.Get(ctx))
		return nil
	})
	// Output:
	// upper <nil>
}

func ExamplePriorityQueue() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		q := asyncio.NewPriorityQueue(0, func(a, b string) bool { return len(a) < len(b) })
		for _, word := range []string{"banana", "fig", "apple", "kiwi"} {
			_ = q.Put(ctx, word)
		}
		q.Shutdown(false)
		for word := range q.All(ctx) {
			fmt.Println(word)
		}
		return nil
	})
	// Output:
	// fig
	// kiwi
	// apple
	// banana
}
