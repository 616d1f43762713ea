package streams_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// In every option, zero is the default, and a negative number is no limit.
func TestZeroAndNegativeOptions(t *testing.T) {
	// hang runs a call that has to wait for its own limit, on virtual time, and
	// returns how long that was; an hour, if it had none.
	hang := func(t *testing.T, call func(ctx context.Context) error) (took time.Duration) {
		asynciotest.Run(t, func(ctx context.Context) {
			start := asyncio.RunningLoop(ctx).Now()
			_ = asyncio.WithTimeout(ctx, time.Hour, call)
			took = asyncio.RunningLoop(ctx).Now().Sub(start)
		}, asynciotest.Patience(10*time.Millisecond)) // what goes over these sockets is there at once
		return took.Round(time.Millisecond)
	}
	serverConfig, clientConfig := certificates(t)
	for name, c := range map[string]struct {
		normal time.Duration
		with   func(t *testing.T, d time.Duration) func(ctx context.Context) error
	}{
		"GracePeriod": {5 * time.Second, func(t *testing.T, d time.Duration) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				client := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
				defer client.Close()
				asyncio.RunningLoop(ctx).CallLater(time.Hour, func() { _ = client.Close() })
				return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
					_ = l.Close()
					return echoAll(ctx, conn)
				}, streams.GracePeriod(d))
			}
		}},
		"HandshakeTimeout": {time.Minute, func(t *testing.T, d time.Duration) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
				defer client.Close()
				_, err := streams.StartTLSWith(ctx, server, serverConfig, streams.Server, streams.HandshakeTimeout(d))
				return err
			}
		}},
		"HandshakeTimeout of DialTLS": {time.Minute, func(t *testing.T, d time.Duration) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				defer l.Close()
				_, err := streams.DialTLS(ctx, "tcp", l.Addr().String(), clientConfig, streams.HandshakeTimeout(d))
				return err
			}
		}},
		"the time of CloseTLS": {30 * time.Second, func(t *testing.T, d time.Duration) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
				defer client.Close()
				_, b := handshake(ctx, t, client, server)
				return streams.CloseTLS(ctx, b, d)
			}
		}},
	} {
		for d, want := range map[time.Duration]time.Duration{
			0:               c.normal,
			-1:              time.Hour,
			time.Nanosecond: 0,
			2 * time.Minute: 2 * time.Minute,
			1<<63 - 1:       time.Hour,
		} {
			t.Run(name+" of "+d.String(), func(t *testing.T) {
				if took := hang(t, c.with(t, d)); took != want {
					t.Errorf("it took %v, want %v", took, want)
				}
			})
		}
	}
	t.Run("FallbackDelay", func(t *testing.T) {
		onStreet(t, func(ctx context.Context, t *testing.T, port string) {
			conn := must(streams.Dial(ctx, "tcp", "street:"+port, names(silent, answers), streams.FallbackDelay(0)))(t)
			_ = conn.Close()
			err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				_, err := streams.Dial(ctx, "tcp", "street:"+port, names(silent, answers), streams.FallbackDelay(-1))
				return err
			})
			expectError(t, "Dial without a delay", err, asyncio.ErrTimeout)
		})
	})
	t.Run("MaxConnections", func(t *testing.T) {
		for _, n := range []int{0, -1} {
			run(t, func(ctx context.Context) error {
				_ = serving(ctx, t, echoAll, func(ctx context.Context, address string) {
					for range 3 { // that are open at once
						conn := must(streams.Dial(ctx, "tcp", address))(t)
						defer conn.Close()
						send(t, conn, "x")
						recv(t, conn, "x")
					}
				}, streams.MaxConnections(n), streams.GracePeriod(patience))
				return nil
			})
		}
	})
	t.Run("Backlog", func(t *testing.T) {
		for _, n := range []int{0, -1} {
			run(t, func(ctx context.Context) error {
				return must(streams.Listen(ctx, "tcp", "127.0.0.1:0", streams.Backlog(n)))(t).Close()
			})
		}
	})
}
