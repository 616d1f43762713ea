package asynciotest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// A deadline of package context goes by the real clock, which stands still while the
// loop's moves. A wait ends at it in the loop's time all the same.
func TestDeadlinesOfPackageContextAreInVirtualTime(t *testing.T) {
	const minute = time.Minute
	sleepAnHour := func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }
	for name, c := range map[string]struct {
		fn   func(ctx context.Context) error
		want time.Duration
	}{
		"a sleep": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			return sleepAnHour(ctx)
		}, minute},
		"a sleep after an hour": {func(ctx context.Context) error {
			_ = sleepAnHour(ctx)
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			return sleepAnHour(ctx)
		}, time.Hour + minute},
		"a sleep on a context that was made before time passed": {func(ctx context.Context) error {
			c, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			_ = asyncio.Sleep(ctx, minute/2)
			return sleepAnHour(c)
		}, minute},
		"a sleep whose deadline has passed": {func(ctx context.Context) error {
			c, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			_ = sleepAnHour(ctx)
			return sleepAnHour(c)
		}, time.Hour},
		"every wait after the first": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			first := sleepAnHour(ctx)
			var e asyncio.Event
			return errors.Join(first, e.Wait(ctx), asyncio.Yield(ctx))
		}, minute},
		"a wait after others that were shorter": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			for range 4 {
				if err := asyncio.Sleep(ctx, minute/8); err != nil {
					return errors.New("too early")
				}
			}
			return sleepAnHour(ctx)
		}, minute},
		"a context derived from it": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			ctx, cancel = context.WithCancel(context.WithValue(ctx, key{}, 1))
			defer cancel()
			return sleepAnHour(ctx)
		}, minute},
		"the earlier of two": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			ctx, cancel = context.WithTimeout(ctx, time.Second)
			defer cancel()
			return sleepAnHour(ctx)
		}, time.Second},
		"one made without cancellation": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), minute)
			defer cancel()
			return sleepAnHour(ctx)
		}, minute},
		"a timeout of ours in it": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			return asyncio.WithTimeout(ctx, time.Hour, sleepAnHour)
		}, minute},
		"a group in it": {func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(sleepAnHour)
				return nil
			})
		}, minute},
		"a task that is awaited": {func(ctx context.Context) error {
			task := asyncio.Go(ctx, sleepAnHour)
			ctx, cancel := context.WithTimeout(ctx, minute)
			defer cancel()
			_, err := task.Await(ctx)
			return err
		}, minute},
	} {
		t.Run(name, func(t *testing.T) {
			mustPassWhereSure(t, func(f *fakeTB) {
				asynciotest.Run(f, func(ctx context.Context) {
					begin := asyncio.RunningLoop(ctx).Now()
					err := c.fn(ctx)
					if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, asyncio.ErrCanceled) {
						f.Errorf("the error is %v", err)
					}
					switch took := asyncio.RunningLoop(ctx).Now().Sub(begin); {
					case c.want-time.Second < took && took < c.want:
						f.Errorf("it took %v: %s", took, byChance)
					case took != c.want:
						f.Errorf("it took %v, want %v", took, c.want)
					}
				})
			})
		})
	}
}

// byChance is said where the machine was at something else for a whole number of
// milliseconds, so that Run took the rest of the time for all of it.
const byChance = "by chance, it could have been all of the time"

// mustPassWhereSure expects that the test does not fail. Where the machine was at something
// else while package context made a deadline, Run cannot know when in virtual time that
// is, and says so: then the test runs again.
func mustPassWhereSure(t *testing.T, test func(f *fakeTB)) {
	t.Helper()
	for range 100 {
		f := on(t, test)
		if !f.failed {
			return
		}
		if !strings.Contains(f.output(), "it is not known when in virtual time") && !strings.Contains(f.output(), byChance) {
			t.Fatalf("it failed:\n%s", f.output())
		}
	}
	t.Error("it is never known when the deadline is")
}

type key struct{}

func TestDeadlinesThatAreNotReachedInVirtualTime(t *testing.T) {
	for name, fn := range map[string]func(ctx context.Context) error{
		"a sleep that is shorter": func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			return asyncio.Sleep(ctx, time.Second)
		},
		"a deadline of ours that is moved": func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
				derived, cancel := context.WithCancel(ctx)
				defer cancel()
				asyncio.TimeoutOf(ctx).Reschedule(asyncio.RunningLoop(ctx).Now().Add(2 * time.Hour))
				return asyncio.Sleep(derived, time.Hour)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				if err := fn(ctx); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Of this context no one can say when it was made.
func TestDeadlineThatIsNotKnownInVirtualTime(t *testing.T) {
	const odd = time.Minute + 500*time.Microsecond
	mustFail(t, func(f *fakeTB) {
		asynciotest.Run(f, func(ctx context.Context) {
			c, cancel := context.WithTimeout(ctx, odd)
			defer cancel()
			_ = asyncio.Sleep(ctx, time.Second)
			_ = asyncio.Sleep(c, time.Hour)
		})
	}, "not known", "use asyncio.WithTimeout")
}

// A pass looks at some of the contexts; but the clock does not move before the loop
// has looked at all.
func TestManyContextsOfPackageContextEndBeforeTimePasses(t *testing.T) {
	const many = 500
	asynciotest.Run(t, func(ctx context.Context) {
		begin := asyncio.RunningLoop(ctx).Now()
		var cancels []context.CancelFunc
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range many {
				c, cancel := context.WithCancel(ctx)
				cancels = append(cancels, cancel)
				tg.Go(func(ctx context.Context) error {
					if err := asyncio.Sleep(c, time.Hour); !errors.Is(err, context.Canceled) {
						t.Errorf("the error is %v", err)
					}
					if now := asyncio.RunningLoop(ctx).Now(); now != begin {
						t.Errorf("%v have passed", now.Sub(begin))
					}
					return nil
				})
			}
			_ = asynciotest.WaitAllBlocked(ctx)
			for i := range cancels {
				cancels[(i*37)%many]()
				_ = asyncio.Yield(ctx)
			}
			return nil
		})
	})
}
