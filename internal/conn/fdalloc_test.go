//go:build (linux || darwin || dragonfly || freebsd || netbsd || openbsd) && !race && !invariants

package conn_test

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
)

func TestFDEchoesWithoutAllocating(t *testing.T) {
	onPair(t, func(ctx context.Context, t *testing.T, a, b *conn.FD) {
		echo := asyncio.Go(ctx, func(ctx context.Context) error {
			buf := make([]byte, 8)
			for {
				n, err := b.Read(ctx, buf)
				if err != nil {
					return err
				}
				if _, err := b.Write(ctx, buf[:n]); err != nil {
					return err
				}
			}
		})
		text, buf := []byte("text"), make([]byte, 8)
		trip := func() {
			if _, err := a.Write(ctx, text); err != nil {
				t.Error(err)
			}
			if _, err := a.Read(ctx, buf); err != nil {
				t.Error(err)
			}
		}
		trip()
		if n := testing.AllocsPerRun(100, trip); n >= 1 {
			t.Errorf("a trip there and back made %v allocations", n)
		}
		echo.Cancel()
		_, _ = echo.Await(ctx)
	})
}
