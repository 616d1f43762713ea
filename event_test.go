package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
)

func TestEvent(t *testing.T) {
	t.Run("wakes all who wait, in the order in which they came, in the next pass", func(t *testing.T) {
		inOrder(t, func(ctx context.Context) {
			var d logbook
			var event asyncio.Event
			l := asyncio.RunningLoop(ctx)
			var set uint64
			for i := range 3 {
				asyncio.Go(ctx, func(ctx context.Context) error {
					err := event.Wait(ctx)
					d.add("%d after %d: %v", i, l.Stats().Passes-set, err)
					return err
				})
			}
			settle(ctx)
			set = l.Stats().Passes
			event.Set()
			settle(ctx)
			d.expect(t, "0 after 1: <nil>", "1 after 1: <nil>", "2 after 1: <nil>")
		})
	})

	t.Run("wakes them though Clear follows at once", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			task := asyncio.Go(ctx, event.Wait)
			settle(ctx)
			event.Set()
			event.Clear()
			expectEqual(t, "set", event.IsSet(), false)
			_, err := task.Await(ctx)
			expectNil(t, err)
		})
	})

	t.Run("does not suspend who comes when it is set", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			expectEqual(t, "set", event.IsSet(), false)
			event.Set()
			event.Set()
			expectEqual(t, "set", event.IsSet(), true)
			expectEqual(t, "passes", passes(ctx, func() { expectNil(t, event.Wait(ctx)) }), 0)
		})
	})

	t.Run("forgets who was canceled", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			canceled, waits := asyncio.Go(ctx, event.Wait), asyncio.Go(ctx, event.Wait)
			settle(ctx)
			canceled.Cancel()
			event.Set()
			settle(ctx)
			expectEqual(t, "canceled", canceled.Canceled(), true)
			expectNil(t, waits.Err())
		})
	})

	t.Run("who has been woken is not canceled any more", func(t *testing.T) {
		onLoop(t, func(ctx context.Context) {
			var event asyncio.Event
			task := asyncio.Go(ctx, event.Wait)
			settle(ctx)
			event.Set()
			task.Cancel()
			_, err := task.Await(ctx)
			expectNil(t, err)
		})
	})

	t.Run("outside a loop returns ErrNoRunningLoop", func(t *testing.T) {
		var event asyncio.Event
		event.Set()
		expectIs(t, event.Wait(t.Context()), asyncio.ErrNoRunningLoop)
	})
}
