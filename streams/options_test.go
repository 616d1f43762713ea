package streams_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func TestOptions(t *testing.T) {
	set := func(conn *streams.Conn) map[string]error {
		return map[string]error{
			"SetNoDelay":         conn.SetNoDelay(false),
			"SetKeepAlive":       conn.SetKeepAlive(true),
			"SetKeepAliveConfig": conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: time.Minute, Interval: -1, Count: 3}),
			"SetLinger":          conn.SetLinger(-1),
		}
	}
	t.Run("are there on TCP, until it is closed", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			for _, conn := range []*streams.Conn{client, server} {
				for name, err := range set(conn) {
					expectError(t, name, err, nil)
				}
				_ = conn.Close()
				for name, err := range set(conn) {
					expectError(t, name+" after Close", err, net.ErrClosed)
				}
			}
		})
	})
	t.Run("are not there elsewhere", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				client, _ := pair(ctx, t, "unix", unixAddress(t))
				for name, err := range set(client) {
					if err == nil {
						t.Errorf("%s succeeded", name)
					}
				}
				return nil
			})
		})
	})
}

func TestWithContext(t *testing.T) {
	t.Run("cuts a read of another goroutine", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			bound, cancel := context.WithCancel(ctx)
			conn := server.WithContext(bound)
			asyncio.RunningLoop(ctx).CallLater(time.Millisecond, cancel)
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return conn.Read(make([]byte, 1)) })
			expectError(t, "Read", err, context.Canceled)
			send(t, client, "x")
			recv(t, server, "x")
		})
	})
	t.Run("shares what it is bound to", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			conn := server.WithContext(ctx)
			send(t, client, "xy")
			recv(t, conn, "x")
			recv(t, server, "y")
			_ = conn.Close()
			_, err := server.Read(make([]byte, 1))
			expectError(t, "Read", err, net.ErrClosed)
		})
	})
	t.Run("with a context of no loop says so", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, _ *streams.Conn) {
			_, err := client.WithContext(context.Background()).Read(make([]byte, 1))
			expectError(t, "Read", err, asyncio.ErrNoRunningLoop)
		})
	})
}

func TestMisuse(t *testing.T) {
	run(t, func(ctx context.Context) error {
		for want, misuse := range map[string]func(){
			"streams: Conn.WithContext(nil): pass the context on which reads and writes are to wait":                      func() { var none context.Context; new(streams.Conn).WithContext(none) },
			"streams: Control(nil): pass the function that is to see the socket":                                          func() { streams.Control(nil) },
			"streams: CloseTLS(nil): pass the connection that StartTLS or DialTLS has returned":                           func() { _ = streams.CloseTLS(ctx, new(tls.Conn), 0) },
			"streams: ResolveWith(nil): pass the LookupNetIP of a net.Resolver, or leave the option away":                 func() { streams.ResolveWith(nil) },
			"streams: Serve with a nil listener or handler: pass what Listen returns, and a function":                     func() { _ = streams.Serve(ctx, nil, echoAll) },
			"streams: StartTLS with a nil config: pass one with a certificate for a server, or a ServerName for a client": func() { _, _ = streams.StartTLS(ctx, nil, nil, streams.Client) },
			"asyncio: nil option: leave it out, or pass one that the documentation of DialOption lists":                   func() { _, _ = streams.Dial(ctx, "tcp", "127.0.0.1:1", nil) },
			"asyncio: nil option: leave it out, or pass one that the documentation of ListenOption lists":                 func() { _, _ = streams.Listen(ctx, "tcp", "127.0.0.1:0", nil) },
			"asyncio: nil option: leave it out, or pass one that the documentation of ServeOption lists":                  func() { _ = streams.Serve(ctx, new(streams.Listener), echoAll, nil) },
			"asyncio: nil option: leave it out, or pass one that the documentation of TLSOption lists": func() {
				_, _ = streams.StartTLSWith(ctx, new(streams.Conn), new(tls.Config), streams.Client, nil)
			},
			"asyncio: streams.Serve from a goroutine that does not run the loop: start a task (TaskGroup.Go, asyncio.Go) and not a goroutine, or use Loop.CallSoonThreadsafe or RunCoroutineThreadsafe there (or the context is of another loop)": func() {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				panicked, _ := asyncio.ToThread(ctx, func(ctx context.Context) (v any, _ error) {
					defer func() { v = recover() }()
					return nil, streams.Serve(ctx, l, echoAll) //asyncio:ok foreign that it panics is what is tested
				})
				panic(panicked)
			},
			"asyncio: Conn.Read in a callback, which cannot suspend: create a task there and wait in it": nil,
		} {
			if misuse != nil {
				expectPanic(t, want, misuse)
				continue
			}
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			defer client.Close()
			defer server.Close()
			done := asyncio.NewFuture[int](ctx)
			asyncio.RunningLoop(ctx).CallSoon(func() {
				expectPanic(t, want, func() { _, _ = client.Read(make([]byte, 1)) })
				_ = done.SetResult(0)
			})
			_, _ = done.Await(ctx)
		}
		return nil
	}, asyncio.Debug(!knowsItsGoroutine))
}

