package asyncio_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestRunInABubble(t *testing.T) {
	asynctest.SkipInOtherWorlds(t) // the bubble's time is not the loop's there
	inBubble := func(t *testing.T, wantTime time.Duration, main mainFunc, opts ...asyncio.Option) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			asynctest.EndWell(t, main, opts...)
			if took := time.Since(start); took != wantTime {
				t.Errorf("it took %v of the bubble's time, want %v", took, wantTime)
			}
		})
	}
	t.Run("sleeps take no time", func(t *testing.T) {
		inBubble(t, 2*time.Hour, func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, asynctest.Later(time.Hour, 1), asynctest.Later(2*time.Hour, 2))
			return err
		})
	})
	t.Run("nor do threads, and other goroutines of the bubble", func(t *testing.T) {
		inBubble(t, time.Hour+time.Minute, func(ctx context.Context) error {
			if _, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				time.Sleep(time.Hour)
				return 1, nil
			}); err != nil {
				return err
			}
			l, f := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			go func() {
				time.Sleep(time.Minute)
				_ = l.CallSoonThreadsafe(func() { _ = f.SetResult(1) })
			}()
			_, err := f.Await(ctx)
			return err
		})
	})
	t.Run("nor do timeouts, be they ours or the standard library's", func(t *testing.T) {
		inBubble(t, 2*time.Hour, func(ctx context.Context) error {
			asynctest.ExpectTimeout(t, asyncio.WithTimeout(ctx, time.Hour, asynctest.SleepForever))
			std, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			asynctest.ExpectIs(t, asynctest.SleepForever(std), context.DeadlineExceeded)
			return nil
		})
	})
	t.Run("the watchdog sees no stall there", func(t *testing.T) {
		inBubble(t, time.Hour, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Debug(true))
	})
}

// It is a fact of the runtime's own, which insideBubble reads; see also TestRunInABubble.
func TestTheHeaderOfAStackTellsOfABubble(t *testing.T) {
	header := func() string {
		buf := make([]byte, 128)
		line, _, _ := strings.Cut(string(buf[:runtime.Stack(buf, false)]), "\n")
		return line
	}
	const mark = "synctest bubble"
	if strings.Contains(header(), mark) {
		t.Errorf("outside of a bubble it is %q", header())
	}
	synctest.Test(t, func(t *testing.T) {
		if !strings.Contains(header(), mark) {
			t.Errorf("in a bubble it is %q: a loop there does not know that it is in one, and its clock stands still", header())
		}
	})
}
