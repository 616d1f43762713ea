package streams_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// These addresses are all of this machine on Linux. On the same port of each,
// something else happens.
const (
	answers  = "127.0.0.2" // a listener, which accepts
	refuses  = "127.0.0.3" // nothing
	refuses2 = "127.0.0.4"
	refuses6 = "::1"
	silent   = "127.0.0.5" // a listener whose queue is full: it does not even refuse
)

// names lets every name stand for some addresses.
func names(ips ...string) streams.DialOption {
	return streams.ResolveWith(func(context.Context, string, string) (addrs []netip.Addr, err error) {
		for _, ip := range ips {
			addrs = append(addrs, netip.MustParseAddr(ip))
		}
		return addrs, nil
	})
}

// onStreet runs a test with a port on which the addresses do as they are named.
func onStreet(t *testing.T, test func(ctx context.Context, t *testing.T, port string)) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", answers+":0")
			if err != nil {
				t.Skip("this system has only one address of its own:", err)
			}
			_, port, _ := net.SplitHostPort(l.Addr().String())
			keepSilent(ctx, t, net.JoinHostPort(silent, port))
			before := openDescriptors(t)
			test(ctx, t, port)
			if conn, err := acceptAtOnce(ctx, l); err == nil {
				_ = conn.Close()
			}
			expectDescriptors(ctx, t, before)
			return nil
		})
	})
}

func acceptAtOnce(ctx context.Context, l *streams.Listener) (conn *streams.Conn, err error) {
	err = asyncio.WithTimeout(ctx, 50*time.Millisecond, func(ctx context.Context) error {
		conn, err = l.AcceptContext(ctx)
		return err
	})
	return conn, err
}

func TestHappyEyeballs(t *testing.T) {
	dial := func(ctx context.Context, port string, opts ...streams.DialOption) (string, error) {
		conn, err := streams.Dial(ctx, "tcp", "street:"+port, opts...)
		if err != nil {
			return "", err
		}
		defer conn.Close()
		host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
		return host, nil
	}
	expectAnswer := func(t *testing.T, host string, err error) {
		t.Helper()
		if host != answers || err != nil {
			t.Errorf("it is connected to %q, %v", host, err)
		}
	}
	t.Run("takes the first that answers", func(t *testing.T) {
		onStreet(t, func(ctx context.Context, t *testing.T, port string) {
			host, err := dial(ctx, port, names(answers, silent, refuses))
			expectAnswer(t, host, err)
		})
	})
	t.Run("tries the next at once when one is refused", func(t *testing.T) {
		onStreet(t, func(ctx context.Context, t *testing.T, port string) {
			host, err := dial(ctx, port, names(refuses, refuses2, answers), streams.FallbackDelay(time.Hour))
			expectAnswer(t, host, err)
		})
	})
	t.Run("tries the next after the delay when one is silent, and gives that up", func(t *testing.T) {
		onStreet(t, func(ctx context.Context, t *testing.T, port string) {
			host, err := dial(ctx, port, names(silent, answers), streams.FallbackDelay(10*time.Millisecond))
			expectAnswer(t, host, err)
		})
	})
	t.Run("returns the errors of all, the families in turns", func(t *testing.T) {
		onStreet(t, func(ctx context.Context, t *testing.T, port string) {
			_, err := dial(ctx, port, names(refuses6, refuses6, refuses, refuses2))
			var group *asyncio.ExceptionGroup
			if !errors.As(err, &group) {
				t.Fatalf("it returned %v", err)
			}
			var tried []string
			for _, err := range group.Errors {
				if e, ok := err.(*net.OpError); ok {
					tried = append(tried, strings.TrimSuffix(e.Addr.String(), ":"+port))
				}
			}
			if got, want := fmt.Sprint(tried), fmt.Sprint([]string{"[" + refuses6 + "]", refuses, "[" + refuses6 + "]", refuses2}); got != want {
				t.Errorf("the errors are of %v, want %v", got, want)
			}
		})
	})
	t.Run("is canceled as a whole", func(t *testing.T) {
		onStreet(t, func(ctx context.Context, t *testing.T, port string) {
			err := asyncio.WithTimeout(ctx, 30*time.Millisecond, func(ctx context.Context) error {
				_, err := dial(ctx, port, names(silent, refuses, silent), streams.FallbackDelay(time.Millisecond))
				return err
			})
			expectError(t, "Dial", err, asyncio.ErrTimeout)
		})
	})
	t.Run("says that there is no address", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			_, err := dial(ctx, "1", names())
			var e *net.DNSError
			if !errors.As(err, &e) {
				t.Errorf("it returned %v", err)
			}
			return nil
		})
	})
}
