package streams_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

const groupLoops = 3

// A groupTest is a server on the loops of a group.
type groupTest struct {
	group    *asyncio.LoopGroup
	listener *streams.Listener
}

// everySpreading runs a test with all ways to spread connections over loops.
func everySpreading(t *testing.T, test func(ctx context.Context, t *testing.T, s *groupTest)) {
	t.Helper()
	for name, opts := range map[string][]streams.ListenOption{"handed over": nil, "by the system": {streams.ReusePort()}} {
		t.Run(name, func(t *testing.T) {
			everyWay(t, func(t *testing.T) {
				expectClosed(t)
				before := runtime.NumGoroutine()
				inGroup(t, func(ctx context.Context, g *asyncio.LoopGroup) error {
					l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0", opts...)
					if errors.Is(err, errors.ErrUnsupported) {
						t.Skip(err)
					}
					test(ctx, t, &groupTest{g, must(l, err)(t)})
					return nil
				})
				for start := time.Now(); runtime.NumGoroutine() > before; runtime.Gosched() {
					if time.Since(start) > 20*time.Second {
						t.Fatalf("%d goroutines are left, there were %d", runtime.NumGoroutine(), before)
					}
				}
			})
		})
	}
}

// inGroup is run on several loops.
func inGroup(t *testing.T, main func(ctx context.Context, g *asyncio.LoopGroup) error) {
	t.Helper()
	report := asyncio.OnException(func(c asyncio.ExceptionContext) { t.Errorf("reported: %v", c) })
	if err := asyncio.RunGroup(t.Context(), groupLoops, main, report, noWatchdog); err != nil {
		t.Errorf("RunGroup returned %v", err)
	}
}

// serve serves while body runs, then cancels ServeGroup and returns what it
// returned.
func (s *groupTest) serve(ctx context.Context, handler func(context.Context, net.Conn) error, body func(ctx context.Context), opts ...streams.ServeOption) error {
	serves := asyncio.Go(ctx, func(ctx context.Context) error { return streams.ServeGroup(ctx, s.group, s.listener, handler, opts...) })
	body(ctx)
	serves.Cancel()
	_, err := serves.Await(context.WithoutCancel(ctx))
	return err
}

// loopOf returns the number of the loop that ctx belongs to, as a letter.
func (s *groupTest) loopOf(ctx context.Context) string {
	for i := range s.group.Len() {
		if s.group.Loop(i) == asyncio.RunningLoop(ctx) {
			return string(rune('a' + i))
		}
	}
	return "?"
}

// sayLoop is a handler that says on which loop it runs, and then echoes.
func (s *groupTest) sayLoop(ctx context.Context, conn net.Conn) error {
	if _, err := io.WriteString(conn, s.loopOf(ctx)); err != nil {
		return err
	}
	return echoAll(ctx, conn)
}

// counts is what has become of handlers.
type counts struct{ begun, ended, canceled atomic.Int64 }

func (c *counts) count(handler func(context.Context, net.Conn) error) func(context.Context, net.Conn) error {
	return func(ctx context.Context, conn net.Conn) error {
		c.begun.Add(1)
		err := handler(ctx, conn)
		if errors.Is(err, asyncio.ErrCanceled) {
			c.canceled.Add(1)
		} else {
			c.ended.Add(1)
		}
		return err
	}
}

// connectToAll makes connections until there is one on each loop, and returns
// those that it keeps: one for each.
func (s *groupTest) connectToAll(ctx context.Context, t *testing.T) map[string]*streams.Conn {
	t.Helper()
	conns := map[string]*streams.Conn{}
	for len(conns) < s.group.Len() {
		conn := must(streams.Dial(ctx, "tcp", s.listener.Addr().String()))(t)
		name := make([]byte, 1)
		if _, err := io.ReadFull(conn, name); err != nil {
			t.Fatal(err)
		}
		if conns[string(name)] == nil {
			conns[string(name)] = conn
		} else {
			_ = conn.Close()
		}
	}
	return conns
}

