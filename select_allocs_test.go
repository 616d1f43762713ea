//go:build !race && !invariants

package asyncio_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A Select that waits costs no allocation either: it waits in what its worker has. (The check of the
// invariants allocates in each pass.)
func TestSelectThatWaitsCostsNoAllocation(t *testing.T) {
	asynctest.InOrder(t, func(ctx context.Context) {
		if runtime.GOARCH == "wasm" {
			return
		}
		var ping, pong asyncio.Queue[int]
		var stop asyncio.Event
		echo := asyncio.Go(ctx, func(ctx context.Context) error {
			var item int
			for {
				if chosen, err := asyncio.Select(ctx, stop.OnSet(), asyncio.After(time.Hour), ping.OnGet(&item)); chosen != 2 {
					return err
				}
				_ = pong.TryPut(item)
			}
		})
		var item int
		allocations := testing.AllocsPerRun(100, func() {
			_ = ping.TryPut(1)
			chosen, err := asyncio.Select(ctx, stop.OnSet(), pong.OnGet(&item))
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "chosen", chosen, 1)
		})
		asynctest.ExpectEqual(t, "allocations", allocations, 0)
		stop.Set()
		_, err := echo.Await(ctx)
		asynctest.ExpectNil(t, err)
	})
}
