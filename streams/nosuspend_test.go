package streams_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// Nothing here has to wait: there is something to read, and room to write.
func TestIOInNoSuspendPanics(t *testing.T) {
	buffers := net.Buffers{[]byte("c")}
	for name, use := range map[string]func(conn *streams.Conn) error{
		"Read":         func(conn *streams.Conn) error { _, err := conn.Read(make([]byte, 1)); return err },
		"Write":        func(conn *streams.Conn) error { _, err := conn.Write([]byte("c")); return err },
		"WriteBuffers": func(conn *streams.Conn) error { _, err := conn.WriteBuffers(&buffers); return err },
		"Fprintln":     func(conn *streams.Conn) error { _, err := fmt.Fprintln(conn, "c"); return err },
		"Copy":         func(conn *streams.Conn) error { _, err := io.CopyN(io.Discard, conn, 1); return err },
		"Flush": func(conn *streams.Conn) error {
			w := bufio.NewWriter(conn)
			_, _ = w.WriteString("c")
			return w.Flush()
		},
		"Read of a deadline that has passed": func(conn *streams.Conn) error {
			_ = conn.SetReadDeadline(time.Unix(1, 0))
			_, err := conn.Read(make([]byte, 1))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				_, err := server.Write([]byte("ab"))
				asynctest.ExpectNil(t, err)
				_, err = client.Read(make([]byte, 1))
				asynctest.ExpectNil(t, err)
				asynctest.ExpectPanic(t, func() {
					asyncio.NoSuspend(ctx, func() { _ = use(client) })
				})
			})
		})
	}

	t.Run("but what is no reading and writing may be called", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, _ *streams.Conn) {
			asyncio.NoSuspend(ctx, func() {
				asynctest.ExpectNil(t, client.SetDeadline(time.Now().Add(time.Hour)))
				_ = client.LocalAddr()
				asynctest.ExpectNil(t, client.CloseWrite())
				asynctest.ExpectNil(t, client.Close())
			})
		})
	})

	t.Run("and in another goroutine it is no matter", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			asynctest.ExpectNil(t, asyncio.ToThreadFunc(ctx, func(ctx context.Context) (err error) {
				asyncio.NoSuspend(ctx, func() { _, err = client.Write([]byte("a")) })
				return err
			}))
			_, err := server.Read(make([]byte, 1))
			asynctest.ExpectNil(t, err)
		})
	})
}
