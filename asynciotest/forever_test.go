package asynciotest_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// The longest sleep that there is brings a virtual clock to its end, and the loop goes on.
func TestTheClockMayComeToItsEnd(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for _, d := range []time.Duration{math.MaxInt64, 1, 0} {
			if err := asyncio.Sleep(ctx, d); err != nil {
				t.Error(err)
			}
		}
	})
}
