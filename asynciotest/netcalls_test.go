package asynciotest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// certificatesOf returns certificates of a server, which name no host of a test.
func certificatesOf(t *testing.T) []tls.Certificate {
	t.Helper()
	real := httptest.NewUnstartedServer(nil)
	real.StartTLS()
	defer real.Close()
	return real.TLS.Certificates
}

// silence accepts connections, and reads nothing.
func silence(ctx context.Context) error {
	l, err := streams.Listen(ctx, "tcp", ":80")
	for err == nil {
		_, err = l.AcceptContext(ctx)
	}
	return err
}

// onSilent dials a host that never reads, and uses the connection.
func onSilent(use func(ctx context.Context, c *streams.Conn) error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		c, err := streams.Dial(ctx, "tcp", "silence:80")
		if err != nil {
			return err
		}
		return use(ctx, c)
	}
}

// A crash ends every call on the network that waits, at once, and no task is left.
func TestCrashInEveryCall(t *testing.T) {
	cancelAfterASecond := func(ctx context.Context, serve func(ctx context.Context) error) error {
		serves := asyncio.Go(ctx, serve)
		asyncio.RunningLoop(ctx).CallLater(time.Second, func() { serves.Cancel() })
		_, err := serves.Await(ctx)
		return err
	}
	for name, call := range map[string]func(ctx context.Context) error{
		"Write": onSilent(func(_ context.Context, c *streams.Conn) error {
			_, err := c.Write(make([]byte, 1<<20))
			return err
		}),
		"Drain": onSilent(func(ctx context.Context, c *streams.Conn) error {
			w := streams.NewWriter(c)
			_, _ = w.Write(make([]byte, 1<<20))
			return w.Drain(ctx)
		}),
		"Read": onSilent(func(_ context.Context, c *streams.Conn) error {
			_, err := c.Read(make([]byte, 1))
			return err
		}),
		"StartTLS": onSilent(func(ctx context.Context, c *streams.Conn) error {
			_, err := streams.StartTLS(ctx, c, &tls.Config{InsecureSkipVerify: true}, streams.Client)
			return err
		}),
		"Accept": silence,
		"ReadFrom": func(ctx context.Context) error {
			c, err := streams.ListenPacket(ctx, "udp", ":53")
			if err == nil {
				_, _, err = c.ReadFrom(make([]byte, 1))
			}
			return err
		},
		"Dial": func(ctx context.Context) error {
			_, err := streams.Dial(ctx, "tcp", "unreachable:80")
			return err
		},
		"a look-up": func(ctx context.Context) error {
			_, err := streams.Dial(ctx, "tcp", "slow:80")
			return err
		},
		"Serve": func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", ":7")
			if err != nil {
				return err
			}
			return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error { _, err := io.Copy(c, c); return err })
		},
		"Serve that waits for its handlers": func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", ":7")
			if err != nil {
				return err
			}
			return cancelAfterASecond(ctx, func(ctx context.Context) error {
				return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
					_, err := io.Copy(io.Discard, c)
					return err
				}, streams.GracePeriod(time.Hour))
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Explore(t, func(ctx context.Context) {
				n := asynciotest.Net(ctx)
				n.LookupDelay("slow", time.Hour)
				n.All().Latency(0, 10*time.Millisecond)
				n.Host("silence", silence)
				far := n.Host("unreachable", silence)
				_ = asynciotest.WaitAllBlocked(ctx)
				others := len(asyncio.AllTasks(ctx))
				got := errors.New("it has not ended")
				h := n.Host("h", func(ctx context.Context) error {
					got = call(ctx)
					return got
				})
				n.Link(h, far).Partition()
				_ = asyncio.Sleep(ctx, time.Second/2)
				c, dialed := streams.Dial(ctx, "tcp", "h:7") // for those that serve
				_ = asyncio.Sleep(ctx, time.Second+time.Duration(asynciotest.Rand(ctx).IntN(2))*time.Second)
				crashed := elapsed(ctx)
				h.Crash()
				_ = asynciotest.WaitAllBlocked(ctx)
				expectIs(t, "it", got, asynciotest.ErrHostCrashed)
				if left := len(asyncio.AllTasks(ctx)) - others; crashed() != 0 || left != 0 {
					t.Errorf("it took %v, and %d tasks are left", crashed(), left)
				}
				if dialed == nil {
					_, err := c.Read(make([]byte, 1))
					expectIs(t, "the peer's read", err, syscall.ECONNRESET)
					_ = c.Close()
				}
			}, asynciotest.Runs(20))
		})
	}
}

