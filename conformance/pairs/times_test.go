// Programs 15 and 17: timeouts, shield, timers.

package pairs

import (
	"context"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

var timePrograms = map[string]program{
	"15_timeout_and_shield":    timeoutAndShield,
	"17_sleeper_against_timer": sleeperAgainstTimer,
}

// awaitWithin waits for aw inside a timeout of d.
func awaitWithin[T any](ctx context.Context, d time.Duration, aw asyncio.Awaitable[T]) error {
	return asyncio.WithTimeout(ctx, d, func(ctx context.Context) error {
		_, err := aw.Await(ctx)
		return err
	})
}

func timeoutAndShield(out io.Writer, opts ...asyncio.Option) error {
	slow := func(name string, delay time.Duration) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			if err := asyncio.Sleep(ctx, delay); err != nil {
				say(out, name, "cancelled")
				return "", err
			}
			say(out, name, "finished")
			return name, nil
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		if timedOut(awaitWithin(ctx, 10*ms, slow("in timeout", 1000*ms))) {
			say(out, "timed out")
		}
		if _, err := asyncio.WaitFor(ctx, slow("in wait_for", 1000*ms), 10*ms); timedOut(err) {
			say(out, "wait_for timed out")
		}
		inner := asyncio.CreateTask(ctx, slow("shielded", 30*ms))
		err := asyncio.WithTimeout(ctx, 10*ms, func(ctx context.Context) error {
			_, err := asyncio.Shield(ctx, inner)
			return err
		})
		if timedOut(err) {
			say(out, "gave up waiting")
		}
		name, err := inner.Await(ctx)
		if err != nil {
			return err
		}
		say(out, name)
		var timeout *asyncio.Timeout
		err = asyncio.WithTimeout(ctx, 50*ms, func(ctx context.Context) error {
			timeout = asyncio.TimeoutOf(ctx)
			_, err := slow("in time", 10*ms).Await(ctx)
			return err
		})
		say(out, "expired", timeout.Expired())
		return err
	}, opts...)
}

func sleeperAgainstTimer(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, 10*ms)
			say(out, "sleeper")
			return err
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		asyncio.RunningLoop(ctx).CallLater(10*ms, func() { say(out, "callback") })
		_, err := t.Await(ctx)
		return err
	}, opts...)
}
