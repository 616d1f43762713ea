package asyncio_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

func TestNow(t *testing.T) {
	near := func(ctx context.Context) {
		t.Helper()
		before := time.Now()
		if now := asyncio.Now(ctx); now.Before(before) || now.After(time.Now()) {
			t.Errorf("it is %v, not %v", now, before)
		}
	}
	near(t.Context())
	_ = asyncio.Run(t.Context(), func(ctx context.Context) error {
		near(ctx)
		return nil
	})
}

// On a clock of its own, the loop's time is what a program sees.
func ExampleNow() {
	_ = asyncio.Run(context.Background(), func(ctx context.Context) error {
		fmt.Println(asyncio.Now(ctx).Format(time.DateTime))
		err := asyncio.Sleep(ctx, 36*time.Hour)
		fmt.Println(asyncio.Now(ctx).Format(time.DateTime))
		return err
	}, virtual.Time())
	// Output:
	// 2000-01-01 00:00:00
	// 2000-01-02 12:00:00
}
