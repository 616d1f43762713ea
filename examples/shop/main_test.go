package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// TestShop lets the shop run for a moment of virtual time, and looks at it.
func TestShop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		s := asyncio.Go(ctx, open, asyncio.Name("shop"))
		_ = asyncio.Sleep(ctx, time.Millisecond)
		var b bytes.Buffer
		if err := asyncio.DumpTasks(ctx, &b); err != nil {
			t.Error(err)
		}
		for _, want := range []string{`group "mail" of 5 tasks, at most 3 at once, 2 held back`, `"worker 1" waits for`, `"settle-orders" waits for sleep`} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("the dump has no %q:\n%s", want, b.String())
			}
		}
		s.Cancel()
		if _, err := s.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Errorf("the shop ended with %v", err)
		}
	})
}
