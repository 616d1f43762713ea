package streams_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func TestReset(t *testing.T) {
	reset := func(conn *streams.Conn) {
		_ = conn.SetLinger(0)
		_ = conn.Close()
	}
	expectReset := func(t *testing.T, op string, err error) {
		t.Helper()
		var e *net.OpError
		if !errors.As(err, &e) || !errors.Is(err, errReset) && !errors.Is(err, errHungUp) {
			t.Errorf("%s returned %v", op, err)
		}
	}
	t.Run("in the middle of a read", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			asyncio.RunningLoop(ctx).CallSoon(func() { reset(client) })
			_, err := server.Read(make([]byte, 1))
			expectReset(t, "Read", err)
		})
	})
	t.Run("in the middle of a write", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			asyncio.RunningLoop(ctx).CallLater(20*time.Millisecond, func() { reset(client) })
			_, err := server.Write(make([]byte, 64<<20))
			expectReset(t, "Write", err)
		})
	})
	t.Run("while both wait", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			writer := asyncio.Go(ctx, func(context.Context) error {
				_, err := server.Write(make([]byte, 64<<20))
				expectReset(t, "Write", err)
				return nil
			})
			asyncio.RunningLoop(ctx).CallLater(20*time.Millisecond, func() { reset(client) })
			_, err := server.Read(make([]byte, 1))
			_, _ = writer.Await(ctx)
			if err == nil {
				t.Error("Read returned no error")
			}
		})
	})
	t.Run("of a half-closed peer", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			_ = client.CloseWrite()
			if got, err := io.ReadAll(server); len(got) > 0 || err != nil {
				t.Errorf("it read %q, %v", got, err)
			}
			reset(client)
			for range 1000 { // the first may come too early
				if _, err := server.Write([]byte("x")); err != nil {
					expectReset(t, "Write", err)
					return
				}
				_ = asyncio.Sleep(ctx, time.Millisecond)
			}
			t.Error("writing never failed")
		})
	})
}

// heapInUse returns the bytes of live objects.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC() // what the first found is freed
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A peer that never reads costs its writer no memory beyond the one call.
func TestPeerThatNeverReads(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			const peers, chunk = 20, 16 << 10
			before := heapInUse()
			written := 0
			for range peers {
				_, server := pair(ctx, t, "tcp", "127.0.0.1:0")
				asyncio.Go(ctx, func(context.Context) error {
					buf := make([]byte, chunk)
					for {
						n, err := server.Write(buf)
						if written += n; err != nil {
							return nil // the test is over
						}
					}
				})
			}
			for last := -1; last != written; {
				last = written
				if err := asyncio.Sleep(ctx, 100*time.Millisecond); err != nil {
					return err
				}
			}
			grown := int64(heapInUse()-before) / peers
			t.Logf("%d KiB were taken by the system for each peer; the heap has grown by %d KiB for each", written/peers>>10, grown>>10)
			if written < peers*chunk {
				t.Errorf("only %d bytes were written", written)
			}
			if grown > 128<<10 {
				t.Errorf("the heap has grown by %d bytes for each peer", grown)
			}
			return nil
		})
	})
}

func TestStarvation(t *testing.T) {
	t.Run("a busy loop looks at its connections", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
			busy := asyncio.Go(ctx, func(ctx context.Context) error {
				for {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
			})
			echo := asyncio.Go(ctx, func(ctx context.Context) error { return echoAll(ctx, server) })
			for range 100 {
				send(t, client, "x")
				recv(t, client, "x")
			}
			busy.Cancel()
			_ = client.Close()
			_, err := echo.Await(ctx)
			expectError(t, "the echo", err, nil)
		})
	})
	t.Run("timers come through a flood from one peer", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
			defer l.Close()
			go flood(l)
			conn := must(streams.Dial(ctx, "tcp", l.Addr().String()))(t)
			fired, total := false, 0
			asyncio.RunningLoop(ctx).CallLater(10*time.Millisecond, func() { fired = true })
			for buf := make([]byte, 64); !fired && total < 1<<30; {
				n, err := conn.Read(buf) // so little that there is always more
				if err != nil {
					return err
				}
				total += n
			}
			if !fired {
				t.Errorf("%d bytes came, and the timer did not", total)
			}
			return conn.Close()
		})
	})
	t.Run("timers come through writes that never wait", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			c := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			fired := false
			asyncio.RunningLoop(ctx).CallLater(10*time.Millisecond, func() { fired = true })
			for n := 0; !fired; n++ {
				if _, err := c.WriteTo([]byte("x"), c.LocalAddr()); err != nil {
					return err
				}
				if n == 10_000_000 {
					return errors.New("the timer did not come")
				}
			}
			return nil
		})
	})
}

