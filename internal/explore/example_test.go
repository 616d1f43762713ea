package explore_test

import (
	"context"
	"fmt"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/explore"
)

// A race across an await: between reading the balance and writing it, others run.
func Example() {
	program := func(ctx context.Context) error {
		balance := 100
		withdraw := func(ctx context.Context) error {
			if balance < 100 {
				return nil
			}
			if err := asyncio.Yield(ctx); err != nil { // asks the bank
				return err
			}
			balance -= 100
			return nil
		}
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(withdraw, asyncio.Name("Ann"))
			tg.Go(func(ctx context.Context) error {
				for range 2 { // a moment later, in the loop's own order
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				return withdraw(ctx)
			}, asyncio.Name("Bob"))
			return nil
		})
		if err == nil && balance < 0 {
			err = fmt.Errorf("the balance is %d", balance)
		}
		return err
	}
	found, err := explore.Find(context.Background(), program, explore.Config{})
	if err != nil || found.Failure == nil {
		fmt.Println("nothing was found:", err)
		return
	}
	fmt.Printf("run %d, by %s: %v\n", found.Failure.Run, found.Failure.Strategy, found.Failure.Err)
	again, err := explore.Replay(context.Background(), found.Failure.Schedule, program, explore.Config{})
	fmt.Println("replayed:", again.Err, err)
	// Output:
	// run 3, by PCT(3): the balance is -100
	// replayed: the balance is -100 <nil>
}
