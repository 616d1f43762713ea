// The scenarios of TestCancelAtEverySuspensionPoint: every operation that
// suspends, and some out of several.

package cancelpoints

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var cancelScenarios = slices.Concat(plainScenarios, combinedScenarios, scopeScenarios, threadScenarios, syncScenarios, startScenarios)

// only turns an operation with a result into one that has none.
func only[T any](_ T, err error) error { return err }

var plainScenarios = []scenario{
	{name: "Yield", run: func(ctx context.Context, _ *stage) error { return asyncio.Yield(ctx) }},
	{name: "Sleep", run: func(ctx context.Context, _ *stage) error { return asyncio.Sleep(ctx, 3*ms) }},
	{name: "Coro.Await", run: func(ctx context.Context, s *stage) error {
		return only(s.child("a", 3*ms).Await(ctx))
	}},
	{name: "Task.Await", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.CreateTask(ctx, s.child("a", 3*ms)).Await(ctx))
	}},
	{name: "Task.Await of an eager task", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.CreateTask(ctx, s.child("a", 3*ms), asyncio.Eager()).Await(ctx))
	}},
	{name: "Task.Await of a task that awaits a task", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			return asyncio.CreateTask(ctx, s.child("a", 3*ms)).Await(ctx)
		}).Await(ctx))
	}},
	{name: "Future.Await", run: func(ctx context.Context, s *stage) error {
		fut := asyncio.NewFuture[int](ctx)
		s.loop.CallLater(3*ms, func() { fut.SetResult(1) })
		return only(fut.Await(ctx))
	}},
}

var combinedScenarios = []scenario{
	{name: "Gather", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.Gather(ctx, s.child("a", 2*ms), s.child("b", 4*ms), s.child("c", ms)))
	}},
	{name: "Gather2", run: func(ctx context.Context, s *stage) error {
		_, _, err := asyncio.Gather2(ctx, s.child("a", 2*ms), s.child("b", 4*ms))
		return err
	}},
	{name: "Gather3", run: func(ctx context.Context, s *stage) error {
		_, _, _, err := asyncio.Gather3(ctx, s.child("a", 2*ms), s.child("b", 4*ms), s.child("c", ms))
		return err
	}},
	{name: "GatherSettled", run: func(ctx context.Context, s *stage) error {
		settled, err := asyncio.GatherSettled(ctx, s.child("a", 2*ms), s.child("b", 4*ms))
		for _, r := range settled {
			err = errors.Join(err, r.Err)
		}
		return err
	}},
	{name: "Gather of gathers", run: func(ctx context.Context, s *stage) error {
		pair := asyncio.Coro[[]string](func(ctx context.Context) ([]string, error) {
			return asyncio.Gather(ctx, s.child("a", 2*ms), s.child("b", 4*ms))
		})
		return only(asyncio.Gather(ctx, pair, pair))
	}},
	{name: "Race", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.Race(ctx, s.child("a", 4*ms), s.child("b", 2*ms), s.child("c", 6*ms)))
	}},
	{name: "Any", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.Any(ctx, s.unlucky(ms), s.child("b", 2*ms), s.child("c", 6*ms)))
	}},
	{name: "Wait", leaves: true, run: func(ctx context.Context, s *stage) error {
		return wait(ctx, s.tasks(ctx)...)
	}},
	{name: "Wait for the first", leaves: true, run: func(ctx context.Context, s *stage) error {
		_, _, err := asyncio.Wait(ctx, s.tasks(ctx), asyncio.FirstCompleted, 0)
		return err
	}},
	{name: "Wait with a timeout", leaves: true, run: func(ctx context.Context, s *stage) error {
		_, _, err := asyncio.Wait(ctx, s.tasks(ctx), asyncio.AllCompleted, 3*ms)
		return err
	}},
	{name: "AsCompleted", leaves: true, run: func(ctx context.Context, s *stage) error {
		for _, err := range asyncio.AsCompleted(ctx, s.child("a", 2*ms), s.child("b", 4*ms)) {
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{name: "AsCompletedIndex", leaves: true, run: func(ctx context.Context, s *stage) error {
		for _, r := range asyncio.AsCompletedIndex(ctx, s.child("a", 2*ms), s.child("b", 4*ms)) {
			if r.Err != nil {
				return r.Err
			}
		}
		return nil
	}},
	{name: "Shield", leaves: true, run: func(ctx context.Context, s *stage) error {
		return only(asyncio.Shield(ctx, s.child("a", 3*ms)))
	}},
	{name: "WaitFor a coroutine", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.WaitFor(ctx, s.child("a", 3*ms), 9*ms))
	}},
	{name: "WaitFor a task", run: func(ctx context.Context, s *stage) error {
		return only(asyncio.WaitFor(ctx, asyncio.CreateTask(ctx, s.child("a", 3*ms)), 9*ms))
	}},
}

