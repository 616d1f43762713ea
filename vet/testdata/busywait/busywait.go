package busywait

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
)

type state struct {
	ready bool
	items []int
	done  atomic.Bool
}

func bad(ctx context.Context, s *state) error {
	for !s.ready {
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil { // want `^a loop with asyncio.Sleep waits until !s.ready has changed, and runs all the time: wait for an Event, a Condition or a Watch that is set where it changes \(asyncio-busy-wait\)$`
			return err
		}
	}
	for len(s.items) == 0 {
		_ = asyncio.Yield(ctx) // want `asyncio-busy-wait`
	}
	for !s.done.Load() {
		if asyncio.Sleep(ctx, 10*time.Millisecond) != nil { // want `asyncio-busy-wait`
			break
		}
	}
	for {
		if s.ready {
			break
		}
		if err := asyncio.Yield(ctx); err != nil { // want `waits until s.ready has changed`
			return err
		}
	}
	return nil
}

func good(ctx context.Context, s *state, d time.Duration, poll func() bool) error {
	for !s.ready { // it is patient
		if err := asyncio.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	for !s.ready {
		if err := asyncio.Sleep(ctx, d); err != nil {
			return err
		}
	}
	for !poll() { // it does something
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
	n := 0
	for n < 100 { // it computes, and lets others have their turn
		n++
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
	for i := 0; i < 3; i++ {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
	for {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
}
