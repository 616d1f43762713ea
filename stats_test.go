package asyncio_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestStatsFromAnotherGoroutine(t *testing.T) {
	t.Run("are those of a loop that waits", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, never := asyncio.RunningLoop(ctx), new(asyncio.Event)
			for range 10 {
				asyncio.Go(ctx, never.Wait)
			}
			return onThread(ctx, func() {
				asynctest.Eventually(t, "all are counted", func() bool {
					s := l.Stats()
					return s.Tasks == 11 && s.Created == 11 && s.Threads == 1 && s.Ready == 0
				})
			})
		})
	})
	t.Run("go on for a loop that never waits", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			var over atomic.Bool
			go func() {
				defer over.Store(true)
				first := l.Stats().Passes
				asynctest.Eventually(t, "passes are counted", func() bool { return l.Stats().Passes > first })
			}()
			for !over.Load() {
				_ = asyncio.Yield(ctx)
			}
			return nil
		})
	})
	t.Run("do not wait for a step that blocks the loop", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, seen := asyncio.RunningLoop(ctx), make(chan asyncio.LoopStats)
			go func() { seen <- l.Stats() }()
			<-seen
			return nil
		})
	})
	t.Run("are the last ones of a loop that has ended", func(t *testing.T) {
		var l *asyncio.Loop
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l = asyncio.RunningLoop(ctx)
			asyncio.Go(ctx, asynctest.SleepForever)
			return asyncio.Yield(ctx)
		})
		s := l.Stats()
		asynctest.ExpectEqual(t, "tasks created", s.Created, 2)
		asynctest.ExpectEqual(t, "tasks left", s.Tasks, 0)
		asynctest.ExpectEqual(t, "workers left", s.Workers, 0)
	})
}
