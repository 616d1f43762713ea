package streams_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// withServer runs a handler for each connection to an address that the test
// dials.
func withServer(t *testing.T, handler func(ctx context.Context, conn net.Conn) error, test func(ctx context.Context, t *testing.T, address string)) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			server := asyncio.Go(ctx, func(ctx context.Context) error { return streams.Serve(ctx, l, handler) })
			test(ctx, t, "127.0.0.1:"+portOf(t, l.Addr())) // which is in the certificate
			_ = l.Close()
			_, err := server.Await(ctx)
			return err
		})
	})
}

func TestDialTLS(t *testing.T) {
	serverConfig, clientConfig := certificates(t)
	clientConfig.ServerName = "" // the host that is dialed
	speakTLS := func(ctx context.Context, conn net.Conn) error {
		secure, err := streams.StartTLS(ctx, conn, serverConfig, streams.Server)
		if err != nil {
			return err
		}
		_, err = io.Copy(secure, secure)
		return err
	}
	echo := func(ctx context.Context, t *testing.T, address string) {
		conn := must(streams.DialTLS(ctx, "tcp", address, clientConfig))(t)
		send(t, conn, "hello")
		recv(t, conn, "hello")
		expectError(t, "Close", conn.Close(), nil)
	}
	t.Run("speaks to a server whose certificate names the host", func(t *testing.T) {
		withServer(t, speakTLS, echo)
	})
	t.Run("waits for a server that is slow to answer", func(t *testing.T) {
		withServer(t, func(ctx context.Context, conn net.Conn) error {
			if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil {
				return err
			}
			return speakTLS(ctx, conn)
		}, echo)
	})
	t.Run("gives up when the handshake takes too long", func(t *testing.T) {
		withServer(t, untilEOF, func(ctx context.Context, t *testing.T, address string) {
			_, err := streams.DialTLS(ctx, "tcp", address, clientConfig, streams.HandshakeTimeout(time.Millisecond))
			expectError(t, "DialTLS", err, asyncio.ErrTimeout)
		})
	})
	t.Run("fails when the server hangs up", func(t *testing.T) {
		withServer(t, func(context.Context, net.Conn) error { return nil }, func(ctx context.Context, t *testing.T, address string) {
			if conn, err := streams.DialTLS(ctx, "tcp", address, clientConfig); err == nil {
				t.Errorf("it returned %v", conn.RemoteAddr())
			}
		})
	})
	t.Run("fails when the server speaks something else", func(t *testing.T) {
		plain := func(ctx context.Context, conn net.Conn) error {
			if _, err := io.WriteString(conn, "220 ready when you are\r\n"); err != nil {
				return err
			}
			return untilEOF(ctx, conn)
		}
		withServer(t, plain, func(ctx context.Context, t *testing.T, address string) {
			_, err := streams.DialTLS(ctx, "tcp", address, clientConfig)
			if _, ok := errors.AsType[tls.RecordHeaderError](err); !ok {
				t.Errorf("it returned %v", err)
			}
		})
	})
}

// untilEOF hears what a client says, and says nothing.
func untilEOF(_ context.Context, conn net.Conn) error {
	_, _ = io.Copy(io.Discard, conn) // which may be reset
	return nil
}