// unlucky is a coroutine that fails.
func (s *stage) unlucky(d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return "", err
		}
		err := errors.New("no luck")
		s.others = append(s.others, err)
		return "", err
	}
}

// tasks makes two tasks.
func (s *stage) tasks(ctx context.Context) []*asyncio.Task[string] {
	return []*asyncio.Task[string]{
		asyncio.CreateTask(ctx, s.child("a", 2*ms)),
		asyncio.CreateTask(ctx, s.child("b", 4*ms)),
	}
}

// group runs two children beside a body.
func (s *stage) group(ctx context.Context, body func(ctx context.Context) error, opts ...asyncio.GroupOption) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		asyncio.Spawn(tg, s.child("a", 2*ms))
		asyncio.Spawn(tg, s.child("b", 4*ms))
		return body(ctx)
	}, opts...)
}

func noBody(context.Context) error { return nil }

// within runs f under a timeout that does not fire.
func within(ctx context.Context, f func(ctx context.Context) error) error {
	return asyncio.WithTimeout(ctx, longTime, f)
}

var errOwn = errors.New("own error")

var scopeScenarios = []scenario{
	{name: "body of WithTaskGroup", run: func(ctx context.Context, s *stage) error {
		return s.group(ctx, func(ctx context.Context) error {
			return errors.Join(asyncio.Sleep(ctx, 3*ms), asyncio.Yield(ctx))
		})
	}},
	{name: "exit of WithTaskGroup", run: func(ctx context.Context, s *stage) error {
		return s.group(ctx, noBody)
	}},
	{name: "WithTaskGroup with a limit", run: func(ctx context.Context, s *stage) error {
		return s.group(ctx, noBody, asyncio.Limit(1))
	}},
	{name: "WithTaskGroup, supervised", run: func(ctx context.Context, s *stage) error {
		return s.group(ctx, noBody, asyncio.Supervised())
	}},
	{name: "WithTaskGroup that is canceled by itself", run: func(ctx context.Context, s *stage) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			asyncio.Spawn(tg, s.child("a", 9*ms))
			err := asyncio.Sleep(ctx, 2*ms)
			tg.Cancel()
			return err
		})
		return s.taken(err)
	}},
	{name: "WithTaskGroup that fails", run: func(ctx context.Context, s *stage) error {
		err := s.group(ctx, func(ctx context.Context) error {
			if err := asyncio.Sleep(ctx, ms); err != nil {
				return err
			}
			return errOwn
		})
		if errors.Is(err, errOwn) {
			s.taken(err)
			return nil
		}
		return err
	}},
	{name: "group in a group", run: func(ctx context.Context, s *stage) error {
		return s.group(ctx, func(ctx context.Context) error { return s.group(ctx, noBody) })
	}},
	{name: "WithTimeout", run: func(ctx context.Context, s *stage) error {
		return within(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, 3*ms) })
	}},
	{name: "WithTimeout around a task", run: func(ctx context.Context, s *stage) error {
		return within(ctx, func(ctx context.Context) error {
			return only(asyncio.CreateTask(ctx, s.child("a", 3*ms)).Await(ctx))
		})
	}},
	{name: "WithTimeoutAt", run: func(ctx context.Context, s *stage) error {
		return asyncio.WithTimeoutAt(ctx, s.loop.Now().Add(time.Hour), func(ctx context.Context) error {
			return asyncio.Sleep(ctx, 3*ms)
		})
	}},
	{name: "timeouts and groups in one another", run: func(ctx context.Context, s *stage) error {
		return within(ctx, func(ctx context.Context) error {
			return s.group(ctx, func(ctx context.Context) error {
				return within(ctx, func(ctx context.Context) error {
					return only(asyncio.Gather(ctx, s.child("c", 3*ms), s.child("d", 5*ms)))
				})
			})
		})
	}},
	{name: "context of the standard library", run: func(ctx context.Context, s *stage) error {
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(ctx, key{}, 1))
		defer cancel()
		return errors.Join(asyncio.Sleep(ctx, 3*ms), s.group(ctx, noBody))
	}},
	{name: "one thing after another", run: func(ctx context.Context, s *stage) error {
		for _, step := range slices.Concat(plainScenarios, combinedScenarios) {
			if step.leaves {
				continue
			}
			if err := step.run(ctx, s); err != nil {
				return err
			}
		}
		return s.group(ctx, noBody)
	}},
}

