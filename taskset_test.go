package asyncio_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// allOf is what the tasks of a set return, in the order in which it hands them out.
func allOf(t *testing.T, ctx context.Context, set *asyncio.TaskSet[int]) (all []int) {
	t.Helper()
	for task, err := range set.All(ctx) {
		asynctest.ExpectNil(t, err)
		n, err := task.Result()
		asynctest.ExpectNil(t, err)
		all = append(all, n)
	}
	return all
}

// later creates a task that returns n, after n minutes.
func later(ctx context.Context, n int) *asyncio.Task[int] {
	return asyncio.CreateTask(ctx, asynctest.Later(time.Duration(n)*time.Minute, n))
}

func TestTaskSet(t *testing.T) {
	t.Run("hands out tasks in the order in which they end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			set.Add(later(ctx, 3), later(ctx, 1))
			set.Add(later(ctx, 2))
			asynctest.ExpectEqual(t, "length", set.Len(), 3)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[1 2 3]")
			asynctest.ExpectEqual(t, "length", set.Len(), 0)
		})
	})

	t.Run("grows while it is ranged over", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			set.Add(later(ctx, 1), later(ctx, 7))
			var got []int
			for task, err := range set.All(ctx) {
				asynctest.ExpectNil(t, err)
				n, _ := task.Result()
				if got = append(got, n); n < 4 {
					set.Add(later(ctx, n+1))
				}
			}
			asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[1 2 3 7 4]") // at 1, 3, 6, 7 and 10
		})
	})

	t.Run("hands out a task two passes after its end", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[uint64]
			l := asyncio.RunningLoop(ctx)
			set.Add(asyncio.CreateTask(ctx, func(ctx context.Context) (uint64, error) {
				_ = asyncio.Yield(ctx)
				return l.Stats().Passes, nil
			}))
			task, ok, err := set.Next(ctx)
			ended, _ := task.Result()
			asynctest.ExpectEqual(t, "passes", l.Stats().Passes-ended, 2)
			asynctest.ExpectEqual(t, "ok", ok, true)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("has a task once, until it has handed it out", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			task := later(ctx, 1)
			set.Add(task, task)
			set.Add(task)
			asynctest.ExpectEqual(t, "length", set.Len(), 1)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[1]")
			set.Add(task, task)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[1]")
		})
	})

	t.Run("hands out a task that has ended before, behind those that have ended before the Add", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			old := asyncio.CreateTask(ctx, asynctest.Value(1))
			_, _ = old.Await(ctx)
			set.Add(asyncio.CreateTask(ctx, asynctest.Value(2), asyncio.Eager()), old)
			_, ok := set.TryNext()
			asynctest.ExpectEqual(t, "at once", ok, false)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[2 1]")
		})
	})

	t.Run("does not wait when it is empty, or has what it is asked for", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				task, ok, err := set.Next(ctx)
				asynctest.ExpectEqual(t, "task", task, nil)
				asynctest.ExpectEqual(t, "ok", ok, false)
				asynctest.ExpectNil(t, err)
				_, ok = set.TryNext()
				asynctest.ExpectEqual(t, "ok", ok, false)
			}), 0)
			set.Add(later(ctx, 0), later(ctx, 0))
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
				_, ok := set.TryNext()
				asynctest.ExpectEqual(t, "ok", ok, true)
				_, ok, _ = set.Next(ctx)
				asynctest.ExpectEqual(t, "ok", ok, true)
			}), 0)
		})
	})

	t.Run("owns nothing, and does not look at errors", func(t *testing.T) {
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			failed := asyncio.CreateTask(ctx, asynctest.Fail[int](errBoom))
			set.Add(failed)
			task, _, err := set.Next(ctx)
			asynctest.ExpectEqual(t, "task", task, failed)
			asynctest.ExpectNil(t, err)
		})
		if len(reports) != 1 || reports[0].Err != errBoom {
			t.Errorf("reported: %v", reports)
		}
	})

	t.Run("has tasks that others await, and those of a group", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			asynctest.ExpectGroup(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				task := asyncio.Spawn(tg, asynctest.FailLater[int](time.Minute, errBoom))
				slow := asyncio.Spawn(tg, asynctest.Later(time.Hour, 1))
				set.Add(slow, task)
				_, err := task.Await(ctx)
				asynctest.ExpectEqual(t, "error", err, errBoom)
			}), errBoom)
			first, _, _ := set.Next(ctx)
			asynctest.ExpectEqual(t, "error", first.Err(), errBoom)
			second, _, _ := set.Next(ctx)
			asynctest.ExpectCanceled(t, second.Err())
		})
	})

	t.Run("serves several tasks, and tells all when it is empty", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			var got []int
			none := 0
			asynctest.ExpectNil(t, inGroup(ctx, func(tg *asyncio.TaskGroup) {
				set.Add(later(ctx, 1), later(ctx, 2))
				for range 5 {
					tg.Go(func(ctx context.Context) error {
						task, ok, err := set.Next(ctx)
						if !ok {
							none++
							return err
						}
						n, err := task.Result()
						got = append(got, n)
						return err
					})
				}
			}))
			asynctest.ExpectEqual(t, "results", fmt.Sprint(got, none), "[1 2] 3")
		})
	})

	t.Run("waits on if tasks are added before the others have heard that it is empty", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			set.Add(later(ctx, 1))
			waiter := asyncio.CreateTask(ctx, func(ctx context.Context) ([]int, error) { return allOf(t, ctx, &set), nil })
			_ = asyncio.Sleep(ctx, time.Minute)
			for range 2 {
				_ = asyncio.Yield(ctx)
			}
			got, err := waiter.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(got), "[1]")

			set.Add(later(ctx, 1), later(ctx, 2))
			for range 2 { // the second waits when the first has taken the last task
				asyncio.Go(ctx, func(ctx context.Context) error {
					_ = allOf(t, ctx, &set)
					return nil
				})
			}
			_ = asyncio.Sleep(ctx, 3*time.Minute)
			asynctest.ExpectEqual(t, "length", set.Len(), 0)
			asynctest.ExpectEqual(t, "tasks", len(asyncio.AllTasks(ctx)), 1)
		})
	})

	t.Run("loses nothing to a cancellation", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			set.Add(later(ctx, 1))
			waiter := asyncio.Go(ctx, func(ctx context.Context) error {
				_, ok, err := set.Next(ctx)
				asynctest.ExpectEqual(t, "ok", ok, false)
				return err
			})
			_ = asyncio.Sleep(ctx, time.Second)
			waiter.Cancel()
			_, err := asyncio.Shield(ctx, waiter)
			asynctest.ExpectCanceled(t, err)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[1]")

			canceled, cancel := context.WithCancel(ctx)
			cancel()
			set.Add(later(ctx, 0))
			asynctest.Settle(ctx)
			pairs := 0
			for task, err := range set.All(canceled) {
				asynctest.ExpectIs(t, err, context.Canceled)
				asynctest.ExpectEqual(t, "task", task, nil)
				pairs++
			}
			asynctest.ExpectEqual(t, "pairs", pairs, 1)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[0]")
		})
	})

	t.Run("breaking out leaves the others in it", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			set.Add(later(ctx, 1), later(ctx, 2))
			for range set.All(ctx) { //asyncio:ok dropped-iteration-error it leaves at once
				break
			}
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[2]")
		})
	})

	t.Run("as a case of Select waits while it is empty", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			var next *asyncio.Task[int]
			var stop asyncio.Event
			chosen, err := asyncio.Select(ctx, set.OnNext(&next), asyncio.After(time.Minute))
			asynctest.ExpectEqual(t, "chosen", chosen, 1)
			asynctest.ExpectNil(t, err)

			s := startSelect(ctx, stop.OnSet(), set.OnNext(&next))
			task := later(ctx, 1)
			set.Add(task)
			_ = asyncio.Sleep(ctx, time.Hour)
			s.expect(t, ctx, 1, nil)
			asynctest.ExpectEqual(t, "task", next, task)

			set.Add(later(ctx, 1)) // Next takes it, and the other one goes on waiting
			taker := asyncio.CreateTask(ctx, func(ctx context.Context) ([]int, error) { return allOf(t, ctx, &set), nil })
			asynctest.Settle(ctx)
			s = startSelect(ctx, stop.OnSet(), set.OnNext(&next))
			_, err = taker.Await(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "the Select has ended", s.Done(), false)
			stop.Set()
			s.expect(t, ctx, 0, nil)
			asynctest.ExpectEqual(t, "task", next, task)
			asynctest.ExpectAdvice(t, func() { set.OnNext(nil) }, "OnNext(nil)", "pass a pointer")
		})
	})

	t.Run("is seen by who looks", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var set asyncio.TaskSet[struct{}]
			set.SetName("fetches")
			for _, name := range []string{"b", "a", "c"} {
				set.Add(asyncio.Go(ctx, asynctest.SleepForever, asyncio.Name(name)))
			}
			waiter := asyncio.Go(ctx, func(ctx context.Context) error { _, _, err := set.Next(ctx); return err })
			_ = asyncio.Yield(ctx)
			asynctest.ExpectEqual(t, "it waits for", waiter.Info().WaitingOn, `task set "fetches"`)
			var names []string
			for _, i := range waiter.Info().Awaits() {
				names = append(names, i.Name)
			}
			asynctest.ExpectEqual(t, "it awaits", fmt.Sprint(names), "[b a c]")
		})
	})

	t.Run("takes the tasks of a loop that has ended", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		var set asyncio.TaskSet[int]
		var task *asyncio.Task[int]
		asynctest.ExpectNil(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			task = asyncio.CreateTask(ctx, asynctest.Value(7))
			_, err := task.Await(ctx)
			return err
		}))
		set.Add(task)
		asynctest.ExpectNil(t, asyncio.Run(t.Context(), func(ctx context.Context) error {
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[7]")
			set.Add(task)
			asynctest.ExpectEqual(t, "results", fmt.Sprint(allOf(t, ctx, &set)), "[7]")
			return nil
		}))
	})

	t.Run("of no task panics, and adds none of the others", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var set asyncio.TaskSet[int]
			for _, none := range []*asyncio.Task[int]{nil, new(asyncio.Task[int])} {
				asynctest.ExpectAdvice(t, func() { set.Add(later(ctx, 1), none) }, "a Task that is nil or zero", "CreateTask")
			}
			asynctest.ExpectEqual(t, "length", set.Len(), 0)
			_ = asyncio.Sleep(ctx, time.Hour)
		})
	})
}

