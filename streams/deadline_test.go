package streams_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// A timed is what has deadlines, with a call that waits until one has passed.
type timed struct {
	io.Closer
	SetDeadline func(time.Time) error
	wait        func() error
}

// readerOf returns what waits until something can be read.
func readerOf(r io.Reader) func() error {
	return func() error { return second(r.Read(make([]byte, 1))) }
}

// timedOnes make one of each kind that the library has, and return what is to be
// closed as well.
var timedOnes = map[string]func(ctx context.Context, t *testing.T) (timed, io.Closer){
	"a Conn": func(ctx context.Context, t *testing.T) (timed, io.Closer) {
		client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
		return timed{server, server.SetDeadline, readerOf(server)}, client
	},
	"a Listener": func(ctx context.Context, t *testing.T) (timed, io.Closer) {
		l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
		return timed{l, l.SetDeadline, func() error { return second(l.Accept()) }}, l
	},
	"a PacketConn": func(ctx context.Context, t *testing.T) (timed, io.Closer) {
		needSystem(t)
		c := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
		return timed{c, c.SetDeadline, func() error {
			_, _, err := c.ReadFrom(make([]byte, 1))
			return err
		}}, c
	},
	"a Pipe": func(ctx context.Context, t *testing.T) (timed, io.Closer) {
		r, w := newPipe(ctx, t)
		return timed{r, r.SetDeadline, readerOf(r)}, w
	},
	"a pipe of asynciotest": func(ctx context.Context, t *testing.T) (timed, io.Closer) {
		a, b := asynciotest.Pipe(ctx)
		return timed{a, a.SetDeadline, readerOf(a)}, b
	},
}

var (
	longPast = time.Unix(1, 0)
	never    time.Time
)

// elsewhere makes a call on another goroutine, while the loop stands still.
func elsewhere(t *testing.T, call func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("it waits for the loop")
	}
}

func TestDeadlinesOfOtherGoroutines(t *testing.T) {
	each := func(t *testing.T, test func(ctx context.Context, t *testing.T, c timed)) {
		everyWay(t, func(t *testing.T) {
			for name, newTimed := range timedOnes {
				t.Run(name, func(t *testing.T) {
					run(t, func(ctx context.Context) error {
						c, other := newTimed(ctx, t)
						defer other.Close()
						defer c.Close()
						test(ctx, t, c)
						return nil
					})
				})
			}
		})
	}
	t.Run("do not wait for the loop", func(t *testing.T) {
		each(t, func(_ context.Context, t *testing.T, c timed) {
			elsewhere(t, func() { expectError(t, "SetDeadline", c.SetDeadline(longPast), nil) })
			expectError(t, "waiting", c.wait(), os.ErrDeadlineExceeded)
		})
	})
	t.Run("nor does Close", func(t *testing.T) {
		each(t, func(_ context.Context, t *testing.T, c timed) {
			elsewhere(t, func() { expectError(t, "Close", c.Close(), nil) })
			if err := c.wait(); err == nil {
				t.Error("it is open")
			}
		})
	})
	t.Run("end what waits already", func(t *testing.T) {
		each(t, func(ctx context.Context, t *testing.T, c timed) {
			go func() { _ = c.SetDeadline(longPast) }()
			expectError(t, "waiting", c.wait(), os.ErrDeadlineExceeded)
		})
	})
	t.Run("count if they are the last", func(t *testing.T) {
		each(t, func(ctx context.Context, t *testing.T, c timed) {
			wait := func() error {
				return asyncio.WithTimeout(ctx, 10*time.Millisecond, func(context.Context) error { return c.wait() })
			}
			elsewhere(t, func() { _ = c.SetDeadline(longPast) })
			_ = c.SetDeadline(never)
			expectError(t, "waiting after one that was taken back", wait(), asyncio.ErrTimeout)
			_ = c.SetDeadline(never)
			elsewhere(t, func() {
				_ = c.SetDeadline(never)
				_ = c.SetDeadline(longPast)
			})
			expectError(t, "waiting after another", wait(), os.ErrDeadlineExceeded)
		})
	})
	t.Run("keep the two directions apart", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			a, b := asynciotest.Pipe(ctx)
			elsewhere(t, func() { _ = a.SetDeadline(longPast) })
			_ = a.SetWriteDeadline(never)
			_ = asyncio.Yield(ctx)
			send(t, a, "x")
			recv(t, b, "x")
			expectError(t, "Read", second(a.Read(make([]byte, 1))), os.ErrDeadlineExceeded)
			return nil
		})
	})
}

func TestOptionsOfOtherGoroutinesDoNotWaitForTheLoop(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			conn, other := pair(ctx, t, "tcp", "127.0.0.1:0")
			packets := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			setAll := func() (errs [8]error) {
				return [...]error{
					conn.SetNoDelay(false), conn.SetKeepAlive(true), conn.SetLinger(-1),
					conn.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true}),
					conn.SetReadBuffer(1 << 16), conn.SetWriteBuffer(1 << 16),
					packets.SetReadBuffer(1 << 16), packets.SetWriteBuffer(1 << 16),
				}
			}
			elsewhere(t, func() {
				for i, err := range setAll() {
					expectError(t, fmt.Sprint("option ", i), err, nil)
				}
			})
			send(t, conn, "as well as before")
			recv(t, other, "as well as before")
			_, _ = conn.Close(), packets.Close()
			elsewhere(t, func() { setAll() }) // what is closed already is not worth a report
			return nil
		})
	})
	t.Run("but are reported when they fail", func(t *testing.T) {
		var reports []asyncio.ExceptionContext
		err := asyncio.Run(t.Context(), func(ctx context.Context) error {
			conn, _ := pair(ctx, t, "unix", unixAddress(t))
			elsewhere(t, func() { expectError(t, "SetNoDelay", conn.SetNoDelay(true), nil) })
			return asyncio.Yield(ctx)
		}, asyncio.OnException(func(c asyncio.ExceptionContext) { reports = append(reports, c) }), noWatchdog)
		if len(reports) != 1 || err != nil {
			t.Errorf("reported were %v; Run returned %v", reports, err)
		}
	})
}

// A driver of a database moves the deadline of a connection when the context of
// a query is done, and waits for that before it returns.
func TestQueryOfADriverIsCanceled(t *testing.T) {
	query := func(ctx context.Context, c net.Conn) error {
		done := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			_ = c.SetDeadline(longPast)
			close(done)
		})
		_, err := c.Read(make([]byte, 1))
		if !stop() {
			<-done //asyncio:ok channel as such a driver does; SetDeadline does not wait for the loop
		}
		return err
	}
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			defer client.Close()
			defer server.Close()
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(ctx context.Context) error {
				return query(ctx, client)
			})
			expectError(t, "the query", err, asyncio.ErrTimeout)
			return nil
		})
	})
}
