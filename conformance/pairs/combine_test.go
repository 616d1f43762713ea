// Programs 09, 14 and 21: gather, wait, as_completed, and the errors of a
// group.

package pairs

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio"
)

var combinePrograms = map[string]program{
	"09_gather_first_error":         gatherFirstError,
	"14_wait_and_as_completed":      waitAndAsCompleted,
	"21_group_counts_every_failure": groupCountsEveryFailure,
}

// after sleeps and returns v.
func after[T any](delay time.Duration, v T) asyncio.Coro[T] {
	return func(ctx context.Context) (T, error) {
		if err := asyncio.Sleep(ctx, delay); err != nil {
			return *new(T), err
		}
		return v, nil
	}
}

// result is the value of a task that has one.
func result[T any](t *asyncio.Task[T]) T {
	v, err := t.Result()
	if err != nil {
		panic(err)
	}
	return v
}

func gatherFirstError(out io.Writer, opts ...asyncio.Option) error {
	ok := func(name string, delay time.Duration) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			if err := asyncio.Sleep(ctx, delay); err != nil {
				return "", err
			}
			say(out, name, "end")
			return name, nil
		}
	}
	bad := func(delay time.Duration) asyncio.Coro[string] {
		return func(ctx context.Context) (string, error) {
			if err := asyncio.Sleep(ctx, delay); err != nil {
				return "", err
			}
			return "", errors.New("boom")
		}
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		if _, err := asyncio.Gather(ctx, ok("A", 30*ms), bad(10*ms), ok("B", 20*ms)); err != nil {
			say(out, "caught", err)
		}
		if err := asyncio.Sleep(ctx, 50*ms); err != nil {
			return err
		}
		settled, err := asyncio.GatherSettled(ctx, ok("C", 10*ms), bad(0))
		say(out, each(settled, func(r asyncio.Result[string]) string {
			if r.Err != nil {
				return r.Err.Error()
			}
			return r.Value
		}))
		return err
	}, opts...)
}

func waitAndAsCompleted(out io.Writer, opts ...asyncio.Option) error {
	results := func(ts []*asyncio.Task[string]) []string { return slices.Sorted(slices.Values(each(ts, result))) }
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		tasks := []*asyncio.Task[string]{
			asyncio.CreateTask(ctx, after(30*ms, "A")),
			asyncio.CreateTask(ctx, after(10*ms, "B")),
			asyncio.CreateTask(ctx, after(20*ms, "C")),
		}
		for _, when := range []asyncio.ReturnWhen{asyncio.FirstCompleted, asyncio.AllCompleted} {
			done, pending, err := asyncio.Wait(ctx, tasks, when, 0)
			if err != nil {
				return err
			}
			say(out, results(done), len(pending))
		}
		for name, err := range asyncio.AsCompleted(ctx, after(30*ms, "D"), after(10*ms, "E"), after(20*ms, "F")) {
			if err != nil {
				return err
			}
			say(out, name)
		}
		slow := asyncio.CreateTask(ctx, after(50*ms, "slow"))
		done, pending, err := asyncio.Wait(ctx, []*asyncio.Task[string]{slow}, asyncio.AllCompleted, 10*ms)
		if err != nil {
			return err
		}
		say(out, len(done), len(pending), slow.Canceled())
		name, err := slow.Await(ctx)
		say(out, name)
		return err
	}, opts...)
}

func groupCountsEveryFailure(out io.Writer, opts ...asyncio.Option) error {
	same := errors.New("same")
	bad := func(ctx context.Context) error {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		return same
	}
	givesUp := func(context.Context) error { return asyncio.ErrCanceled }
	fine := func(ctx context.Context) error {
		err := asyncio.Sleep(ctx, 10*ms)
		if err == nil {
			say(out, "sibling goes on")
		}
		return err
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(bad)
			tg.Go(bad)
			return nil
		})
		var group *asyncio.ExceptionGroup
		if errors.As(err, &group) {
			say(out, len(group.Errors), group.Errors[0] == group.Errors[1])
		}
		err = asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(givesUp)
			tg.Go(fine)
			return nil
		})
		if err == nil {
			say(out, "no error")
		}
		return err
	}, opts...)
}