func TestServeGroup(t *testing.T) {
	t.Run("serves on every loop", func(t *testing.T) {
		everySpreading(t, func(ctx context.Context, t *testing.T, s *groupTest) {
			err := s.serve(ctx, s.sayLoop, func(ctx context.Context) {
				for _, conn := range s.connectToAll(ctx, t) {
					send(t, conn, "hello")
					recv(t, conn, "hello")
					_ = conn.Close()
				}
			})
			expectError(t, "ServeGroup", err, asyncio.ErrCanceled)
		})
	})
	t.Run("serves many at once", func(t *testing.T) {
		everySpreading(t, func(ctx context.Context, t *testing.T, s *groupTest) {
			_ = s.serve(ctx, echoAll, func(ctx context.Context) {
				_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
					echoedByGoroutines(t, s.listener.Addr().String())
					return 0, nil
				})
				expectError(t, "ToThread", err, nil)
			})
		})
	})
	t.Run("waits for the handlers on all loops", func(t *testing.T) {
		everySpreading(t, func(ctx context.Context, t *testing.T, s *groupTest) {
			var c counts
			_ = s.serve(ctx, c.count(s.sayLoop), func(ctx context.Context) {
				for _, conn := range s.connectToAll(ctx, t) {
					asyncio.RunningLoop(ctx).CallLater(5*time.Millisecond, func() { _ = conn.Close() })
				}
			}, streams.GracePeriod(time.Minute))
			if c.begun.Load() != c.ended.Load() || c.canceled.Load() != 0 {
				t.Errorf("%d handlers have begun, %d ended by themselves, %d were canceled", c.begun.Load(), c.ended.Load(), c.canceled.Load())
			}
		})
	})
	t.Run("cancels the handlers on all loops when they have had their time", func(t *testing.T) {
		everySpreading(t, func(ctx context.Context, t *testing.T, s *groupTest) {
			var c counts
			_ = s.serve(ctx, c.count(s.sayLoop), func(ctx context.Context) { s.connectToAll(ctx, t) }, streams.GracePeriod(time.Millisecond))
			if c.begun.Load() != c.ended.Load()+c.canceled.Load() || c.canceled.Load() < groupLoops {
				t.Errorf("%d handlers have begun, %d ended by themselves, %d were canceled", c.begun.Load(), c.ended.Load(), c.canceled.Load())
			}
			if _, err := streams.Dial(ctx, "tcp", s.listener.Addr().String()); err == nil {
				t.Error("something still listens")
			}
		})
	})
	t.Run("ends on all loops, without an error, when the listener is closed", func(t *testing.T) {
		everySpreading(t, func(ctx context.Context, t *testing.T, s *groupTest) {
			serves := asyncio.Go(ctx, func(ctx context.Context) error { return streams.ServeGroup(ctx, s.group, s.listener, s.sayLoop) })
			for _, conn := range s.connectToAll(ctx, t) {
				_ = conn.Close()
			}
			expectError(t, "Close", s.listener.Close(), nil)
			_, err := serves.Await(ctx)
			expectError(t, "ServeGroup", err, nil)
		})
	})
	t.Run("ends at once with a listener that is closed", func(t *testing.T) {
		everySpreading(t, func(ctx context.Context, t *testing.T, s *groupTest) {
			_ = s.listener.Close()
			expectError(t, "ServeGroup", streams.ServeGroup(ctx, s.group, s.listener, echoAll), nil)
		})
	})
	t.Run("limits the connections of each loop, and takes none that it cannot handle", func(t *testing.T) {
		inGroup(t, func(ctx context.Context, g *asyncio.LoopGroup) error {
			const limit = 4
			s := &groupTest{g, must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)}
			perLoop := map[string]int{}
			var conns []*streams.Conn
			_ = s.serve(ctx, s.sayLoop, func(ctx context.Context) {
				for range limit * groupLoops { // one fewer on a loop would be one too many on another
					conn := must(streams.Dial(ctx, "tcp", s.listener.Addr().String()))(t)
					name := make([]byte, 1)
					_, err := io.ReadFull(conn, name)
					expectError(t, "Read", err, nil)
					perLoop[string(name)]++
					conns = append(conns, conn)
				}
				waits := must(streams.Dial(ctx, "tcp", s.listener.Addr().String()))(t)
				_ = conns[0].Close()
				_, err := io.ReadFull(waits, make([]byte, 1)) // it comes when there is room
				expectError(t, "Read", err, nil)
			}, streams.MaxConnections(limit), streams.GracePeriod(time.Nanosecond))
			for name, n := range perLoop {
				if n != limit {
					t.Errorf("loop %s had %d connections", name, n)
				}
			}
			return nil
		})
	})
	t.Run("reports what a handler fails with, on its loop", func(t *testing.T) {
		var mu sync.Mutex
		var reported []string
		report := asyncio.OnException(func(c asyncio.ExceptionContext) {
			mu.Lock()
			defer mu.Unlock()
			reported = append(reported, c.Err.Error())
		})
		err := asyncio.RunGroup(t.Context(), groupLoops, func(ctx context.Context, g *asyncio.LoopGroup) error {
			s := &groupTest{g, must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)}
			return s.serve(ctx, func(context.Context, net.Conn) error { return errors.New("no more") }, func(ctx context.Context) {
				conn := must(streams.Dial(ctx, "tcp", s.listener.Addr().String()))(t)
				_, err := conn.Read(make([]byte, 1))
				expectError(t, "Read", err, io.EOF)
			})
		}, report, noWatchdog)
		expectError(t, "RunGroup", err, asyncio.ErrCanceled)
		if got := strings.Join(reported, ", "); got != "no more" {
			t.Errorf("reported: %s", got)
		}
	})
	t.Run("serves TLS in the handler", func(t *testing.T) {
		server, client := testTLS()
		inGroup(t, func(ctx context.Context, g *asyncio.LoopGroup) error {
			s := &groupTest{g, must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)}
			_ = s.serve(ctx, func(ctx context.Context, conn net.Conn) error {
				secure, err := streams.StartTLS(ctx, conn, server, streams.Server)
				if err != nil {
					return err
				}
				return s.sayLoop(ctx, secure)
			}, func(ctx context.Context) {
				conn := must(streams.DialTLS(ctx, "tcp", s.listener.Addr().String(), client))(t)
				_, err := io.ReadFull(conn, make([]byte, 1))
				expectError(t, "Read", err, nil)
				send(t, conn, "hello")
				recv(t, conn, "hello")
				_ = conn.Close()
			})
			return nil
		})
	})
	t.Run("at its limit sees that its listener is closed", func(t *testing.T) {
		everySpreading(t, func(ctx context.Context, t *testing.T, s *groupTest) {
			serves := asyncio.Go(ctx, func(ctx context.Context) error {
				return streams.ServeGroup(ctx, s.group, s.listener, s.sayLoop, streams.MaxConnections(1), streams.GracePeriod(time.Millisecond))
			})
			conn := must(streams.Dial(ctx, "tcp", s.listener.Addr().String()))(t)
			_, _ = conn.Read(make([]byte, 1))
			_ = s.listener.Close()
			_, err := serves.Await(ctx)
			expectError(t, "ServeGroup", err, nil)
		})
	})
	t.Run("is what serves a listener of another loop", func(t *testing.T) {
		inGroup(t, func(ctx context.Context, g *asyncio.LoopGroup) error {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			_, err := asyncio.RunOn(ctx, g.Loop(1), func(ctx context.Context) (int, error) {
				expectPanic(t, "streams: Serve with a listener of another loop: listen on the loop that serves, or use ServeGroup", func() {
					_ = streams.Serve(ctx, l, echoAll)
				})
				return 0, nil
			})
			return err
		})
	})
	t.Run("misused says so", func(t *testing.T) {
		inGroup(t, func(ctx context.Context, g *asyncio.LoopGroup) error {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			expectError(t, "ServeGroup", streams.ServeGroup(t.Context(), g, l, echoAll), asyncio.ErrNoRunningLoop)
			for _, call := range []func(){
				func() { _ = streams.ServeGroup(ctx, nil, l, echoAll) },
				func() { _ = streams.ServeGroup(ctx, g, nil, echoAll) },
				func() { _ = streams.ServeGroup(ctx, g, l, nil) },
			} {
				func() {
					defer func() {
						if message, _ := recover().(string); !strings.Contains(message, "pass what RunGroup hands out") {
							t.Errorf("it panicked with %q", message)
						}
					}()
					call()
				}()
			}
			return nil
		})
	})
}

// echoedByGoroutines speaks with an echo server from many goroutines at once.
func echoedByGoroutines(t *testing.T, address string) {
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 5 {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				for _, text := range []string{"some", "words", strings.Repeat("more ", 10_000)} {
					go send(t, conn, text)
					recv(t, conn, text)
				}
				_ = conn.Close()
			}
		})
	}
	all.Wait()
}

// testTLS returns configurations for both sides, for 127.0.0.1.
func testTLS() (server, client *tls.Config) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: roots}
}
