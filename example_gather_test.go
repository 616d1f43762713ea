package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

func ExampleGather() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		results, err := asyncio.Gather(ctx,
			work("A", 3*time.Millisecond),
			work("B", time.Millisecond),
			asyncio.CreateTask(ctx, work("C", 2*time.Millisecond)),
		)
		fmt.Println(results, err)
		return err
	})
	// Output:
	// [A done B done C done] <nil>
}

func ExampleGather2() {
	age := asyncio.Coro[int](func(context.Context) (int, error) { return 36, nil })
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		text, n, err := asyncio.Gather2(ctx, work("Ada", time.Millisecond), age)
		fmt.Println(text, n, err)
		return err
	})
	// Output:
	// Ada done 36 <nil>
}

func ExampleGather3() {
	one := asyncio.Coro[int](func(context.Context) (int, error) { return 1, nil })
	half := asyncio.Coro[float64](func(context.Context) (float64, error) { return 0.5, nil })
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println(asyncio.Gather3(ctx, work("A", time.Millisecond), one, half))
		return nil
	})
	// Output:
	// A done 1 0.5 <nil>
}

func ExampleGatherSettled() {
	fails := asyncio.Coro[string](func(context.Context) (string, error) { return "", errors.New("no luck") })
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		results, err := asyncio.GatherSettled(ctx, work("A", time.Millisecond), fails)
		for _, r := range results {
			fmt.Printf("%q %v\n", r.Value, r.Err)
		}
		return err
	})
	// Output:
	// "A done" <nil>
	// "" no luck
}

func ExampleAwaitables() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var tasks []*asyncio.Task[string]
		for _, name := range []string{"A", "B"} {
			tasks = append(tasks, asyncio.CreateTask(ctx, work(name, time.Millisecond)))
		}
		fmt.Println(asyncio.Gather(ctx, asyncio.Awaitables(tasks)...))
		return nil
	})
	// Output:
	// [A done B done] <nil>
}

func ExampleRace() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println(asyncio.Race(ctx, work("tortoise", time.Hour), work("hare", time.Millisecond)))
		return nil
	})
	// Output:
	// hare done <nil>
}

func ExampleAny() {
	down := func(context.Context) (string, error) { return "", errors.New("mirror is down") }
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		mirror := asyncio.CreateTask(ctx, down)
		fmt.Println(asyncio.Any(ctx, mirror, work("other mirror", time.Millisecond)))
		fmt.Println(mirror.Err())
		return nil
	})
	// Output:
	// other mirror done <nil>
	// mirror is down
}
