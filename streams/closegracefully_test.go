package streams_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func TestCloseGracefully(t *testing.T) {
	t.Run("lets the peer get everything, though its own bytes are not read", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			const long = 8 << 20
			send(t, client, "never read")
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				if _, err := server.Write(make([]byte, long)); err != nil {
					return err
				}
				return server.CloseGracefully(ctx)
			})
			n, err := io.CopyN(io.Discard, client, long/2)
			if n != long/2 || err != nil {
				t.Fatalf("the peer got %d bytes, %v", n, err)
			}
			send(t, client, "never read, either")
			n, err = io.Copy(io.Discard, client)
			if n != long-long/2 || err != nil {
				t.Errorf("the peer got %d bytes more, %v", n, err)
			}
			if task.Done() {
				t.Error("it did not wait until the peer has closed its side")
			}
			_ = client.Close()
			expectError(t, "CloseGracefully", second(task.Await(ctx)), nil)
			expectError(t, "Close", server.Close(), net.ErrClosed)
		})
	})
	t.Run("closes when its context is canceled", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			err := underCanceled(ctx, server.CloseGracefully)
			expectError(t, "CloseGracefully", err, asyncio.ErrCanceled)
			expectError(t, "Close", server.Close(), net.ErrClosed)
			_, err = client.Read(make([]byte, 1))
			expectError(t, "the peer's Read", err, io.EOF)
		})
	})
	t.Run("closes what has failed, and what is closed already says so", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			_, _ = client.SetLinger(0), client.Close()
			err := server.CloseGracefully(ctx)
			if err != nil && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.ENOTCONN) { // systems differ
				t.Errorf("CloseGracefully returned %v", err)
			}
			expectError(t, "again, CloseGracefully", server.CloseGracefully(ctx), net.ErrClosed)
		})
	})
	t.Run("says goodbye in TLS", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			serverConfig, clientConfig := certificates(t)
			secure := asyncio.CreateTask(ctx, func(ctx context.Context) (*tls.Conn, error) {
				return streams.StartTLS(ctx, client, clientConfig, streams.Client)
			})
			adopted := must(streams.Adopt(ctx, must(streams.StartTLS(ctx, server, serverConfig, streams.Server))(t)))(t)
			peer := must(secure.Await(ctx))(t)
			send(t, peer, "never read")
			task := asyncio.Go(ctx, func(ctx context.Context) error {
				if _, err := adopted.Write([]byte("answer")); err != nil {
					return err
				}
				return adopted.CloseGracefully(ctx)
			})
			answer, err := io.ReadAll(peer) // it would not be io.EOF without a goodbye
			expect(t, answer, err, "answer", nil)
			if task.Done() {
				t.Error("it did not wait for the goodbye of the peer")
			}
			_ = peer.Close()
			expectError(t, "CloseGracefully", second(task.Await(ctx)), nil)
		})
	})
	t.Run("without a context gives advice", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, _ *streams.Conn) {
			expectPanic(t, "streams: Conn.CloseGracefully(nil): pass the context on which it is to wait for the peer", func() {
				var none context.Context
				_ = client.CloseGracefully(none)
			})
		})
	})
}
