package streams_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// closedPort returns an address of this machine on which no one listens.
func closedPort(t *testing.T) string {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	return l.Addr().String()
}

func TestDial(t *testing.T) {
	t.Run("says that it is refused, as net.Dial does", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				address := closedPort(t)
				_, got := streams.Dial(ctx, "tcp", address)
				_, want := net.Dial("tcp", address) //asyncio:ok blocks nobody listens, so it fails at once
				expectError(t, "Dial", got, errRefused)
				if got.Error() != want.Error() {
					t.Errorf("Dial returned %v, net.Dial %v", got, want)
				}
				return nil
			})
		})
	})
	t.Run("fails as net.Dial does", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			for _, bad := range [][2]string{{"tcp", "nonsense"}, {"tcp", "no name:1"}, {"tcp", "127.0.0.1:no port"}, {"tcp", "127.0.0.1:gopher"}, {"udp", "nonsense"}, {"nonsense", "127.0.0.1:1"}, {"tcp", "127.0.0.1:99999"}, {"unix", "/nowhere/at/all"}, {"tcp6", "127.0.0.1:1"}, {"tcp4", "[::1]:1"}, {"nonsense", "localhost:1"}, {"tcp", "localhost:nonsense"}} {
				_, got := streams.Dial(ctx, bad[0], bad[1])
				_, want := net.Dial(bad[0], bad[1]) //asyncio:ok blocks it fails at once
				if got == nil || want == nil || got.Error() != want.Error() {
					t.Errorf("Dial(%q, %q) returned %v, net.Dial %v", bad[0], bad[1], got, want)
				}
			}
			return nil
		})
	})
	t.Run("resolves names off the loop", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "localhost:0"))(t)
				_, port, _ := net.SplitHostPort(l.Addr().String())
				turns := 0
				counter := asyncio.Go(ctx, func(ctx context.Context) error {
					for ; ctx.Err() == nil; turns++ {
						if err := asyncio.Yield(ctx); err != nil {
							return err
						}
					}
					return nil
				})
				conn := must(streams.Dial(ctx, "tcp", "localhost:"+port))(t)
				counter.Cancel()
				if turns == 0 {
					t.Error("no one had a turn meanwhile")
				}
				return conn.Close()
			})
		})
	})
	t.Run("binds this side", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
				conn := must(streams.Dial(ctx, "tcp", l.Addr().String(), streams.LocalAddr(from)))(t)
				if host, _, _ := net.SplitHostPort(conn.LocalAddr().String()); host != "127.0.0.1" {
					t.Errorf("it is bound to %v", conn.LocalAddr())
				}
				_, err := streams.Dial(ctx, "tcp", l.Addr().String(), streams.LocalAddr(&net.UnixAddr{Name: "x", Net: "unix"}))
				if err == nil {
					t.Error("it was bound to the address of a Unix socket")
				}
				return nil
			})
		})
	})
	t.Run("works from other goroutines, with a context of the loop", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
					conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
					if err == nil {
						err = conn.Close()
					}
					return 0, err
				})
				return err
			})
		})
	})
	t.Run("on another goroutine is cut by its context, and leaves nothing", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				address := silentAddress(ctx, t)
				before := openDescriptors(t)
				_, err := asyncio.ToThread(ctx, func(ctx context.Context) (int, error) {
					ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
					defer cancel()
					_, err := streams.Dial(ctx, "tcp", address)
					return 0, err
				})
				expectError(t, "Dial", err, context.DeadlineExceeded)
				awaitDescriptors(t, before)
				return nil
			})
		})
	})
	t.Run("to an unspecified address says where it has come", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp4", "0.0.0.0:0"))(t)
				port := l.Addr().(*net.TCPAddr).AddrPort().Port()
				conn, err := streams.Dial(ctx, "tcp4", l.Addr().String())
				if err != nil {
					t.Skip("this system does not connect there:", err)
				}
				if got, want := conn.RemoteAddr().String(), fmt.Sprintf("127.0.0.1:%d", port); got != want {
					t.Errorf("RemoteAddr is %s, want %s", got, want)
				}
				return nil
			})
		})
	})
	t.Run("returns no connection when it was canceled before", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				for network, address := range networks(t) {
					l := must(streams.Listen(ctx, network, address))(t)
					expectError(t, "Dial of "+network, dialCanceled(ctx, network, l.Addr()), asyncio.ErrCanceled)
				}
				packets := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				expectError(t, "Dial of udp", dialCanceled(ctx, "udp", packets.LocalAddr()), asyncio.ErrCanceled)
				return nil
			})
		})
	})
	t.Run("without a loop says so", func(t *testing.T) {
		_, err := streams.Dial(t.Context(), "tcp", "127.0.0.1:1")
		expectError(t, "Dial", err, asyncio.ErrNoRunningLoop)
	})
	t.Run("is cut by a timeout", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			address := silentAddress(ctx, t)
			before := openDescriptors(t)
			err := asyncio.WithTimeout(ctx, 20*time.Millisecond, func(ctx context.Context) error {
				_, err := streams.Dial(ctx, "tcp", address)
				return err
			})
			expectError(t, "Dial", err, asyncio.ErrTimeout)
			expectDescriptors(ctx, t, before)
			return nil
		})
	})
}

// dialCanceled dials with a context that is canceled.
func dialCanceled(ctx context.Context, network string, to net.Addr) (err error) {
	_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Cancel()
		_, err = streams.Dial(ctx, network, to.String())
		return nil
	})
	return err
}
