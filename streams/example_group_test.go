package streams_test

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A server on all cores. Each connection stays on its loop, so that what the
// handler makes needs no locks.
func ExampleServeGroup() {
	err := asyncio.RunGroup(context.Background(), 0, func(ctx context.Context, g *asyncio.LoopGroup) error {
		l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.ServeGroup(ctx, g, l, func(ctx context.Context, conn net.Conn) error {
				_, err := io.WriteString(conn, "hello\n")
				return err
			})
		})
		conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		text, err := io.ReadAll(conn)
		if err != nil {
			return err
		}
		fmt.Print(string(text))
		_ = l.Close() // no more connections
		_, err = server.Await(ctx)
		return err
	})
	fmt.Println(err)
	// Output:
	// hello
	// <nil>
}
