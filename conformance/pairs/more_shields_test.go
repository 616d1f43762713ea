// testdata/more: shield.

package pairs

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

var moreShieldPrograms = map[string]program{
	"more/shield_outcomes":              shieldOutcomes,
	"more/shield_in_a_gather":           shieldInAGather,
	"more/calls_shared_through_a_cache": callsSharedThroughACache,
}

// shielded is Shield as an awaitable.
func shielded[T any](aw asyncio.Awaitable[T]) asyncio.Coro[T] {
	return func(ctx context.Context) (T, error) { return asyncio.Shield(ctx, aw) }
}

func shieldOutcomes(out io.Writer, opts ...asyncio.Option) error {
	work := func(name string, delay time.Duration, failure error) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			if err := asyncio.Sleep(ctx, delay); err != nil {
				say(out, name, "cancelled")
				return "", err
			}
			say(out, name, "ends")
			return name, failure
		}
	}
	waiter := func(t *asyncio.Task[string]) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			v, err := asyncio.Shield(ctx, t)
			if canceled(err) {
				say(out, "waiter cancelled")
			}
			return v, err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		v, err := asyncio.Shield(ctx, work("a", 10*ms, nil))
		if err != nil {
			return err
		}
		say(out, v)
		if _, err := asyncio.Shield(ctx, work("b", 10*ms, errors.New("b"))); err != nil {
			say(out, "error", err)
		}
		c := asyncio.CreateTask(ctx, work("c", longTime, nil))
		w := asyncio.CreateTask(ctx, waiter(c))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		c.Cancel()
		if err := wait(ctx, w); err != nil {
			return err
		}
		say(out, c.Canceled(), w.Canceled())
		d := asyncio.CreateTask(ctx, work("d", 30*ms, nil))
		w1, w2 := asyncio.CreateTask(ctx, waiter(d)), asyncio.CreateTask(ctx, waiter(d))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		w1.Cancel()
		if err := wait(ctx, w1); err != nil {
			return err
		}
		say(out, d.Done(), w1.Canceled(), w2.Done())
		v, err = w2.Await(ctx)
		say(out, v)
		return err
	}, opts...)
}

func shieldInAGather(out io.Writer, opts ...asyncio.Option) error {
	work := func(name string) asyncio.Coro[none] {
		return do(func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, 30*ms); err != nil {
				say(out, name, "cancelled")
				return err
			}
			say(out, name, "ends")
			return nil
		})
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.CreateTask(ctx, work("shielded"))
		g := asyncio.Go(ctx, saying(out, func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, shielded(t), work("bare"))
			return err
		}, "gather cancelled"))
		if err := asyncio.Sleep(ctx, 10*ms); err != nil {
			return err
		}
		g.Cancel()
		if err := wait(ctx, g); err != nil {
			return err
		}
		say(out, t.Done(), g.Canceled())
		_, err := t.Await(ctx)
		return err
	}, opts...)
}

func callsSharedThroughACache(out io.Writer, opts ...asyncio.Option) error {
	answers := map[string]string{"a": "A", "b": "B"}
	cache := map[string]*asyncio.Task[string]{}
	load := func(key string) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			say(out, "load", key)
			if err := asyncio.Sleep(ctx, 30*ms); err != nil {
				return "", err
			}
			say(out, "loaded", key)
			return answers[key], nil
		}
	}
	get := func(ctx context.Context, key string) (string, error) {
		if cache[key] == nil {
			cache[key] = asyncio.CreateTask(ctx, load(key))
		}
		return asyncio.Shield(ctx, cache[key])
	}
	caller := func(name, key string, patience int) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			err := asyncio.WithTimeout(ctx, centiseconds(patience), func(ctx context.Context) error {
				v, err := get(ctx, key)
				if err == nil {
					say(out, name, "got", v)
				}
				return err
			})
			if timedOut(err) {
				say(out, name, "out of patience")
				return nil
			}
			return err
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(caller("one", "a", 1))
			tg.Go(caller("two", "a", 5))
			tg.Go(caller("three", "b", 2))
			return nil
		})
		if err != nil {
			return err
		}
		err1 := caller("four", "a", 1)(ctx)
		err2 := asyncio.Sleep(ctx, 20*ms)
		err3 := caller("five", "b", 1)(ctx)
		return errors.Join(err1, err2, err3)
	}, opts...)
}