// A setModel says what a set has to hand out: tasks by when they had both been added and
// had ended.
type setModel struct {
	moment       int
	added, ended map[*asyncio.Task[int]]int
	handed       []*asyncio.Task[int]
}

func (m *setModel) next() int {
	m.moment++
	return m.moment
}

func (m *setModel) expect(t *testing.T) {
	t.Helper()
	since := func(task *asyncio.Task[int]) int { return max(m.added[task], m.ended[task]) }
	if len(m.handed) != len(m.added) {
		t.Errorf("%d tasks were added, and %d handed out", len(m.added), len(m.handed))
	}
	if !slices.IsSortedFunc(m.handed, func(a, b *asyncio.Task[int]) int { return since(a) - since(b) }) {
		t.Error("tasks are not handed out in the order in which they have ended")
	}
}

// TestTaskSetAgainstAModel has tasks that add, tasks that take and are canceled, and tasks
// that end whenever they like.
func TestTaskSetAgainstAModel(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	asynciotest.Explore(t, func(ctx context.Context) {
		chance := asynciotest.Rand(ctx)
		pause := func(ctx context.Context) error {
			if chance.IntN(3) == 0 {
				return asyncio.Yield(ctx)
			}
			return asyncio.Sleep(ctx, time.Duration(chance.IntN(4))*time.Second)
		}
		var set asyncio.TaskSet[int]
		m := setModel{added: map[*asyncio.Task[int]]int{}, ended: map[*asyncio.Task[int]]int{}}
		spawn := func() {
			var task *asyncio.Task[int]
			task = asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) {
				err := pause(ctx)
				m.ended[task] = m.next()
				return 0, err
			})
			if chance.IntN(2) == 0 {
				_ = pause(ctx)
			}
			m.added[task] = m.next()
			set.Add(task, task)
		}
		take := func(ctx context.Context) error {
			for {
				if chance.IntN(4) == 0 {
					if task, ok := set.TryNext(); ok {
						m.handed = append(m.handed, task)
					}
				}
				task, ok, err := set.Next(ctx)
				if err != nil {
					return err
				}
				if ok {
					m.handed = append(m.handed, task)
				} else if err := pause(ctx); err != nil {
					return err
				}
			}
		}
		var takers []*asyncio.Task[struct{}]
		for range 3 {
			takers = append(takers, asyncio.Go(ctx, take))
		}
		for range 12 {
			if spawn(); chance.IntN(4) == 0 {
				i := chance.IntN(len(takers))
				takers[i].Cancel()
				_, _ = asyncio.Shield(ctx, takers[i])
				takers[i] = asyncio.Go(ctx, take)
			}
		}
		for set.Len() > 0 {
			_ = asyncio.Sleep(ctx, time.Second)
		}
		for _, taker := range takers {
			taker.Cancel()
			_, _ = asyncio.Shield(ctx, taker)
		}
		m.expect(t)
	})
}

func TestTaskSetCanBeCanceledAtEveryMoment(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	asynciotest.AssertCancelable(t, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			var set asyncio.TaskSet[int]
			left := 3
			defer func() { asynctest.ExpectEqual(t, "tasks in the set", set.Len(), left) }()
			for i := range left {
				set.Add(asyncio.Spawn(tg, asynctest.Later(time.Duration(i)*time.Second, i)))
			}
			for _, err := range set.All(ctx) {
				if err != nil {
					return err
				}
				left--
			}
			return nil
		})
	})
}
