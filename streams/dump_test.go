//go:build unix

package streams_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// TestDumpTasksNamesAddresses dumps a server whose tasks wait for connections and for
// their data.
func TestDumpTasksNamesAddresses(t *testing.T) {
	t.Parallel()
	err := asynctest.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		serving := make(chan struct{})
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
				close(serving)
				_, err := conn.Read(make([]byte, 1))
				return err
			})
		})
		c, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		if _, _, err := asyncio.Receive(ctx, serving); err != nil {
			return err
		}
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		var b bytes.Buffer
		if err := asyncio.DumpTasks(ctx, &b); err != nil {
			return err
		}
		for _, want := range []string{"waits for accept " + l.Addr().String(), "waits for read " + c.LocalAddr().String()} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("the dump has no %q:\n%s", want, b.String())
			}
		}
		server.Cancel()
		err = c.Close() // else the server waits for the handler for its grace period
		_, _ = asyncio.Shield(ctx, server)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