// knowsItsGoroutine says that a loop knows without debug mode on which goroutine it runs.
const knowsItsGoroutine = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

func TestSyscallConn(t *testing.T) {
	t.Run("shows the descriptor", func(t *testing.T) {
		onSystem(t, withPair(func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			raw := must(client.SyscallConn())(t)
			called := false
			expectError(t, "Control", raw.Control(func(uintptr) { called = true }), nil)
			if !called {
				t.Error("Control did not call")
			}
			_ = client.Close()
			if err := raw.Control(func(uintptr) {}); err == nil {
				t.Error("Control of what is closed succeeded")
			}
		}))
	})
	t.Run("waits for as long as it is told to", func(t *testing.T) {
		onSystem(t, withPair(func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			raw := must(server.SyscallConn())(t)
			sender := asyncio.Go(ctx, func(ctx context.Context) error {
				if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
					return err
				}
				_, err := client.Write([]byte("x"))
				return err
			})
			tries := 0
			err := raw.Read(func(uintptr) bool {
				tries++
				return tries > 1
			})
			if tries != 2 || err != nil {
				t.Errorf("Read called %d times, and returned %v", tries, err)
			}
			recv(t, server, "x")
			_, err = sender.Await(ctx)
			expectError(t, "the sender", err, nil)
			expectError(t, "Write", raw.Write(func(uintptr) bool { return true }), nil)
		}))
	})
	t.Run("is there for packets", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				c := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
				return must(c.SyscallConn())(t).Control(func(uintptr) {})
			})
		})
	})
}

func TestListenControl(t *testing.T) {
	for network, listen := range map[string]func(context.Context, ...streams.ListenOption) (io.Closer, error){
		"tcp": func(ctx context.Context, opts ...streams.ListenOption) (io.Closer, error) {
			return streams.Listen(ctx, "tcp", "127.0.0.1:0", opts...)
		},
		"udp": func(ctx context.Context, opts ...streams.ListenOption) (io.Closer, error) {
			return streams.ListenPacketWith(ctx, "udp", "127.0.0.1:0", opts...)
		},
	} {
		t.Run(network, func(t *testing.T) {
			onSystem(t, func(t *testing.T) {
				run(t, func(ctx context.Context) error {
					var seen []string
					see := func(network, address string, _ syscall.RawConn) error {
						seen = append(seen, network+" "+address)
						return nil
					}
					l := must(listen(ctx, streams.Control(see)))(t)
					if want := network + "4 127.0.0.1:0"; len(seen) != 1 || seen[0] != want {
						t.Errorf("it saw %q, not %q", seen, want)
					}
					_ = l.Close()
					refuse := errors.New("refused")
					_, err := listen(ctx, streams.Control(func(string, string, syscall.RawConn) error { return refuse }))
					expectError(t, "Listen", err, refuse)
					return nil
				})
			})
		})
	}
}
