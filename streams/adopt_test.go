package streams_test

import (
	"bytes"
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

func TestAdopt(t *testing.T) {
	for name, connect := range map[string]func(t *testing.T) (a, b net.Conn){
		"a connection of package net": func(t *testing.T) (a, b net.Conn) {
			l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
			defer l.Close()
			a = must(net.Dial("tcp", l.Addr().String()))(t)
			return a, must(l.Accept())(t)
		},
		"a net.Pipe": func(*testing.T) (a, b net.Conn) { return net.Pipe() },
	} {
		t.Run("makes "+name+" one of the loop", func(t *testing.T) {
			everyWay(t, func(t *testing.T) {
				run(t, func(ctx context.Context) error {
					plainA, plainB := connect(t)
					a, b := must(streams.Adopt(ctx, plainA))(t), must(streams.Adopt(ctx, plainB))(t)
					content := bytes.Repeat([]byte("0123456789"), 20_000)
					sending := asyncio.Go(ctx, func(context.Context) error {
						_, err := a.Write(content)
						return errors.Join(err, a.Close())
					})
					got, err := io.ReadAll(b)
					if !bytes.Equal(got, content) || err != nil {
						t.Errorf("%d bytes came, %v", len(got), err)
					}
					_, err = sending.Await(ctx)
					return errors.Join(err, b.Close())
				})
			})
		})
	}
	for name, on := range map[string]func(*streams.Conn) net.Conn{
		"on a Conn":                func(c *streams.Conn) net.Conn { return c },
		"on what does not show it": func(c *streams.Conn) net.Conn { return struct{ net.Conn }{c} },
	} {
		t.Run("lets a tls.Conn "+name+" be read while it is written, whatever the peer does", func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				_, secure := handshake(ctx, t, client, on(server))
				duplex := must(streams.Adopt(ctx, secure))(t)
				writing := asyncio.Go(ctx, func(context.Context) error {
					_, err := duplex.Write(make([]byte, 64<<20)) // the client does not read
					return err
				})
				_ = asyncio.Sleep(ctx, 50*time.Millisecond)
				send(t, client, "this is no record of TLS")
				// It answers with an alert, which waits for the Write; the loop does not.
				err := asyncio.WithTimeout(ctx, 50*time.Millisecond, func(context.Context, *asyncio.Timeout) error {
					_, err := duplex.Read(make([]byte, 1))
					return err
				})
				if err == nil {
					t.Error("it read something")
				}
				_ = duplex.Close()
				if _, err = writing.Await(ctx); err == nil {
					t.Error("it wrote everything")
				}
				_ = client.Close()
			})
		})
		t.Run("says goodbye for a tls.Conn "+name, func(t *testing.T) {
			onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
				peer, secure := handshake(ctx, t, client, on(server))
				duplex := must(streams.Adopt(ctx, secure))(t)
				send(t, duplex, "hello")
				expectError(t, "CloseWrite", duplex.CloseWrite(), nil)
				recv(t, peer, "hello")
				_, err := peer.Read(make([]byte, 1))
				expectError(t, "Read", err, io.EOF)
				send(t, peer, "still here")
				recv(t, duplex, "still here")
				expectError(t, "Close", duplex.Close(), nil)
				_, err = server.Read(make([]byte, 1))
				for err == nil || errors.Is(err, streams.ErrBusy) { // it is closed in a moment
					_ = asyncio.Yield(ctx)
					_, err = server.Read(make([]byte, 1))
				}
				expectError(t, "Read of what was adopted", err, net.ErrClosed)
			})
		})
	}
	t.Run("misused says so", func(t *testing.T) {
		expectPanic(t, "streams: Adopt(nil): pass the connection that the loop is to have", func() { _, _ = streams.Adopt(t.Context(), nil) })
		_, err := streams.Adopt(t.Context(), new(tls.Conn))
		expectError(t, "Adopt without a loop", err, asyncio.ErrNoRunningLoop)
	})
}
