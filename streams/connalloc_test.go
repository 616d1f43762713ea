//go:build !race && !invariants

package streams_test

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/streams"
)

// Reading, writing and setting a deadline are done for every request.
func TestConnAllocatesNothing(t *testing.T) {
	needSockets(t)
	run(t, func(ctx context.Context) error {
		client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
		buf := make([]byte, 64)
		deadline := time.Now().Add(time.Hour)
		allocations := testing.AllocsPerRun(100, func() {
			_ = server.SetReadDeadline(deadline)
			if _, err := client.Write(buf[:10]); err != nil {
				t.Error(err)
			}
			if n, err := server.Read(buf); n != 10 || err != nil {
				t.Errorf("it read %d bytes, %v", n, err)
			}
		})
		if allocations > 0 {
			t.Errorf("%v allocations", allocations)
		}
		return nil
	})
}

func TestProtocolAllocatesNothing(t *testing.T) {
	needSockets(t)
	run(t, func(ctx context.Context) error {
		near, far := pair(ctx, t, "tcp", "127.0.0.1:0")
		defer far.Close()
		_ = must(streams.StartProtocol(ctx, near, new(mirror)))(t)
		buf := make([]byte, 64)
		allocations := testing.AllocsPerRun(100, func() {
			if _, err := far.Write(buf[:10]); err != nil {
				t.Error(err)
			}
			if n, err := far.Read(buf); n != 10 || err != nil {
				t.Errorf("it read %d bytes, %v", n, err)
			}
		})
		if allocations > 0 {
			t.Errorf("%v allocations", allocations)
		}
		return nil
	})
}
