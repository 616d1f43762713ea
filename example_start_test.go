package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleStart() {
	// serve stands for a server that has to bind its address before others can use it.
	serve := func(ctx context.Context, started func(string)) error {
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return err
		}
		started("127.0.0.1:8080")
		return asyncio.Sleep(ctx, time.Hour)
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			address, err := asyncio.Start(ctx, tg, serve)
			if err != nil {
				return err
			}
			fmt.Println("serves on", address)
			tg.Cancel()
			return nil
		})
	})
	// Output: serves on 127.0.0.1:8080
}

func ExampleStartFunc() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			err := asyncio.StartFunc(ctx, tg, func(ctx context.Context, started func()) error {
				return nil // it had nothing to serve
			})
			fmt.Println(err)
			return nil
		})
	})
	// Output: asyncio: the function has returned without calling started
}

func ExampleSleepUntil() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		end := asyncio.RunningLoop(ctx).Now().Add(50 * time.Millisecond)
		// What is done here counts.
		err := asyncio.SleepUntil(ctx, end)
		fmt.Println("late:", asyncio.RunningLoop(ctx).Now().Before(end))
		return err
	})
	// Output: late: false
}

func ExampleEvery() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		const d = 10 * time.Millisecond
		var first time.Time
		turns := 0
		for beat, err := range asyncio.Every(ctx, d) {
			if err != nil {
				return err
			}
			if turns++; turns == 1 {
				first = beat
			}
			fmt.Println("turn", turns, "on the beat:", beat.Sub(first)%d == 0)
			if turns == 3 {
				break
			}
			// A turn that takes too long misses a beat, and does not move the others.
			if err := asyncio.Sleep(ctx, d+d/10); err != nil {
				return err
			}
		}
		return nil
	})
	// Output:
	// turn 1 on the beat: true
	// turn 2 on the beat: true
	// turn 3 on the beat: true
}

func ExampleTaskGroup_CancelAfter() {
	request := func(name string, d time.Duration) func(context.Context) error {
		return func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, d)
			fmt.Println(name, "ends:", err)
			return err
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var group *asyncio.TaskGroup
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			group = tg
			tg.Go(request("a short request", time.Millisecond))
			tg.Go(request("a long request", time.Hour))
			// No more requests are taken. Those that are under way have some time.
			tg.CancelAfter(50 * time.Millisecond)
			return nil
		})
		fmt.Println("drained:", err, "- was something cut off?", group.Expired())
		return nil
	})
	// Output:
	// a short request ends: <nil>
	// a long request ends: asyncio: canceled
	// drained: <nil> - was something cut off? true
}