// flood sends to the first that connects, until that is closed.
func flood(l net.Listener) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	for buf := make([]byte, 64<<10); err == nil; {
		_, err = conn.Write(buf)
	}
}

// useMany opens so many connections to an echo server, and keeps them all open
// while each is used.
func useMany(ctx context.Context, t *testing.T, n int, address string, use func(ctx context.Context, conn *streams.Conn, i int) error) {
	t.Helper()
	conns := make([]*streams.Conn, n)
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for i := range conns {
			tg.Go(func(ctx context.Context) (err error) {
				conns[i], err = streams.Dial(ctx, "tcp", address)
				return err
			})
		}
		return nil
	}, asyncio.Limit(100))
	expectError(t, "connecting", err, nil)
	if t.Failed() {
		return
	}
	err = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for i, conn := range conns {
			tg.Go(func(ctx context.Context) error { return use(ctx, conn, i) })
		}
		return nil
	})
	expectError(t, "the conversations", err, nil)
	for _, conn := range conns {
		_ = conn.SetLinger(0) // ports are scarce
		_ = conn.Close()
	}
}

// ignoreResets lets handlers fail because their clients have gone.
func ignoreResets(t *testing.T) asyncio.Option {
	return asyncio.OnException(func(c asyncio.ExceptionContext) {
		if !errors.Is(c.Err, errReset) {
			t.Errorf("reported: %v", c)
		}
	})
}

// clientsOf is set in the process that makes the connections of
// TestTenThousandConnections, to the address of the server: one process may not
// open as many files as both ends need.
const clientsOf = "STREAMS_TEST_CLIENTS_OF"

func TestTenThousandConnections(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 500
	}
	needDescriptors(t, n+100)
	if address := os.Getenv(clientsOf); address != "" {
		run(t, func(ctx context.Context) error {
			useMany(ctx, t, n, address, sayHello)
			return nil
		})
		return
	}
	run(t, func(ctx context.Context) error {
		open, most := 0, 0
		err := serving(ctx, t, func(ctx context.Context, conn net.Conn) error {
			open++
			most = max(most, open)
			defer func() { open-- }()
			return echoAll(ctx, conn)
		}, func(ctx context.Context, address string) {
			clients := exec.Command(os.Args[0], "-test.run=^TestTenThousandConnections$", fmt.Sprintf("-test.short=%v", testing.Short()))
			clients.Env = append(os.Environ(), clientsOf+"="+address)
			out, err := asyncio.ToThread(ctx, func(context.Context) ([]byte, error) { return clients.CombinedOutput() })
			if err != nil {
				t.Errorf("the clients: %v\n%s", err, out)
			}
		}, streams.GracePeriod(time.Nanosecond))
		expectError(t, "Serve", err, asyncio.ErrCanceled)
		if most != n {
			t.Errorf("%d connections were open at once, want %d", most, n)
		}
		return nil
	}, ignoreResets(t))
}

// sayHello sends a text of its own and wants it back.
func sayHello(_ context.Context, conn *streams.Conn, i int) error {
	want := fmt.Sprintf("hello from %5d", i)
	if _, err := conn.Write([]byte(want)); err != nil {
		return err
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		return fmt.Errorf("it read %q: %w", got, err)
	}
	return nil
}

func TestThousandSlowConnections(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 100
	}
	needDescriptors(t, 2*n+100)
	run(t, func(ctx context.Context) error {
		return serveAndCancel(ctx, t, func(ctx context.Context, address string) {
			useMany(ctx, t, n, address, slowly)
		})
	}, ignoreResets(t))
}

// serveAndCancel serves echoes while the body runs.
func serveAndCancel(ctx context.Context, t *testing.T, body func(ctx context.Context, address string)) error {
	t.Helper()
	expectError(t, "Serve", serving(ctx, t, echoAll, body, streams.GracePeriod(time.Nanosecond)), asyncio.ErrCanceled)
	return nil
}

// slowly sends a number byte by byte, with pauses, and wants each back.
func slowly(ctx context.Context, conn *streams.Conn, i int) error {
	for _, b := range fmt.Appendf(nil, "%5d", i) {
		if err := asyncio.Sleep(ctx, time.Duration(1+i%50)*time.Millisecond); err != nil {
			return err
		}
		if _, err := conn.Write([]byte{b}); err != nil {
			return err
		}
		back := make([]byte, 2)
		if n, err := conn.Read(back); n != 1 || back[0] != b || err != nil {
			return fmt.Errorf("%q came back for %q: %w", back[:n], b, err)
		}
	}
	return nil
}
