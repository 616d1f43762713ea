package parallelism

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// OneCook is the same work as tasks on one loop: concurrent, and no faster than one after
// another, because there is no wait in it.
func OneCook(ctx context.Context) error {
	return asyncio.Run(ctx, oneCook, lesson.Options(ctx)...)
}

func oneCook(ctx context.Context) error {
	start := asyncio.RunningLoop(ctx).Now()
	chop := func(what string, d time.Duration) job {
		return func(ctx context.Context) error {
			done, err := work(what, d).Await(ctx)
			lesson.Println(ctx, done)
			return err
		}
	}
	err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(chop("vegetables", 500*ms), asyncio.Name("vegetables"))
		tg.Go(chop("curry", lesson.Duration(ctx, "curry", 600*ms)), asyncio.Name("curry"))
		tg.Go(chop("table", lesson.Duration(ctx, "table", 600*ms)), asyncio.Name("table"))
		return nil
	})
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Printf(ctx, "took %.1f s\n", took.Seconds())
	return err
}
