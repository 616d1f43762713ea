package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

func TestEvent(t *testing.T) {
	t.Run("wakes all who wait, in the order in which they came, in the next pass", func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			var d asynctest.Logbook
			var event asyncio.Event
			l := asyncio.RunningLoop(ctx)
			var set uint64
			for i := range 3 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					err := event.Wait(ctx)
					d.Add("%d after %d: %v", i, l.Stats().Passes-set, err)
					return err
				})
			}
			asynctest.Settle(ctx)
			set = l.Stats().Passes
			event.Set()
			asynctest.Settle(ctx)
			d.Expect(t, "0 after 1: <nil>", "1 after 1: <nil>", "2 after 1: <nil>")
		})
	})

	t.Run("wakes them though Clear follows at once", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			task := asyncio.Go(ctx, event.Wait)
			asynctest.Settle(ctx)
			event.Set()
			event.Clear()
			asynctest.ExpectEqual(t, "set", event.IsSet(), false)
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("does not suspend who comes when it is set", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			asynctest.ExpectEqual(t, "set", event.IsSet(), false)
			event.Set()
			event.Set()
			asynctest.ExpectEqual(t, "set", event.IsSet(), true)
			asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() { asynctest.ExpectNil(t, event.Wait(ctx)) }), 0)
		})
	})

	t.Run("forgets who was canceled", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			canceled, waits := asyncio.Go(ctx, event.Wait), asyncio.Go(ctx, event.Wait)
			asynctest.Settle(ctx)
			canceled.Cancel()
			event.Set()
			asynctest.Settle(ctx)
			asynctest.ExpectEqual(t, "canceled", canceled.Canceled(), true)
			asynctest.ExpectNil(t, waits.Err())
		})
	})

	t.Run("who has been woken is not canceled any more", func(t *testing.T) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			task := asyncio.Go(ctx, event.Wait)
			asynctest.Settle(ctx)
			event.Set()
			task.Cancel()
			_, err := task.Await(ctx)
			asynctest.ExpectNil(t, err)
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop", func(t *testing.T) {
		var event asyncio.Event
		event.Set()
		asynctest.ExpectIs(t, event.Wait(t.Context()), asyncio.ErrNoRunningLoop)
	})
}
