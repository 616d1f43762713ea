package asyncio_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

func ExampleLock() {
	var lock asyncio.Lock
	pay := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			return lock.With(ctx, func() error {
				fmt.Println(name, "opens the till")
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				fmt.Println(name, "closes it")
				return nil
			})
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(pay("Ada"))
			tg.Go(pay("Bob"))
			return nil
		})
	})
	// Output:
	// Ada opens the till
	// Ada closes it
	// Bob opens the till
	// Bob closes it
}

func ExampleEvent() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var open asyncio.Event
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"Ada", "Bob"} {
				tg.Go(func(ctx context.Context) error {
					if err := open.Wait(ctx); err != nil {
						return err
					}
					fmt.Println(name, "comes in")
					return nil
				})
			}
			_ = asyncio.Yield(ctx)
			fmt.Println("open")
			open.Set()
			return nil
		})
	})
	// Output:
	// open
	// Ada comes in
	// Bob comes in
}

func ExampleCondition() {
	var stock asyncio.Condition
	apples := 0
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		buyer := asyncio.Go(ctx, func(ctx context.Context) error {
			return stock.With(ctx, func() error {
				if err := stock.WaitFor(ctx, func() bool { return apples >= 3 }); err != nil {
					return err
				}
				fmt.Println("buying", apples)
				return nil
			})
		})
		for range 3 {
			_ = asyncio.Yield(ctx)
			_ = stock.With(ctx, func() error {
				apples++
				stock.NotifyAll()
				return nil
			})
		}
		_, err := buyer.Await(ctx)
		return err
	})
	// Output:
	// buying 3
}

func ExampleSemaphore() {
	tables := asyncio.NewSemaphore(2)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, guest := range []string{"Ada", "Bob", "Cem"} {
				tg.Go(func(ctx context.Context) error {
					return tables.With(ctx, func() error {
						fmt.Println(guest, "sits down; all taken:", tables.Locked())
						return asyncio.Yield(ctx)
					})
				})
			}
			return nil
		})
	})
	// Output:
	// Ada sits down; all taken: false
	// Bob sits down; all taken: true
	// Cem sits down; all taken: false
}

func ExampleBoundedSemaphore() {
	permits := asyncio.NewBoundedSemaphore(1)
	defer func() { fmt.Println("panic:", recover() != nil) }()
	permits.Release() // one more than there can be
	// Output:
	// panic: true
}

func ExampleBarrier() {
	ready := asyncio.NewBarrier(2)
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"Ada", "Bob"} {
				tg.Go(func(ctx context.Context) error {
					fmt.Println(name, "comes")
					index, err := ready.Wait(ctx)
					fmt.Println(name, "goes on as number", index)
					return err
				})
			}
			return nil
		})
	})
	// Output:
	// Ada comes
	// Bob comes
	// Bob goes on as number 1
	// Ada goes on as number 0
}

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
			for item, err := range q.All(ctx) {
				if err != nil {
					return err
				}
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
			for job, err := range q.All(ctx) {
				if err != nil {
					return err
				}
				fmt.Println(job)
				q.TaskDone()
			}
			return nil
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
		for word, err := range q.All(ctx) {
			if err != nil {
				return err
			}
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
