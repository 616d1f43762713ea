// testdata/differs, further programs.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/asyncio-go/asyncio"
)

func levelsOfGroups(out io.Writer, opts ...asyncio.Option) error {
	sleeper := func(name string) func(context.Context) error { return saying(out, sleepLong, name, "is cancelled") }
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTimeout(ctx, 20*ms, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(func(ctx context.Context) error {
					return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
						tg.Go(sleeper("the grandchild"))
						return nil
					})
				})
				tg.Go(sleeper("the second child"))
				return nil
			})
		})
		if timedOut(err) {
			say(out, "timeout")
		}
		return nil
	}, opts...)
}

func canceledByItself(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var task *asyncio.Task[int]
		task = asyncio.CreateTask(ctx, func(context.Context) (int, error) {
			task.Cancel()
			return 5, nil
		})
		v, err := task.Await(ctx)
		if canceled(err) {
			say(out, "cancelled")
			return nil
		}
		say(out, v)
		return err
	}, opts...)
}

func itemAndCancellation(out io.Writer, opts ...asyncio.Option) error {
	bad := valueError("bad")
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		queue := asyncio.NewQueue[string](0)
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return bad })
			tg.Go(func(context.Context) error { return queue.TryPut("an item") })
			item, err := queue.Get(ctx)
			if canceled(err) {
				say(out, "cancelled")
				return err
			}
			say(out, "got", item)
			return err
		})
		if errors.Is(err, bad) {
			say(out, "failed, left in the queue:", queue.Len())
		}
		return nil
	}, opts...)
}

func conditionAndCancellation(out io.Writer, opts ...asyncio.Option) error {
	var condition asyncio.Condition
	waiter := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			return condition.With(ctx, func() error {
				err := condition.Wait(ctx)
				if canceled(err) {
					say(out, name, "cancelled")
				} else {
					say(out, name, "woken")
				}
				return err
			})
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		first, second := asyncio.Go(ctx, waiter("first")), asyncio.Go(ctx, waiter("second"))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		first.Cancel()
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		say(out, "second is done:", second.Done())
		second.Cancel()
		return wait(ctx, second)
	}, opts...)
}

func canceledGather(out io.Writer, opts ...asyncio.Option) error {
	var chain func(links int) asyncio.Coro[none]
	chain = func(links int) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			defer say(out, "link", links, "ends")
			if links == 0 {
				return sleepLong(ctx)
			}
			_, err := asyncio.CreateTask(ctx, chain(links-1)).Await(ctx)
			return err
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, do(sleepLong), chain(4))
			return err
		})
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		task.Cancel()
		if _, err := task.Await(ctx); canceled(err) {
			say(out, "gather cancelled")
		}
		return asyncio.Sleep(ctx, 10*ms)
	}, opts...)
}

func sameDeadline(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		loop := asyncio.RunningLoop(ctx)
		at := loop.Now().Add(20 * ms)
		for i := range 6 {
			loop.CallAt(at, func() { fmt.Fprintln(out, i) })
		}
		return asyncio.Sleep(ctx, 50*ms)
	}, opts...)
}

func childOfAnAbortedGroup(out io.Writer, opts ...asyncio.Option) error {
	bad := valueError("bad")
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error { return bad })
			err := sleepLong(ctx)
			if canceled(err) {
				task := tg.Go(func(context.Context) error {
					say(out, "never")
					return nil
				})
				say(out, "started")
				task.AddDoneCallback(func(t *asyncio.Task[none]) { say(out, "cancelled", t.Canceled()) })
			}
			return err
		})
		if errors.Is(err, bad) {
			say(out, "failed")
		}
		return nil
	}, opts...)
}

func eagerChildFails(out io.Writer, opts ...asyncio.Option) error {
	bad := valueError("bad")
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(saying(out, sleepLong, "the sibling is cancelled"))
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			task := tg.Go(func(context.Context) error { return bad }, asyncio.Eager())
			say(out, "failed", task.Done())
			asyncio.RunningLoop(ctx).CallSoon(func() { say(out, "a pass later") })
			return nil
		})
		if errors.Is(err, bad) {
			say(out, "failed")
		}
		return nil
	}, opts...)
}
