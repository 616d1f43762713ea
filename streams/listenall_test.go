package streams_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// severalAddresses returns some of this machine, with port 0: of both families, if it has
// both.
func severalAddresses(t *testing.T) []string {
	if inMemory() {
		return []string{"localhost:0"}
	}
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Log("this machine has no IPv6, so there are only addresses of IPv4:", err)
		if l, err := net.Listen("tcp4", "127.0.0.2:0"); err == nil {
			_ = l.Close()
			return []string{"127.0.0.1:0", "127.0.0.2:0"}
		}
		t.Skip("and only one of them")
	}
	_ = l.Close()
	return []string{"127.0.0.1:0", "[::1]:0"}
}

// portOf returns the port of an address.
func portOf(t *testing.T, a net.Addr) string {
	t.Helper()
	_, port, err := net.SplitHostPort(a.String())
	expectError(t, "SplitHostPort", err, nil)
	return port
}

// onAll runs a test with a listener on several addresses.
func onAll(t *testing.T, test func(ctx context.Context, t *testing.T, l *streams.Listener)) {
	everyWay(t, func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		run(t, func(ctx context.Context) error {
			l := must(streams.ListenAll(ctx, "tcp", severalAddresses(t)))(t)
			if len(l.Addrs()) < 2 {
				t.Fatalf("it listens on %v only", l.Addrs())
			}
			test(ctx, t, l)
			_ = l.Close()
			return nil
		})
	})
}

