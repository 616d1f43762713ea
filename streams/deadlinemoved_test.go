package streams_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A deadline that falls due is moved by what is called before it in the same
// pass: it does not expire.
func TestDeadlineMovedWhenItFallsDue(t *testing.T) {
	for name, newTimed := range timedOnes {
		for moved, to := range map[string]time.Duration{"ahead": time.Hour, "away": 0} {
			t.Run(name+", "+moved, func(t *testing.T) {
				everyWay(t, func(t *testing.T) {
					run(t, func(ctx context.Context) error {
						c, other := newTimed(ctx, t)
						defer other.Close()
						defer c.Close()
						loop := asyncio.RunningLoop(ctx)
						loop.CallLater(time.Second, func() {
							when := never
							if to > 0 {
								when = loop.Now().Add(to)
							}
							expectError(t, "moving it", c.SetDeadline(when), nil)
						})
						expectError(t, "SetDeadline", c.SetDeadline(loop.Now().Add(time.Second)), nil)
						err := asyncio.WithTimeout(ctx, time.Minute, func(context.Context) error { return c.wait() })
						expectError(t, "waiting", err, asyncio.ErrTimeout)
						return nil
					}, virtual.Time())
				})
			})
		}
	}
}