// taken is for a scenario that cancels its children itself: it takes note of
// the errors of spiteful ones, and returns err if it is something else.
func (s *stage) taken(err error) error {
	if !s.isOfChild(err) {
		return err
	}
	s.errs = slices.DeleteFunc(s.errs, func(e error) bool { return errors.Is(err, e) })
	return nil
}

var threadScenarios = []scenario{
	{name: "ToThread", slow: true, run: func(ctx context.Context, _ *stage) error {
		return only(asyncio.ToThread(ctx, asynctest.Value(1)))
	}},
	{name: "ToThread of what heeds its context", slow: true, run: func(ctx context.Context, s *stage) error {
		return heeding(ctx, s, func(fn asyncio.Coro[int]) error { return only(asyncio.ToThread(ctx, fn)) })
	}},
	{name: "RunInExecutor", slow: true, run: func(ctx context.Context, s *stage) error {
		pool := asyncio.NewWorkerPool(1)
		defer pool.Shutdown(context.WithoutCancel(ctx))
		return heeding(ctx, s, func(fn asyncio.Coro[int]) error {
			return only(asyncio.RunInExecutor(ctx, pool, fn).Await(ctx))
		})
	}},
	{name: "RunInExecutor, waiting for a worker", slow: true, run: func(ctx context.Context, s *stage) error {
		pool := asyncio.NewWorkerPool(1)
		defer pool.Shutdown(context.WithoutCancel(ctx))
		return heeding(ctx, s, func(fn asyncio.Coro[int]) error {
			first := asyncio.RunInExecutor(ctx, pool, fn)
			second := asyncio.RunInExecutor(ctx, pool, asynctest.Value(2))
			return only(asyncio.Gather(ctx, first, second))
		})
	}},
}

// heeding runs a function in a thread that returns when a task lets it, or
// when its context is canceled: then it has to be.
func heeding(ctx context.Context, s *stage, run func(fn asyncio.Coro[int]) error) error {
	release := make(chan struct{})
	var interrupted atomic.Bool
	s.loop.CallLater(3*ms, func() { close(release) })
	err := run(func(ctx context.Context) (int, error) {
		select { //asyncio:ok channel stands for a step that keeps the loop for long
		case <-release:
			return 1, nil
		case <-ctx.Done():
			interrupted.Store(true)
			return 0, ctx.Err()
		}
	})
	if interrupted.Load() && !canceled(err) {
		return fmt.Errorf("interrupted, though the task was not canceled: %w", err)
	}
	return err
}
