package remote_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/remote"
)

// On a virtual clock, jobs are real: the clock stands while one is pending.
func TestVirtualClock(t *testing.T) {
	s := startServer(t, t.TempDir())
	slow := remote.Define("slow", func(_ context.Context, n int) (int, error) {
		time.Sleep(50 * time.Millisecond)
		return 2 * n, nil
	})
	worker(t, connect(t, s.URL()), []remote.Registered{slow})
	nc := connect(t, s.URL())
	asynciotest.Run(t, func(ctx context.Context) {
		x := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc))
		defer x.Close()
		err := asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
			v, err := must[*remote.Job[int]](t)(slow.Submit(ctx, x, 1)).Await(ctx)
			if err == nil && v != 2 {
				t.Error(v)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
