package asyncio_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

type debugKey struct{}

// suspicionsOf returns what debug mode reports of a program.
func suspicionsOf(t *testing.T, main mainFunc) (messages []string) {
	t.Helper()
	var heard asynctest.Reports
	if err := asynctest.Run(t.Context(), main, asynctest.VirtualTime(), asyncio.Debug(true), heard.Option()); err != nil {
		t.Errorf("Run returned %v", err)
	}
	for _, c := range heard.List() {
		messages = append(messages, c.Message)
		if len(c.Stack) == 0 || c.Task.Name == "" {
			t.Errorf("the report is %+v", c)
		}
	}
	return messages
}

func expectSuspicions(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("reported is %q", got)
		return
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) || !strings.Contains(got[i], "debug_test.go:") && !strings.Contains(got[i], "in a row") {
			t.Errorf("reported is %q, want %q", got[i], want[i])
		}
	}
}

func TestDebugFindsOuterContexts(t *testing.T) {
	const words = "with a context from outside of the timeout or the group"
	t.Run("in a timeout, once for each place", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(ctx context.Context) error {
			for range 3 {
				_ = asyncio.WithTimeout(ctx, time.Second, func(context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			}
			return nil
		}), words)
	})
	t.Run("in the body of a group", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(context.Context, *asyncio.TaskGroup) error { return asyncio.Sleep(ctx, time.Hour) })
		}), words)
	})
	t.Run("on which a group is opened", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(outer context.Context) error {
			return asyncio.WithTimeout(outer, time.Second, func(context.Context) error {
				return asyncio.WithTaskGroup(outer, func(ctx context.Context, _ *asyncio.TaskGroup) error { return asyncio.Sleep(ctx, time.Minute) })
			})
		}), "calls WithTaskGroup")
	})
	t.Run("that are of another task", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(outer context.Context) error {
			_, err := asyncio.Go(outer, func(ctx context.Context) error {
				return asyncio.WithTimeout(ctx, time.Second, func(context.Context) error { return asyncio.Sleep(outer, time.Minute) }) //asyncio:ok outer-context that this is reported is what is tested
			}).Await(outer)
			return err
		}), words)
	})
	t.Run("and says nothing where a task cleans up", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(outer context.Context) error {
			return asyncio.WithTimeout(outer, time.Second, func(ctx context.Context) error {
				asynctest.ExpectCanceled(t, asynctest.SleepForever(ctx))
				return asyncio.WithTimeout(outer, time.Second, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Millisecond) }) //asyncio:ok outer-context that this is reported is what is tested
			})
		}))
	})
	t.Run("and says nothing of the context of a child", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				var child context.Context
				tg.Go(func(ctx context.Context) error {
					child = ctx
					return asyncio.Sleep(ctx, time.Minute)
				})
				_ = asyncio.Sleep(ctx, time.Millisecond) // in every order, the child has begun
				return asyncio.Sleep(child, time.Second)
			})
		}))
	})
	t.Run("and says nothing where a context is right", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(outer context.Context) error {
			err := asyncio.WithTimeout(outer, time.Hour, func(ctx context.Context) error {
				_ = asyncio.Sleep(context.WithoutCancel(outer), time.Second)
				_ = asyncio.Sleep(context.WithValue(ctx, debugKey{}, 1), time.Second)
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) })
					_, err := asyncio.WaitFor(ctx, asynctest.Later(time.Second, 1), time.Minute)
					return err
				})
			})
			_ = asyncio.Sleep(outer, time.Second)
			return err
		}))
	})
}

func TestDebugFindsACanceledTaskThatSpins(t *testing.T) {
	spins := func(wait mainFunc) mainFunc {
		return func(ctx context.Context) error {
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				for range 1000 {
					_ = wait(ctx) // and it tries again
				}
				return nil
			}, asyncio.Name("retrier"), asyncio.Eager())
			_ = asyncio.Yield(ctx)
			task.Cancel()
			_, err := task.Await(ctx)
			return err
		}
	}
	t.Run("in waits", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, spins(asynctest.SleepForever)), "task retrier was canceled and goes on")
	})
	t.Run("in yields", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, spins(asyncio.Yield)), "task retrier was canceled and goes on")
	})
	t.Run("in both in turns", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, spins(func(ctx context.Context) error {
			_ = asyncio.Yield(ctx)
			return asyncio.Sleep(ctx, time.Second)
		})), "task retrier was canceled and goes on")
	})
	t.Run("but not one that yields now and then", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, spins(func(ctx context.Context) error {
			_ = asyncio.Sleep(ctx, time.Second)
			return asyncio.WithTimeout(context.WithoutCancel(ctx), time.Minute, asyncio.Yield)
		})))
	})
	t.Run("but not one that cleans up", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, spins(func(ctx context.Context) error {
			_ = asyncio.Sleep(ctx, time.Second)
			return asyncio.Sleep(context.WithoutCancel(ctx), time.Second)
		})))
	})
	t.Run("nor one that lets others run while it does", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, spins(func(ctx context.Context) error {
			ctx = context.WithoutCancel(ctx)
			_ = asyncio.Yield(ctx)
			return asyncio.WithTimeout(ctx, time.Minute, asyncio.Yield)
		})))
	})
	t.Run("nor one that has not been canceled", func(t *testing.T) {
		expectSuspicions(t, suspicionsOf(t, func(ctx context.Context) error {
			_ = asyncio.WithTimeout(ctx, time.Second, asynctest.SleepForever)
			letPass(ctx, 1000)
			return nil
		}))
	})
}
