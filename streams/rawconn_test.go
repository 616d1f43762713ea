package streams_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A rawSource is what has a RawConn to read from.
type rawSource interface {
	io.ReadCloser
	syscall.Conn
	SetDeadline(t time.Time) error
}

// rawBehavior tells how the RawConn of a source behaves; say sends a byte to it.
func rawBehavior(t *testing.T, source rawSource, say func()) string {
	var log strings.Builder
	raw := must(source.SyscallConn())(t)
	// A call lets its function say no so many times, and say a byte meanwhile.
	note := func(what string, call func(func(fd uintptr) bool) error, refusals int) {
		calls := 0
		err := call(func(uintptr) bool {
			if calls++; calls <= refusals {
				say()
			}
			return calls > refusals
		})
		for _, kind := range []error{os.ErrDeadlineExceeded, os.ErrClosed, net.ErrClosed} {
			if errors.Is(err, kind) {
				err = kind
			}
		}
		if err == os.ErrClosed { // as that of a file
			err = net.ErrClosed
		}
		fmt.Fprintf(&log, "%s: %d calls, %v\n", what, calls, err)
	}
	empty := func() {
		if _, err := source.Read(make([]byte, 16)); err != nil {
			t.Error(err)
		}
	}
	say()
	empty() // a Read that gets less than it asks for knows that there is no more
	note("read that is content", raw.Read, 0)
	note("write that is content", raw.Write, 0)
	note("read that waits", raw.Read, 1)
	empty()
	_ = source.SetDeadline(time.Now().Add(-time.Second))
	_, err := source.Read(make([]byte, 16))
	expectError(t, "Read", err, os.ErrDeadlineExceeded)
	note("read after the deadline", raw.Read, 0)
	note("write after the deadline", raw.Write, 0)
	_ = source.SetDeadline(time.Time{})
	note("read without a deadline", raw.Read, 0)
	_ = source.Close()
	note("read after Close", raw.Read, 0)
	note("write after Close", raw.Write, 0)
	note("control after Close", func(f func(uintptr) bool) error {
		return raw.Control(func(fd uintptr) { f(fd) })
	}, 0)
	return log.String()
}

// saying returns what sends a byte.
func saying(t *testing.T, w io.Writer) func() {
	return func() { send(t, w, "x") }
}

// Pools of connections, those of go-redis and go-sql-driver/mysql for example,
// look at the socket of a connection that idles with a RawConn.Read, to which
// their function always says that it is done.
func TestRawConnIsAsThatOfPackageNet(t *testing.T) {
	if runtime.GOOS == "js" {
		t.Skip("this system has no descriptors")
	}
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	peer := must(net.Dial("tcp", l.Addr().String()))(t)
	defer peer.Close()
	plain := must(l.Accept())(t).(*net.TCPConn)
	want := rawBehavior(t, plain, saying(t, peer))

	sources := map[string]func(ctx context.Context, t *testing.T) (rawSource, func()){
		"Conn of TCP": func(ctx context.Context, t *testing.T) (rawSource, func()) {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			return server, saying(t, client)
		},
		"Conn of a Unix socket": func(ctx context.Context, t *testing.T) (rawSource, func()) {
			client, server := pair(ctx, t, "unix", unixAddress(t))
			return server, saying(t, client)
		},
		"Conn of UDP": func(ctx context.Context, t *testing.T) (rawSource, func()) {
			server := must(net.ListenPacket("udp", "127.0.0.1:0"))(t)
			t.Cleanup(func() { _ = server.Close() })
			client := must(streams.Dial(ctx, "udp", server.LocalAddr().String()))(t)
			return client, func() { _ = second(server.WriteTo([]byte("x"), client.LocalAddr())) }
		},
		"PacketConn": func(ctx context.Context, t *testing.T) (rawSource, func()) {
			c := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			client := must(net.Dial("udp", c.LocalAddr().String()))(t) //asyncio:ok blocks UDP connects without its peer
			t.Cleanup(func() { _ = client.Close() })
			return packetSource{c}, saying(t, client)
		},
		"Pipe": func(ctx context.Context, t *testing.T) (rawSource, func()) {
			if runtime.GOOS == "windows" {
				t.Skip("pipes are files there, whose RawConn cannot wait")
			}
			r, w := must2(os.Pipe())(t)
			t.Cleanup(func() { _, _ = r.Close(), w.Close() })
			return must(streams.OpenPipe(ctx, r))(t), saying(t, w)
		},
	}
	for name, open := range sources {
		t.Run(name, func(t *testing.T) {
			onSystem(t, func(t *testing.T) {
				run(t, func(ctx context.Context) error {
					source, say := open(ctx, t)
					if got := rawBehavior(t, source, say); got != want {
						t.Errorf("it behaves so:\n%s\nThat of a TCPConn so:\n%s", got, want)
					}
					return nil
				})
			})
		})
	}
}

// packetSource reads packets as if they came from one peer.
type packetSource struct{ *streams.PacketConn }

func (s packetSource) Read(p []byte) (int, error) {
	n, _, err := s.ReadFrom(p)
	return n, err
}

func must2[A, B any](a A, b B, err error) func(t *testing.T) (A, B) {
	return func(t *testing.T) (A, B) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a, b
	}
}

func TestRawConnWriteTakesItsTurn(t *testing.T) {
	onSystem(t, withPair(func(ctx context.Context, t *testing.T, client, server *streams.Conn) {
		const long = 16 << 20 // more than the system takes while no one reads
		raw := must(client.SyscallConn())(t)
		writing := false
		writer := asyncio.Go(ctx, func(context.Context) error {
			writing = true
			defer func() { writing = false }()
			return second(client.Write(make([]byte, long)))
		})
		_ = asyncio.Yield(ctx)
		if !writing {
			t.Fatal("the writer has not begun")
		}
		between := false
		other := asyncio.Go(ctx, func(context.Context) error {
			return raw.Write(func(uintptr) bool {
				between = writing
				return true
			})
		})
		_, err := io.CopyN(io.Discard, server, long)
		expectError(t, "reading", err, nil)
		expectError(t, "Write", second(writer.Await(ctx)), nil)
		expectError(t, "RawConn.Write", second(other.Await(ctx)), nil)
		if between {
			t.Error("RawConn.Write was called in the middle of what another task wrote")
		}
	}))
}

// The function of a RawConn may end what it would wait for.
func TestRawConnWhoseFunctionEndsTheWait(t *testing.T) {
	needSockets(t)
	ends := map[error]func(c *streams.Conn) error{
		net.ErrClosed:          (*streams.Conn).Close,
		os.ErrDeadlineExceeded: func(c *streams.Conn) error { return c.SetDeadline(time.Unix(1, 0)) },
	}
	for want, end := range ends {
		run(t, func(ctx context.Context) error {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			defer closing(client, server)()
			raw := must(client.SyscallConn())(t)
			err := asyncio.WithTimeout(ctx, patience, func(context.Context) error {
				return raw.Read(func(uintptr) bool {
					expectError(t, "ending it", end(client), nil)
					return false
				})
			})
			expectError(t, "Read", err, want)
			return nil
		})
	}
}