func TestListenAll(t *testing.T) {
	t.Run("accepts on all addresses, which have one port", func(t *testing.T) {
		onAll(t, func(ctx context.Context, t *testing.T, l *streams.Listener) {
			asynctest.ExpectEqual(t, "Addr", l.Addr().String(), l.Addrs()[0].String())
			for range 3 {
				for _, a := range l.Addrs() {
					asynctest.ExpectEqual(t, "the port of "+a.String(), portOf(t, a), portOf(t, l.Addr()))
					client := must(streams.Dial(ctx, "tcp", a.String()))(t)
					server := must(l.AcceptContext(ctx))(t)
					asynctest.ExpectEqual(t, "the address", server.LocalAddr().String(), a.String())
					send(t, client, "x")
					recv(t, server, "x")
					_, _ = client.Close(), server.Close()
				}
			}
		})
	})
	t.Run("serves, as one listener", func(t *testing.T) {
		onAll(t, func(ctx context.Context, t *testing.T, l *streams.Listener) {
			server := asyncio.Go(ctx, func(ctx context.Context) error {
				return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
					_, err := fmt.Fprint(conn, conn.LocalAddr())
					return err
				})
			})
			for _, a := range l.Addrs() {
				for range 3 {
					client := must(streams.Dial(ctx, "tcp", a.String()))(t)
					recv(t, client, a.String())
					_ = client.Close()
				}
			}
			expectError(t, "Close", l.Close(), nil)
			_, err := server.Await(ctx)
			expectError(t, "Serve", err, nil)
			expectError(t, "Close again", l.Close(), net.ErrClosed)
			for _, a := range l.Addrs() {
				_, err := streams.Dial(ctx, "tcp", a.String())
				expectError(t, "Dial after Close", err, errRefused)
			}
		})
	})
	t.Run("loses no connection to a cancellation, nor to another task that accepts", func(t *testing.T) {
		onAll(t, func(ctx context.Context, t *testing.T, l *streams.Listener) {
			const rounds = 10
			for i := range rounds {
				var accepting []*asyncio.Task[*streams.Conn]
				for range 3 {
					accepting = append(accepting, asyncio.CreateTask(ctx, l.AcceptContext))
				}
				for range i { // so that it is canceled at different moments
					_ = asyncio.Sleep(ctx, 0)
				}
				var clients []*streams.Conn
				for _, a := range l.Addrs() {
					clients = append(clients, must(streams.Dial(ctx, "tcp", a.String()))(t))
				}
				for range i % 4 {
					_ = asyncio.Sleep(ctx, 0)
				}
				accepting[0].Cancel()
				served := 0
				for served < len(clients) {
					var c *streams.Conn
					var err error
					if len(accepting) > 0 {
						c, err = accepting[0].Await(ctx)
						accepting = accepting[1:]
					} else {
						c, err = l.AcceptContext(ctx)
					}
					if errors.Is(err, asyncio.ErrCanceled) {
						continue
					}
					expectError(t, "Accept", err, nil)
					_ = c.Close()
					served++
				}
				for _, task := range accepting {
					task.Cancel()
					if c, err := task.Await(ctx); err == nil {
						_ = c.Close()
						t.Error("more connections were accepted than made")
					}
				}
				for _, c := range clients {
					_ = c.Close()
				}
			}
		})
	})
	t.Run("keeps what comes at two addresses in one moment", func(t *testing.T) {
		onAll(t, func(ctx context.Context, t *testing.T, l *streams.Listener) {
			needSystem(t)
			for _, taken := range []bool{true, false} {
				accepting := asyncio.CreateTask(ctx, l.AcceptContext)
				letWait(ctx)
				var clients []net.Conn
				elsewhere(t, func() { // the loop sees them together
					for _, a := range l.Addrs() {
						clients = append(clients, must(net.Dial("tcp", a.String()))(t))
					}
				})
				_ = must(accepting.Await(ctx))(t).Close()
				for range clients[1:] {
					if taken {
						_ = must(l.AcceptContext(ctx))(t).Close()
					}
				}
				if !taken {
					expectError(t, "Close", l.Close(), nil)
				}
				for _, c := range clients {
					_ = c.SetReadDeadline(time.Now().Add(patience))
					_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return c.Read(make([]byte, 1)) })
					if errors.Is(err, os.ErrDeadlineExceeded) {
						t.Error("a connection that no one has taken was left open")
					}
					_ = c.Close()
				}
			}
		})
	})
	t.Run("closes what no one has accepted", func(t *testing.T) {
		onAll(t, func(ctx context.Context, t *testing.T, l *streams.Listener) {
			var clients []*streams.Conn
			for _, a := range l.Addrs() {
				clients = append(clients, must(streams.Dial(ctx, "tcp", a.String()))(t))
			}
			_ = must(l.AcceptContext(ctx))(t).Close() // and keeps another one, perhaps
			expectError(t, "Close", l.Close(), nil)
			for _, c := range clients {
				if _, err := c.Read(make([]byte, 1)); err == nil {
					t.Error("something has come")
				}
				_ = c.Close()
			}
		})
	})
	t.Run("has deadlines, and can be closed elsewhere", func(t *testing.T) {
		onAll(t, func(ctx context.Context, t *testing.T, l *streams.Listener) {
			expectError(t, "SetDeadline", l.SetDeadline(longPast), nil)
			_, err := l.Accept()
			expectError(t, "Accept", err, os.ErrDeadlineExceeded)
			expectError(t, "SetDeadline", l.SetDeadline(never), nil)
			err = asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
				_, err := l.Accept()
				return err
			})
			expectError(t, "Accept", err, asyncio.ErrTimeout)
			accepting := asyncio.CreateTask(ctx, l.AcceptContext)
			letWait(ctx)
			elsewhere(t, func() { _ = l.Close() })
			_, err = accepting.Await(ctx)
			expectError(t, "Accept", err, net.ErrClosed)
		})
	})
	t.Run("listens on none if one fails, and says on which", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			asynctest.NothingIsLeft(t)
			run(t, func(ctx context.Context) error {
				taken := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				free := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				_ = free.Close()
				_, err := streams.ListenAll(ctx, "tcp", []string{free.Addr().String(), taken.Addr().String()})
				if err == nil || !strings.Contains(err.Error(), taken.Addr().String()) {
					t.Errorf("the error is %v, and does not name %v", err, taken.Addr())
				}
				again, err := streams.Listen(ctx, "tcp", free.Addr().String())
				expectError(t, "Listen", err, nil)
				_, _ = again.Close(), taken.Close()
				return nil
			})
		})
	})
	t.Run("takes an address once, and none not at all", func(t *testing.T) {
		everyWay(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.ListenAll(ctx, "tcp", []string{"127.0.0.1:0", "127.0.0.1:0"}))(t)
				asynctest.ExpectEqual(t, "addresses", len(l.Addrs()), 1)
				if _, err := streams.ListenAll(ctx, "tcp", nil); err == nil {
					t.Error("it listens on no address")
				}
				_, err := streams.ListenAll(ctx, "tcp", []string{"127.0.0.1"})
				if err == nil {
					t.Error("it listens without a port")
				}
				return l.Close()
			})
		})
	})
	t.Run("takes :: for IPv6 alone, beside 0.0.0.0", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l, err := streams.ListenAll(ctx, "tcp", []string{"0.0.0.0:0", "[::]:0"})
			if err != nil {
				t.Skip("this machine has no IPv6:", err)
			}
			asynctest.ExpectEqual(t, "addresses", len(l.Addrs()), 2)
			port, _ := strconv.Atoi(portOf(t, l.Addr()))
			client := must(streams.Dial(ctx, "tcp4", fmt.Sprint("127.0.0.1:", port)))(t)
			_ = must(l.AcceptContext(ctx))(t).Close()
			_ = client.Close()
			return l.Close()
		})
	})
	t.Run("listens on Unix sockets, too", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			a, b := unixAddress(t), unixAddress(t)
			l := must(streams.ListenAll(ctx, "unix", []string{a, b}))(t)
			for _, address := range []string{a, b} {
				client := must(streams.Dial(ctx, "unix", address))(t)
				_ = must(l.AcceptContext(ctx))(t).Close()
				_ = client.Close()
			}
			expectError(t, "Close", l.Close(), nil)
			for _, address := range []string{a, b} {
				if _, err := os.Lstat(address); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s is still there: %v", address, err)
				}
			}
			return nil
		})
	})
}

func TestListenAllInAGroup(t *testing.T) {
	err := asyncio.RunGroup(t.Context(), 2, func(ctx context.Context, group *asyncio.LoopGroup) error {
		l, err := streams.ListenAll(ctx, "tcp", severalAddresses(t), streams.Backlog(10))
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.ServeGroup(ctx, group, l, func(ctx context.Context, conn net.Conn) error {
				_, err := fmt.Fprint(conn, conn.LocalAddr())
				return err
			})
		})
		for range 5 {
			for _, a := range l.Addrs() {
				client := must(streams.Dial(ctx, "tcp", a.String()))(t)
				recv(t, client, a.String())
				_ = client.Close()
			}
		}
		_ = l.Close()
		_, err = server.Await(ctx)
		return err
	})
	expectError(t, "RunGroup", err, nil)
}
