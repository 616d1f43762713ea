// The scenarios of TestCancelAtEverySuspensionPoint that are about what asyncio
// does not have.

package cancelpoints

import (
	"context"
	"errors"

	"github.com/asyncio-go/asyncio"
)

var startScenarios = []scenario{
	{name: "SleepUntil", run: func(ctx context.Context, s *stage) error {
		return asyncio.SleepUntil(ctx, s.loop.Now().Add(3*ms))
	}},
	{name: "Every", run: func(ctx context.Context, s *stage) error {
		n := 0
		for _, err := range asyncio.Every(ctx, 2*ms) {
			if n++; err != nil || n == 3 {
				return err
			}
		}
		return errors.New("it has ended by itself")
	}},
	{name: "Start", run: func(ctx context.Context, s *stage) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			return s.start(ctx, tg)
		})
	}},
	{name: "Start of an eager task", run: func(ctx context.Context, s *stage) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			return s.start(ctx, tg, asyncio.Eager())
		})
	}},
	{name: "Start in a group with a limit", run: func(ctx context.Context, s *stage) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			asyncio.Spawn(tg, s.child("a", 2*ms))
			return s.start(ctx, tg)
		}, asyncio.Limit(1))
	}},
	{name: "Start in the group of another task", run: func(ctx context.Context, s *stage) error {
		opened := asyncio.NewFuture[*asyncio.TaskGroup](ctx)
		owner := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				if err := opened.SetResult(tg); err != nil {
					return err
				}
				return asyncio.Sleep(ctx, 20*ms)
			})
		}, asyncio.Eager())
		tg, err := opened.Result()
		if err == nil {
			err = s.start(ctx, tg)
		}
		_, ended := owner.Await(context.WithoutCancel(ctx))
		return errors.Join(err, ended)
	}},
	{name: "TaskSet.Next", run: func(ctx context.Context, s *stage) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			var set asyncio.TaskSet[string]
			set.Add(asyncio.Spawn(tg, s.child("a", 4*ms)), asyncio.Spawn(tg, s.child("b", 2*ms)))
			handed := 0
			for task, err := range set.All(ctx) {
				if err != nil {
					if handed+set.Len() != 2 {
						return errors.New("a task is lost")
					}
					return err
				}
				handed++
				if err := task.Err(); err != nil {
					return err
				}
			}
			return nil
		})
	}},
	{name: "a group with CancelAfter", run: func(ctx context.Context, s *stage) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			asyncio.Spawn(tg, s.child("a", 2*ms))
			asyncio.Spawn(tg, s.child("b", 9*ms))
			tg.CancelAfter(5 * ms)
			return nil
		})
		return s.taken(err)
	}},
}

// start starts a function that waits for two children, the one before it is started and
// the other after that.
func (s *stage) start(ctx context.Context, tg *asyncio.TaskGroup, opts ...asyncio.TaskOption) error {
	return asyncio.StartFunc(ctx, tg, func(ctx context.Context, started func()) error {
		if _, err := s.child("before", 2*ms)(ctx); err != nil {
			return err
		}
		started()
		return only(s.child("after", 3*ms)(ctx))
	}, opts...)
}
