package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleWithTaskGroup() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var a, b *asyncio.Task[string]
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			a = asyncio.Spawn(tg, work("A", 2*time.Millisecond))
			b = asyncio.Spawn(tg, work("B", time.Millisecond))
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Println(a.Result())
		fmt.Println(b.Result())
		return nil
	})
	// Output:
	// A done <nil>
	// B done <nil>
}

// The first failure cancels the others; all failures are returned together.
func ExampleWithTaskGroup_failure() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, time.Hour)
				fmt.Println("the other:", err)
				return err
			})
			tg.Go(func(context.Context) error { return errors.New("out of rice") })
			return nil
		})
		fmt.Println(err)
		return nil
	})
	// Output:
	// the other: asyncio: canceled
	// unhandled errors in a TaskGroup (1 sub-exception)
	// - out of rice
}

func ExampleSpawn() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			task := asyncio.Spawn(tg, work("A", time.Millisecond), asyncio.Name("worker"))
			text, err := task.Await(ctx)
			fmt.Println(task.Name(), text)
			return err
		})
	})
	// Output:
	// worker A done
}

func ExampleTaskGroup_Cancel() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for door, far := range []time.Duration{time.Hour, time.Millisecond, time.Hour} {
				tg.Go(func(ctx context.Context) error {
					if err := asyncio.Sleep(ctx, far); err != nil {
						return err
					}
					fmt.Println("found behind door", door+1)
					tg.Cancel() // no need to look any further
					return nil
				})
			}
			return nil
		})
	})
	fmt.Println(err)
	// Output:
	// found behind door 2
	// <nil>
}

func ExampleLimit() {
	running, most := 0, 0
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 10 {
				tg.Go(func(ctx context.Context) error {
					running++
					most = max(most, running)
					err := asyncio.Sleep(ctx, time.Millisecond)
					running--
					return err
				})
			}
			return nil
		}, asyncio.Limit(3))
	})
	fmt.Println("at most", most, "at once")
	// Output:
	// at most 3 at once
}

func ExampleSupervised() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return errors.New("the first job has failed") })
			tg.Go(func(ctx context.Context) error {
				fmt.Println("the second job goes on")
				return asyncio.Sleep(ctx, time.Millisecond)
			})
			return nil
		}, asyncio.Supervised())
	})
	fmt.Println(err)
	// Output:
	// the second job goes on
	// unhandled errors in a TaskGroup (1 sub-exception)
	// - the first job has failed
}
