package asyncio_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/asyncio-go/asyncio"
)

// sinceWhen is what a report says of a task that has waited for more than a moment, as
// those of an example have on a machine that is slow.
var sinceWhen = regexp.MustCompile(`, for at least [\w.µ]+`)

func ExampleDumpTasks() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		var stock asyncio.Lock
		stock.SetName("stock")
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			var delivered asyncio.Event
			delivered.SetName("delivered")
			work := func(ctx context.Context) error {
				return stock.With(ctx, func() error { return delivered.Wait(ctx) })
			}
			tg.Go(work, asyncio.Name("picker"))
			tg.Go(work, asyncio.Name("counter"))
			_ = asyncio.Yield(ctx)
			var report strings.Builder
			_ = asyncio.DumpTasks(ctx, &report)
			fmt.Print(sinceWhen.ReplaceAllString(report.String(), ""))
			delivered.Set()
			return nil
		}, asyncio.GroupName("warehouse"))
	})
	// Output:
	// asyncio: 3 tasks of a loop, in its pass 2
	// task 1 runs
	//     at asyncio_test.ExampleDumpTasks.func1.1 (example_dump_test.go:31)
	//   group "warehouse" of 2 tasks
	//     task 2 "picker" waits for event "delivered"
	//         at asyncio_test.ExampleDumpTasks.func1.1.1.1 (example_dump_test.go:25)
	//     task 3 "counter" waits for lock "stock", held by task 2 "picker"
	//         at asyncio_test.ExampleDumpTasks.func1.1.1 (example_dump_test.go:25)
}

func ExampleQueue_SetName() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		jobs := asyncio.NewQueue[string](10)
		jobs.SetName("jobs")
		worker := asyncio.CreateTask(ctx, jobs.Get, asyncio.Name("worker"))
		_ = asyncio.Yield(ctx)
		fmt.Println(worker.Info())
		return jobs.Put(ctx, "sweep")
	})
	// Output: task 2 "worker" (waiting for queue get "jobs")
}

func ExampleGroupName() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			return asyncio.DumpTasks(ctx, os.Stdout)
		}, asyncio.GroupName("downloads"), asyncio.Limit(4))
	})
	// Output:
	// asyncio: 1 task of a loop, in its pass 1
	// task 1 runs
	//     at asyncio_test.ExampleGroupName.func1.1 (example_dump_test.go:63)
	//   group "downloads" of 0 tasks, at most 4 at once, 0 held back
}
