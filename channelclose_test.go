//go:build !race

package asyncio_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// To close a channel on which someone sends is a race, says the race detector.
func TestSendOnAChannelThatIsClosedMeanwhilePanicsInTheTask(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		ch := make(chan int)
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer close(ch)
			return asyncio.Yield(ctx)
		})
		expectSendPanics(t, func() { _ = asyncio.Send(ctx, ch, 7) })
	})
}

func TestSelectOfAChannelThatIsClosedMeanwhilePanicsInTheTask(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		ch := make(chan int)
		asyncio.Go(ctx, func(ctx context.Context) error {
			defer close(ch)
			return asyncio.Yield(ctx)
		})
		expectSendPanics(t, func() { _, _ = asyncio.Select(ctx, new(asyncio.Event).OnSet(), asyncio.OnSend(ch, 7)) })
	})
}
