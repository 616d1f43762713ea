package streams_test

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func TestListen(t *testing.T) {
	t.Run("keeps a connection that came when Accept was canceled", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				for range 3 {
					err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
						_, err := l.AcceptContext(ctx)
						return err
					})
					expectError(t, "Accept", err, asyncio.ErrTimeout)
				}
				client := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				server := must(l.Accept())(t)
				send(t, client, "x")
				recv(t, server, "x")
				return nil
			})
		})
	})
	t.Run("loses no connection that comes together with a cancellation", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				before := openDescriptors(t)
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				for i := range 40 {
					accept := asyncio.CreateTask(ctx, l.AcceptContext)
					_ = asyncio.Yield(ctx)
					client := must(net.Dial("tcp", l.Addr().String()))(t) //asyncio:ok blocks the system accepts for the listener
					for range i % 4 {
						_ = asyncio.Yield(ctx)
					}
					accept.Cancel()
					server, err := accept.Await(ctx)
					if errors.Is(err, asyncio.ErrCanceled) {
						server, err = l.AcceptContext(ctx)
					}
					if err != nil || server.RemoteAddr().String() != client.LocalAddr().String() {
						t.Fatalf("it accepted %v, %v", server, err)
					}
					_ = server.Close()
					_ = client.Close()
				}
				_ = l.Close()
				expectDescriptors(ctx, t, before)
				return nil
			})
		})
	})
	t.Run("has a deadline", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				_ = l.SetDeadline(time.Now().Add(time.Millisecond))
				conn, err := l.Accept()
				expectError(t, "Accept", err, os.ErrDeadlineExceeded)
				if conn != nil {
					t.Errorf("it returned %v, which is not nil", conn)
				}
				return nil
			})
		})
	})
	t.Run("wakes who waits when it is closed", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				asyncio.RunningLoop(ctx).CallSoon(func() { expectError(t, "Close", l.Close(), nil) })
				_, err := l.Accept()
				expectError(t, "Accept", err, net.ErrClosed)
				expectError(t, "Close again", l.Close(), net.ErrClosed)
				return nil
			})
		})
	})
	t.Run("removes the file of a Unix socket, also when Run closes it", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			path := unixAddress(t)
			for _, closes := range []bool{true, false} {
				run(t, func(ctx context.Context) error {
					l := must(streams.Listen(ctx, "unix", path))(t)
					if closes {
						return l.Close()
					}
					return nil
				})
				if _, err := os.Lstat(path); !os.IsNotExist(err) {
					t.Errorf("the file is still there: %v", err)
				}
			}
		})
	})
	t.Run("shares a port", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				first, err := streams.Listen(ctx, "tcp", "127.0.0.1:0", streams.ReusePort())
				if err != nil {
					t.Skip("this system does not share ports:", err)
				}
				_ = must(streams.Listen(ctx, "tcp", first.Addr().String(), streams.ReusePort()))(t)
				_, err = streams.Listen(ctx, "tcp", first.Addr().String())
				if err == nil {
					t.Error("it shared one without being asked")
				}
				return nil
			})
		})
	})
	t.Run("without a loop says so", func(t *testing.T) {
		_, err := streams.Listen(t.Context(), "tcp", "127.0.0.1:0")
		expectError(t, "Listen", err, asyncio.ErrNoRunningLoop)
	})
	t.Run("fails as net.Listen does", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			taken := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t).Addr().String()
			for _, bad := range [][2]string{{"tcp", taken}, {"tcp", "nonsense"}, {"tcp", "no name:0"}, {"nonsense", "127.0.0.1:0"}, {"nonsense", "localhost:0"}, {"tcp", "127.0.0.1:99999"}, {"unix", "/nowhere/at/all"}} {
				_, got := streams.Listen(ctx, bad[0], bad[1])
				_, want := net.Listen(bad[0], bad[1])
				if got == nil || want == nil || got.Error() != want.Error() {
					t.Errorf("Listen(%q, %q) returned %v, net.Listen %v", bad[0], bad[1], got, want)
				}
			}
			return nil
		})
	})
}
