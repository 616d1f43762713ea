//go:build !race && !invariants

package asyncio_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// What a call takes besides its goroutine: the job, and what the go statement makes
// of it.
func TestToThreadAllocatesLittle(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("to know the current goroutine takes memory here")
	}
	asynctest.MustEnd(t, func(ctx context.Context) error {
		nothing := func(context.Context) (int, error) { return 1, nil }
		if n := testing.AllocsPerRun(1000, func() { _, _ = asyncio.ToThread(ctx, nothing) }); n > 2 {
			t.Errorf("%v allocations", n)
		}
		return nil
	})
}

func TestCallSoonThreadsafeAllocatesNothingOfItsOwn(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("to know the current goroutine takes memory here")
	}
	asynctest.MustEnd(t, func(ctx context.Context) error {
		l := asyncio.RunningLoop(ctx)
		return onThread(ctx, func() {
			called := make(chan bool, 1)
			call := func() { called <- true }
			if n := testing.AllocsPerRun(1000, func() {
				_ = l.CallSoonThreadsafe(call)
				<-called
			}); n >= 1 { // callbacks are made in batches
				t.Errorf("%v allocations", n)
			}
		})
	})
}
