package virtual_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// What is outside may be counted a little longer than it takes the loop to deal with its
// end. Then the clock goes on as soon as it is not, and does not wait for the patience.
func TestClockGoesOnWhenNothingIsOutside(t *testing.T) {
	const patience = 30 * time.Second
	w := &virtual.World{Patience: patience}
	began := time.Now()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w.Outside(1)
		time.AfterFunc(10*time.Millisecond, func() { w.Outside(-1) })
		return asyncio.Sleep(ctx, time.Hour)
	}, w.Option())
	if took := time.Since(began); err != nil || took >= patience || w.Now() != time.Hour {
		t.Errorf("%v; after %v, the clock showed %v", err, took, w.Now())
	}
}
