//go:build linux

package servers

import (
	"context"
	"crypto/tls"
	"net"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// serveStreams is ours with streams: a task for each connection, which does
// what the goroutine of serveNet does.
func serveStreams(o Options, config *tls.Config, ready func(net.Addr)) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", Address)
		if err != nil {
			return err
		}
		ready(l.Addr())
		return streams.Serve(ctx, l, func(_ context.Context, conn net.Conn) error {
			if config != nil {
				conn = tls.Server(conn, config)
			}
			echo(conn, o.Buffer)
			return nil
		})
	})
}
