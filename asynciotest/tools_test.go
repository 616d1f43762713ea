package asynciotest_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

func TestWaitAllBlocked(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		start, steps := asyncio.RunningLoop(ctx).Now(), 0
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			for ; steps < 5; steps++ {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, nil })
			steps++
			return errors.Join(err, asyncio.Sleep(ctx, time.Hour))
		})
		if err := asynciotest.WaitAllBlocked(ctx); err != nil {
			t.Error(err)
		}
		if steps != 6 || !asyncio.RunningLoop(ctx).Now().Equal(start) {
			t.Errorf("%d steps, %v", steps, asyncio.RunningLoop(ctx).Now().Sub(start))
		}
		if _, err := task.Await(ctx); err != nil {
			t.Error(err)
		}
	}, asynciotest.Runs(20))
}

func TestSequencer(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		var seq asynciotest.Sequencer
		var order []int
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, n := range []int{3, 0, 2, 1} {
				tg.Go(func(ctx context.Context) error {
					return seq.Do(ctx, n, func() error {
						order = append(order, n)
						err := asyncio.Sleep(ctx, time.Second)
						order = append(order, n)
						return err
					})
				})
			}
			return nil
		})
		if !slices.Equal(order, []int{0, 0, 1, 1, 2, 2, 3, 3}) {
			t.Errorf("the order was %v", order)
		}
	})
}

func TestSequencerBreaks(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var seq asynciotest.Sequencer
		piece := func(n int) *asyncio.Task[struct{}] {
			return asyncio.Go(ctx, func(ctx context.Context) error {
				return seq.Do(ctx, n, func() error { return nil })
			})
		}
		one, two := piece(1), piece(2)
		_ = asyncio.Yield(ctx)
		one.Cancel()
		if _, err := two.Await(ctx); !errors.Is(err, asynciotest.ErrSequenceBroken) {
			t.Error(err)
		}
		if err := seq.Do(ctx, 0, func() error { return nil }); !errors.Is(err, asynciotest.ErrSequenceBroken) {
			t.Error(err)
		}
		defer func() {
			if recover() == nil {
				t.Error("a number was used twice")
			}
		}()
		_ = seq.Do(ctx, 0, func() error { return nil })
	})
}

// move takes items from one queue to the other.
func move(ctx context.Context, from, to *asyncio.Queue[int]) error {
	for !from.Empty() {
		item, err := from.Get(ctx)
		if err != nil {
			return err
		}
		if err := to.Put(ctx, item); err != nil {
			_ = from.TryPut(item)
			return err
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
	return nil
}

func careless(ctx context.Context, from, to *asyncio.Queue[int]) error {
	item, err := from.Get(ctx)
	if err != nil {
		return err
	}
	if err := asyncio.Sleep(ctx, time.Second); err != nil {
		return err
	}
	return to.Put(ctx, item)
}

func queues(fail func(), mover func(ctx context.Context, from, to *asyncio.Queue[int]) error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		from, to := asyncio.NewQueue[int](0), asyncio.NewQueue[int](0)
		for i := range 3 {
			_ = from.TryPut(i)
		}
		defer func() {
			if from.Len()+to.Len() != 3 {
				fail()
			}
		}()
		return mover(ctx, from, to)
	}
}

func TestAssertCancelable(t *testing.T) {
	f := mustPass(t, func(f *fakeTB) {
		asynciotest.AssertCancelable(f, queues(func() { f.Error("lost") }, move))
	})
	if want := "canceled at 3 suspensions"; f.output() != want {
		t.Errorf("it says %q, not %q", f.output(), want)
	}
	mustFail(t, func(f *fakeTB) {
		asynciotest.AssertCancelable(f, queues(func() { f.Error("lost") }, careless))
	}, "lost", "canceled at suspension 1 (")
	for name, test := range map[string]struct {
		fn   func(ctx context.Context) error
		says []string
	}{
		"swallows": {func(ctx context.Context) error {
			_ = asyncio.Sleep(ctx, time.Hour)
			return nil
		}, []string{"canceled at suspension 1 (function", "sleep 1h0m0s (tools_test.go:", "no error"}},
		"changes": {func(ctx context.Context) error {
			if asyncio.Sleep(ctx, time.Hour) != nil {
				return errors.New("my own")
			}
			return nil
		}, []string{"not ErrCanceled", "my own"}},
		"leaves": {func(ctx context.Context) error {
			child := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("child"))
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
			_, err := child.Await(ctx)
			return err
		}, []string{"1 task was left", "child: waits", "canceled at suspension 1 (function"}},
		"fails": {func(context.Context) error { return errors.New("my own") }, []string{"without being canceled"}},
	} {
		t.Run(name, func(t *testing.T) {
			mustFail(t, func(f *fakeTB) { asynciotest.AssertCancelable(f, test.fn) }, test.says...)
		})
	}
}

func TestAssertCancelableReachesChildren(t *testing.T) {
	reached := map[string]bool{}
	asynciotest.AssertCancelable(t, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"a", "b"} {
				tg.Go(func(ctx context.Context) error {
					if err := asyncio.Sleep(ctx, time.Second); err != nil {
						return err
					}
					err := asyncio.Sleep(ctx, time.Second)
					reached[name] = reached[name] || err != nil
					return err
				})
			}
			return nil
		})
	})
	if !reached["a"] || !reached["b"] {
		t.Errorf("canceled in the second sleep: %v", reached)
	}
}

func TestNilOptionPanicsWithAdvice(t *testing.T) {
	defer func() {
		if advice, _ := recover().(string); !strings.Contains(advice, "nil option: leave it out") {
			t.Errorf("it panicked with %q", advice)
		}
	}()
	asynciotest.Run(t, func(context.Context) {}, nil)
}

func TestOutsideOfRun(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Rand without a session did not panic")
		}
	}()
	asynciotest.Rand(t.Context())
}
