package cpython

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// staggered is asyncio's staggered race, made of Any: each coroutine starts
// when the one before has failed, or a while after that has started.
func staggered[T any](ctx context.Context, delay time.Duration, how []asyncio.TaskOption, coros ...asyncio.Coro[T]) (T, error) {
	runners := make([]*asyncio.Task[T], 0, len(coros))
	before := new(asyncio.Event)
	before.Set()
	for _, c := range coros {
		turn, next := before, new(asyncio.Event)
		before = next
		runners = append(runners, asyncio.CreateTask(ctx, func(ctx context.Context) (none T, err error) {
			if err := turn.Wait(ctx); err != nil {
				return none, err
			}
			timer := asyncio.RunningLoop(ctx).CallLater(delay, next.Set)
			defer timer.Cancel()
			value, err := c(ctx)
			if err != nil {
				next.Set()
			}
			return value, err
		}, how...))
	}
	return asyncio.Any(ctx, asyncio.Awaitables(runners)...)
}

func TestCPythonStaggeredRace(t *testing.T) {
	for start, how := range startings {
		t.Run(start, func(t *testing.T) {
			runCases(t, map[string]func(t *testing.T, ctx context.Context){
				"of none has no winner": func(t *testing.T, ctx context.Context) {
					_, err := staggered[int](ctx, time.Second, how)
					is(t, "race", err, asyncio.ErrNoAwaitables)
				},
				"of one that succeeds": func(t *testing.T, ctx context.Context) {
					got, err := staggered(ctx, 10*time.Second, how, asynctest.Later(time.Second, "Res: 0"))
					is(t, "race", err, nil)
					asynctest.ExpectEqual(t, "winner", got, "Res: 0")
				},
				"goes on at once when the first fails": func(t *testing.T, ctx context.Context) {
					took := stopwatch(ctx)
					got, err := staggered(ctx, 10*time.Second, how, asynctest.Fail[int](errOops), asynctest.Later(time.Second, 1))
					is(t, "race", err, nil)
					asynctest.ExpectEqual(t, "winner", got, 1)
					asynctest.ExpectEqual(t, "it took", took(), time.Second)
				},
				"goes on when the first takes too long, and cancels that": func(t *testing.T, ctx context.Context) {
					took := stopwatch(ctx)
					var cut error
					slow := asyncio.Coro[int](func(ctx context.Context) (int, error) { cut = asynctest.SleepForever(ctx); return 0, cut })
					got, err := staggered(ctx, 10*time.Second, how, slow, asynctest.Later(time.Second, 1))
					is(t, "race", err, nil)
					asynctest.ExpectEqual(t, "winner", got, 1)
					asynctest.ExpectEqual(t, "it took", took(), 11*time.Second)
					is(t, "the loser", cut, asyncio.ErrCanceled)
				},
				"tells all errors when none succeeds": func(t *testing.T, ctx context.Context) {
					_, err := staggered(ctx, time.Second, how, asynctest.Fail[int](errOops), asynctest.Fail[int](errOther))
					members(t, err, errOops, errOther)
				},
				"has one winner though several succeed together": func(t *testing.T, ctx context.Context) {
					got, err := staggered(ctx, 0, how, asynctest.Later(time.Second, 0), asynctest.Later(time.Second, 1), asynctest.Later(time.Second, 2))
					is(t, "race", err, nil)
					asynctest.ExpectEqual(t, "winner", got, 0)
				},
				"that is canceled cancels all": func(t *testing.T, ctx context.Context) {
					cuts := 0
					count := asyncio.Coro[int](func(ctx context.Context) (int, error) {
						err := asynctest.SleepForever(ctx)
						if errors.Is(err, asyncio.ErrCanceled) {
							cuts++
						}
						return 0, err
					})
					_, err := canceledAfter(ctx, func(ctx context.Context) error {
						_, err := staggered(ctx, 100*time.Millisecond, how, count, count)
						return err
					})
					is(t, "race", err, asyncio.ErrCanceled)
					asynctest.ExpectEqual(t, "were canceled", cuts, 2)
				},
			})
		})
	}
}
