package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

// A worker that takes jobs until it is told to stop, or has nothing to do for too long.
func ExampleSelect() {
	worker := func(ctx context.Context, jobs *asyncio.Queue[string], stop *asyncio.Event) error {
		for {
			var job string
			switch chosen, err := asyncio.Select(ctx, jobs.OnGet(&job), stop.OnSet(), asyncio.After(time.Hour)); {
			case err != nil:
				return err
			case chosen == 0:
				fmt.Println("does", job)
			case chosen == 1:
				fmt.Println("stops, and leaves", jobs.Len())
				return nil
			default:
				fmt.Println("has waited for an hour")
				return nil
			}
		}
	}
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var jobs asyncio.Queue[string]
		var stop asyncio.Event
		w := asyncio.Go(ctx, func(ctx context.Context) error { return worker(ctx, &jobs, &stop) })
		_ = jobs.TryPut("one")
		_ = jobs.TryPut("two")
		_ = asyncio.Yield(ctx)
		stop.Set()
		_, err := w.Await(ctx)
		return err
	})
	// Output:
	// does one
	// does two
	// stops, and leaves 0
}

// Why not Race: each of its tasks takes an item as soon as there is one, and only one of
// them wins. What the other has taken is gone.
func ExampleSelect_race() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var news, mail asyncio.Queue[string]
		bothCome := func() {
			_ = news.TryPut("news")
			_ = mail.TryPut("a letter")
		}

		asyncio.RunningLoop(ctx).CallSoon(bothCome)
		item, err := asyncio.Race(ctx, asyncio.Coro[string](news.Get), asyncio.Coro[string](mail.Get))
		fmt.Println("Race:", item, err, "and left:", mail.Len())

		asyncio.RunningLoop(ctx).CallSoon(bothCome)
		_, err = asyncio.Select(ctx, news.OnGet(&item), mail.OnGet(&item))
		fmt.Println("Select:", item, err, "and left:", mail.Len())
		return nil
	})
	// Output:
	// Race: news <nil> and left: 0
	// Select: news <nil> and left: 1
}

func ExampleReady() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var urgent, usual asyncio.Queue[string]
		_ = usual.TryPut("sweep the floor")
		for {
			var job string
			chosen, err := asyncio.Select(ctx, urgent.OnGet(&job), usual.OnGet(&job), asyncio.Ready())
			if err != nil || chosen == 2 {
				fmt.Println("nothing to do")
				return err
			}
			fmt.Println(job)
			if chosen == 1 {
				_ = urgent.TryPut("a fire")
			}
		}
	})
	// Output:
	// sweep the floor
	// a fire
	// nothing to do
}

func ExampleTaskSet_OnNext() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		jobs := asyncio.NewQueue[int](0)
		for i := range 3 {
			_ = jobs.TryPut(i)
		}
		// Jobs are begun as they come, and their results are taken as they come.
		var running asyncio.TaskSet[int]
		for begun := 0; begun < 3 || running.Len() > 0; {
			var job int
			var task *asyncio.Task[int]
			switch chosen, err := asyncio.Select(ctx, running.OnNext(&task), jobs.OnGet(&job)); {
			case err != nil:
				return err
			case chosen == 0:
				value, err := task.Result()
				fmt.Println(value, err)
			default:
				begun++
				running.Add(asyncio.CreateTask(ctx, func(context.Context) (int, error) { return job * job, nil }))
			}
		}
		return nil
	})
	// Output:
	// 0 <nil>
	// 1 <nil>
	// 4 <nil>
}
