package streams_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A server that refuses a request before it has read all of it. After a plain
// Close, the client could find its connection reset in place of the answer.
func ExampleConn_CloseGracefully() {
	refuse := func(ctx context.Context, conn net.Conn) error {
		if _, err := io.WriteString(conn, "too long\n"); err != nil {
			return err
		}
		return asyncio.WithTimeout(ctx, 5*time.Second, conn.(*streams.Conn).CloseGracefully)
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return streams.Serve(ctx, l, refuse) })
		defer server.Cancel()

		conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.Write(make([]byte, 1<<20)); err != nil {
			return err
		}
		answer, err := io.ReadAll(conn)
		fmt.Printf("%s", answer)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: too long
}
