package trace_test

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
)

var errBroken = errors.New("broken")

// story is a program in which each kind of event comes that virtual time knows. Its lines
// are in the golden files.
func story(ctx context.Context) {
	var lock asyncio.Lock
	_ = lock.With(ctx, func() error { return nil }) // only so do all systems know at SetName where it is used
	lock.SetName("db")
	queue := asyncio.NewQueue[int](1)
	use := func(d time.Duration) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			return lock.With(ctx, func() error { return asyncio.Sleep(ctx, d) })
		}
	}
	asyncio.RunningLoop(ctx).CallLater(1500*time.Millisecond, tick)
	_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(use(time.Second), asyncio.Name("A"))
		tg.Go(use(time.Second), asyncio.Name("B"))
		tg.Go(func(ctx context.Context) error {
			for i := range 3 {
				if err := queue.Put(ctx, i); err != nil {
					return err
				}
			}
			return asyncio.Yield(ctx)
		}, asyncio.Name("producer"))
		tg.Go(func(ctx context.Context) error {
			for range 3 {
				if _, err := queue.Get(ctx); err != nil {
					return err
				}
			}
			return nil
		}, asyncio.Name("consumer"))
		return nil
	})
	failing := asyncio.Go(ctx, func(ctx context.Context) error { return errBroken }, asyncio.Name("fails"), asyncio.Eager())
	sleeper := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
	_ = asyncio.Sleep(ctx, 500*time.Millisecond)
	sleeper.Cancel()
	_, _ = sleeper.Await(ctx)
	_, _ = failing.Await(ctx)
}

func tick() {}
