package main

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// window is how many jobs are on their way at once.
const window = 1000

// runPool does the jobs in this process, with as many tasks on their way as the others
// have jobs.
func runPool(o order) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		pool := asyncio.NewWorkerPool(o.Workers)
		defer func() { _ = pool.Shutdown(context.WithoutCancel(ctx)) }() // all functions have ended
		var t tally
		start := time.Now()
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			for q := range questions(o.Jobs) {
				g.Go(func(ctx context.Context) error {
					a, err := asyncio.RunInExecutor(ctx, pool, func(context.Context) (answer, error) { return q.answer(), nil }).Await(ctx)
					t.add(a)
					return err
				})
			}
			return nil
		}, asyncio.Limit(window))
		if err == nil {
			err = t.check(o.Jobs)
		}
		if err != nil {
			return err
		}
		return report(result{Jobs: o.Jobs, Seconds: seconds(start)})
	})
}