// The errors between hosts are nested as those of package net on Linux are.
func TestErrorsBetweenHosts(t *testing.T) {
	expectNested := func(t *testing.T, err error, op, call string, want syscall.Errno) {
		t.Helper()
		outer, inner := (*net.OpError)(nil), (*os.SyscallError)(nil)
		if !errors.As(err, &outer) || !errors.As(outer.Err, &inner) || outer.Op != op || outer.Net != "tcp" || inner.Syscall != call || !errors.Is(inner.Err, want) {
			t.Errorf("%v, want %s: %s: %v", err, op, call, want)
		}
	}
	asynciotest.Run(t, func(ctx context.Context) {
		n, server, c := connectedToEcho(t, ctx)
		_, err := ask(c, "hello")
		expectIs(t, "before the crash", err, nil)
		server.Crash()
		_, err = streams.Dial(ctx, "tcp", "server:7")
		expectNested(t, err, "dial", "connect", syscall.ECONNREFUSED)
		server.Restart()
		_, err = c.Read(make([]byte, 1))
		expectNested(t, err, "read", "read", syscall.ECONNRESET)
		_, err = c.Write([]byte("x"))
		expectNested(t, err, "write", "write", syscall.EPIPE)
		_ = c.Close()
		_ = asynciotest.WaitAllBlocked(ctx)
		c, err = streams.Dial(ctx, "tcp", "server:7")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := ask(c, "again")
		if err != nil || answer != "again" {
			t.Errorf("after the restart: %q, %v", answer, err)
		}
		n.All().Partition()
		_, _ = c.Write([]byte("x"))
		_, err = c.Read(make([]byte, 1))
		expectNested(t, err, "read", "read", syscall.ETIMEDOUT)
		_ = c.Close()
		_, err = streams.Dial(ctx, "tcp", "server:7")
		expectNested(t, err, "dial", "connect", syscall.ETIMEDOUT)
		_, err = streams.Dial(ctx, "tcp", "10.99.0.1:7")
		expectNested(t, err, "dial", "connect", syscall.ENETUNREACH)
		for _, dial := range []func() error{
			func() error { _, err := streams.Dial(ctx, "tcp", "nobody:7"); return err },
			func() error { _, err := streams.DialPacket(ctx, "udp", "nobody:7"); return err },
			func() error { _, err := streams.Listen(ctx, "tcp", "nobody:7"); return err },
		} {
			err := dial()
			if dns := (*net.DNSError)(nil); !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != "nobody" {
				t.Errorf("a name that no one has: %v", err)
			}
		}
	})
}

// A handshake of TLS goes on when a partition is healed, and otherwise ends.
func TestPartitionInHandshake(t *testing.T) {
	certificates := certificatesOf(t)
	for _, heals := range []bool{true, false} {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			n.All().Latency(10*time.Millisecond, 10*time.Millisecond)
			server := n.Host("server", func(ctx context.Context) error {
				l, err := streams.Listen(ctx, "tcp", ":443")
				if err != nil {
					return err
				}
				return streams.Serve(ctx, tls.NewListener(l, &tls.Config{Certificates: certificates}), func(_ context.Context, c net.Conn) error {
					_, _ = io.Copy(c, c)
					return nil
				}, streams.HandshakeTimeout(-1))
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			loop := asyncio.RunningLoop(ctx)
			loop.CallLater(25*time.Millisecond, func() { // after the connection, before an answer
				if heal := n.Link(server, n.Local()).Partition(); heals {
					loop.CallLater(5*time.Second, heal)
				}
			})
			took := elapsed(ctx)
			c, err := streams.DialTLS(ctx, "tcp", "server:443", &tls.Config{InsecureSkipVerify: true})
			if !heals {
				if expectIs(t, "DialTLS", err, context.DeadlineExceeded); took() != time.Minute+20*time.Millisecond { // that of the handshake, after the connection
					t.Errorf("it took %v", took())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := ask(c, "hello"); err != nil || answer != "hello" || took() < 5*time.Second {
				t.Errorf("after %v: %q, %v", took(), answer, err)
			}
			_ = c.Close()
		})
	}
}

// A Dial by name tries both families; whichever does not win is closed.
func TestHappyEyeballsBetweenHosts(t *testing.T) {
	for _, c := range []struct {
		listens string
		latency time.Duration
		want    string
	}{
		{"tcp", 10 * time.Millisecond, "[fd00::1]:80"},
		{"tcp4", 10 * time.Millisecond, "10.1.0.1:80"}, // the other is refused
		{"tcp6", 10 * time.Millisecond, "[fd00::1]:80"},
		{"tcp", time.Second, "[fd00::1]:80"}, // meanwhile, it tries the other
	} {
		t.Run(fmt.Sprint(c.listens, " at ", c.latency), func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				n := asynciotest.Net(ctx)
				n.All().Latency(c.latency, c.latency)
				open := 0
				n.Host("server", func(ctx context.Context) error {
					l, err := streams.Listen(ctx, c.listens, ":80")
					if err != nil {
						return err
					}
					return streams.Serve(ctx, l, func(_ context.Context, c net.Conn) error {
						open++
						defer func() { open-- }()
						_, _ = io.Copy(io.Discard, c)
						return nil
					})
				}, asynciotest.Addr("10.1.0.1"), asynciotest.Addr("fd00::1"))
				n.Host("client", func(ctx context.Context) error {
					conn, err := streams.Dial(ctx, "tcp", "server:80")
					if err != nil {
						return err
					}
					_ = asyncio.Sleep(ctx, time.Minute)
					if conn.RemoteAddr().String() != c.want || open != 1 {
						t.Errorf("it is connected to %v, and %d connections are open", conn.RemoteAddr(), open)
					}
					return conn.Close()
				}, asynciotest.Addr("10.1.0.2"), asynciotest.Addr("fd00::2"))
				_ = asyncio.Sleep(ctx, 2*time.Minute)
				if open != 0 {
					t.Errorf("%d connections are open", open)
				}
			})
		})
	}
}

