package streams_test

import (
	"context"
	"io"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// shortConnections is how many TestShortConnections makes; the environment may
// ask for more: STREAMS_SHORT_CONNECTIONS=1000000.
func shortConnections(t *testing.T) int {
	if text := os.Getenv("STREAMS_SHORT_CONNECTIONS"); text != "" {
		return must(strconv.Atoi(text))(t)
	}
	if testing.Short() {
		return 2_000
	}
	return 20_000
}

// A million connections, one after the other, leave nothing behind.
func TestShortConnections(t *testing.T) {
	const tasks = 8
	n := shortConnections(t)
	run(t, func(ctx context.Context) error {
		_ = serving(ctx, t, func(_ context.Context, conn net.Conn) error {
			var b [1]byte
			if _, err := io.ReadFull(conn, b[:]); err != nil {
				return err
			}
			_, err := conn.Write(b[:])
			return err
		}, func(ctx context.Context, address string) {
			round := func(n int) {
				err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					for range tasks {
						tg.Go(func(ctx context.Context) error {
							for range n / tasks {
								if err := shortConnection(ctx, address); err != nil {
									return err
								}
							}
							return nil
						})
					}
					return nil
				})
				expectError(t, "the connections", err, nil)
			}
			round(n / 10)
			heap, descriptors, stats := heapInUse(), openDescriptors(t), asyncio.RunningLoop(ctx).Stats()
			round(n)
			grown := int64(heapInUse() - heap)
			now := asyncio.RunningLoop(ctx).Stats()
			t.Logf("after %d connections the heap has grown by %d bytes", n, grown)
			if grown > 512<<10 {
				t.Errorf("the heap has grown by %d bytes", grown)
			}
			if d := openDescriptors(t) - descriptors; d > tasks {
				t.Errorf("%d descriptors are left", d)
			}
			if now.Tasks > stats.Tasks+tasks || now.Workers > stats.Workers+2*tasks || now.Timers > stats.Timers || now.Descriptors > stats.Descriptors+tasks {
				t.Errorf("the loop has grown from %+v to %+v", stats, now)
			}
		})
		return nil
	}, ignoreResets(t))
}

func shortConnection(ctx context.Context, address string) error {
	conn, err := streams.Dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetLinger(0) // the port is free again at once
	b := []byte("x")
	if _, err := conn.Write(b); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, b)
	return err
}
