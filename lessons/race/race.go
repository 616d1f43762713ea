// Package race is a lesson: a race across an await, and how it is found.
package race

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func pay(ctx context.Context) error {
	balance, lock := 100, new(asyncio.Lock)
	add := func(ctx context.Context, n int) error {
		if lesson.Bool(ctx, "lock", false) {
			if err := lock.Acquire(ctx); err != nil {
				return err
			}
			defer lock.Release()
		}
		//tour:focus
		before := balance
		err := asyncio.Sleep(ctx, 200*time.Millisecond) // what is it now?
		balance = before + n
		//tour:end
		lesson.Printf(ctx, "%d%+d = %d\n", before, n, balance)
		return err
	}
	salary := func(ctx context.Context) error { return add(ctx, 50) }
	rent := func(ctx context.Context) error {
		_ = asyncio.Sleep(ctx, 200*time.Millisecond) // is a little later
		return add(ctx, -30)
	}
	first := asyncio.Go(ctx, salary, asyncio.Name("salary"))
	second := asyncio.Go(ctx, rent, asyncio.Name("rent"))
	_, err := asyncio.Gather(ctx, first, second)
	if err == nil && balance != 120 {
		err = fmt.Errorf("balance %d, not 120", balance)
	}
	return err
}

func main(ctx context.Context) error {
	lesson.Println(ctx, "in the usual order:")
	if err := pay(ctx); err != nil {
		return err
	}
	//tour:focus
	return lesson.Explore(ctx, lesson.Int(ctx, "orders", 20), pay)
	//tour:end
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