func TestPortZeroBetweenHosts(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		var ports []int
		for _, name := range []string{"a", "b"} {
			n.Host(name, func(ctx context.Context) error {
				for range 2 {
					l, err := streams.Listen(ctx, "tcp", ":0")
					if err != nil {
						return err
					}
					ports = append(ports, l.Addr().(*net.TCPAddr).Port)
				}
				return asyncio.Sleep(ctx, time.Hour)
			})
		}
		_ = asynciotest.WaitAllBlocked(ctx)
		if len(ports) != 4 || ports[0] == ports[1] || ports[0] != ports[2] || ports[1] != ports[3] {
			t.Fatalf("the ports are %v", ports) // each host has its own
		}
		for _, to := range []string{"a", "b"} {
			c, err := streams.Dial(ctx, "tcp", fmt.Sprint(to, ":", ports[1]))
			if err != nil {
				t.Fatal(err)
			}
			_ = c.Close()
		}
	})
}

// Package net/http between hosts: its goroutines call on their hosts, and a crash reaches
// them, too.
func TestHTTPOfHostThatCrashes(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("skipped: on js, goroutines share one thread with the loop")
	}
	asynctest.NothingIsLeft(t)
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		n.All().Latency(time.Millisecond, time.Millisecond)
		var served error
		web := n.Host("web", func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", ":80")
			if err != nil {
				return err
			}
			loop := asyncio.RunningLoop(ctx)
			server := &http.Server{
				BaseContext: func(net.Listener) context.Context { return ctx },
				Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/slow" {
						_ = asyncio.RunOnFunc(r.Context(), loop, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
					}
					_, _ = fmt.Fprint(w, "hello ", r.RemoteAddr)
				}),
			}
			served = server.Serve(l)
			return served
		})
		client := n.Host("client", func(ctx context.Context) error {
			transport := &http.Transport{DialContext: streams.DialContext, DisableKeepAlives: true} // or it tries again
			defer transport.CloseIdleConnections()
			get := func(path string) (string, error) {
				return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
					r, err := http.NewRequestWithContext(ctx, "GET", "http://web"+path, nil)
					if err != nil {
						return "", err
					}
					answer, err := (&http.Client{Transport: transport}).Do(r)
					if err != nil {
						return "", err
					}
					defer answer.Body.Close()
					body, err := io.ReadAll(answer.Body)
					return string(body), err
				})
			}
			if body, err := get("/"); err != nil || body != "hello 10.0.0.2:32768" {
				t.Errorf("%q, %v", body, err)
			}
			asyncio.RunningLoop(ctx).CallLater(time.Minute, web.Crash)
			_, err := get("/slow")
			expectIs(t, "a request when the server crashes", err, syscall.ECONNRESET)
			_, err = get("/")
			expectIs(t, "a request when it is down", err, syscall.ECONNREFUSED)
			expectIs(t, "Serve", served, asynciotest.ErrHostCrashed)
			web.Restart()
			_ = asyncio.Sleep(ctx, time.Second)
			if body, err := get("/"); err != nil || body == "" {
				t.Errorf("%q, %v", body, err)
			}
			return nil
		})
		_ = asyncio.Sleep(ctx, 2*time.Hour)
		client.Stop(ctx)
	}, asynciotest.Patience(time.Minute))
}

// No goroutine is left of runs with crashes, partitions and calls that were canceled.
func TestNetworkLeavesNothing(t *testing.T) {
	asynctest.NothingIsLeft(t)
	asynciotest.Explore(t, func(ctx context.Context) {
		var s story
		s.everything(ctx)
		// What still goes on when the test ends: a Dial and a read that never end.
		n := asynciotest.Net(ctx)
		n.Host("late", func(ctx context.Context) error {
			n.All().Partition()
			_, err := streams.Dial(ctx, "tcp", "clock:80")
			return err
		})
		_ = asyncio.Sleep(ctx, time.Second)
	}, asynciotest.Runs(10))
}
