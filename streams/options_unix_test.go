//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// option returns an option of a connection's socket.
func option(t *testing.T, conn *streams.Conn, level, name int) (value int) {
	t.Helper()
	raw := must(conn.SyscallConn())(t)
	err := raw.Control(func(fd uintptr) { value = must(unix.GetsockoptInt(int(fd), level, name))(t) })
	if err != nil {
		t.Error(err)
	}
	return value
}

func TestSocketOptions(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			for name, conn := range map[string]*streams.Conn{"dialed": client, "accepted": server} {
				if option(t, conn, unix.IPPROTO_TCP, unix.TCP_NODELAY) == 0 {
					t.Errorf("what was %s delays small writes", name)
				}
				expectError(t, "SetNoDelay", conn.SetNoDelay(false), nil)
				expectError(t, "SetKeepAlive", conn.SetKeepAlive(true), nil)
				if option(t, conn, unix.IPPROTO_TCP, unix.TCP_NODELAY) != 0 || option(t, conn, unix.SOL_SOCKET, unix.SO_KEEPALIVE) == 0 {
					t.Errorf("what was %s does not have what was set", name)
				}
			}
			return nil
		})
	})
}

func TestBufferSizesAreThoseOfTheSystem(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			conn, _ := pair(ctx, t, "tcp", "127.0.0.1:0")
			for i, sizes := range [][2]int{{16 << 10, 64 << 10}, {64 << 10, 16 << 10}} {
				expectError(t, "SetReadBuffer", conn.SetReadBuffer(sizes[0]), nil)
				expectError(t, "SetWriteBuffer", conn.SetWriteBuffer(sizes[1]), nil)
				read, write := option(t, conn, unix.SOL_SOCKET, unix.SO_RCVBUF), option(t, conn, unix.SOL_SOCKET, unix.SO_SNDBUF)
				if (i == 0) != (read < write) { // systems round them
					t.Errorf("after it set %v, the sizes are %d and %d", sizes, read, write)
				}
			}
			return nil
		})
	})
}

func TestDialFromAnAddress(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			taken := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			_, err := streams.Dial(ctx, "tcp", l.Addr().String(), streams.LocalAddr(taken.Addr()))
			expectError(t, "from one that is taken, Dial", err, unix.EADDRINUSE)
			_, err = streams.Dial(ctx, "tcp", l.Addr().String(), streams.LocalAddr(&net.TCPAddr{IP: net.IPv6loopback}))
			if err == nil {
				t.Error("it dials from an address of another family")
			}
			return nil
		})
	})
	t.Run("tries those of several that are of its family", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				_, port, _ := net.SplitHostPort(l.Addr().String())
				from := streams.LocalAddr(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
				conn := must(streams.Dial(ctx, "tcp", "name:"+port, names("::1", "127.0.0.1"), from))(t)
				if got := conn.RemoteAddr().String(); got != l.Addr().String() {
					t.Errorf("it is connected to %v", got)
				}
				return nil
			})
		})
	})
	t.Run("returns the errors of all, also of those that cannot be dialed from there", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			run(t, func(ctx context.Context) error {
				taken := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
				_, err := streams.Dial(ctx, "tcp", "name:1", names("127.0.0.1", "::1", "127.0.0.2"), streams.LocalAddr(taken.Addr()))
				group, ok := errors.AsType[*asyncio.ExceptionGroup](err)
				if !ok || len(group.Errors) != 3 {
					t.Fatalf("it returned %v", err)
				}
				expectError(t, "the first", group.Errors[0], unix.EADDRINUSE)
				expectError(t, "the last", group.Errors[2], unix.EADDRINUSE)
				return nil
			})
		})
	})
}

func TestListenOnBothFamilies(t *testing.T) {
	if l, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		t.Skip("this system has no IPv6:", err)
	} else {
		_ = l.Close()
	}
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(streams.Listen(ctx, "tcp", ":0"))(t)
			_, port, _ := net.SplitHostPort(l.Addr().String())
			for _, host := range []string{"127.0.0.1", "::1"} {
				client := must(streams.Dial(ctx, "tcp", net.JoinHostPort(host, port)))(t)
				server := must(l.AcceptContext(ctx))(t)
				send(t, client, host)
				recv(t, server, host)
			}
			return nil
		})
	})
}

func TestListenPacketFails(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			path := unixAddress(t)
			taken := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			must(streams.ListenPacket(ctx, "unixgram", path))(t)
			for _, bad := range [][2]string{
				{"udp", "nonsense"}, {"nonsense", "127.0.0.1:0"}, {"udp", "127.0.0.1:99999"}, {"udp", taken.LocalAddr().String()}, {"unixgram", path},
			} {
				_, got := streams.ListenPacket(ctx, bad[0], bad[1])
				_, want := net.ListenPacket(bad[0], bad[1])
				if got == nil || want == nil || got.Error() != want.Error() {
					t.Errorf("ListenPacket(%q, %q) returned %v, net.ListenPacket %v", bad[0], bad[1], got, want)
				}
			}
			return nil
		})
	})
}

func TestBacklog(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			for opts, want := range map[*[]streams.ListenOption]bool{
				{}:                   false,
				{streams.Backlog(2)}: true,
			} {
				path := unixAddress(t)
				l := must(streams.Listen(ctx, "unix", path, *opts...))(t)
				if got := isFull(t, path, 20); got != want {
					t.Errorf("with %d options, it is %v that no more than 20 clients can wait", len(*opts), got)
				}
				_ = l.Close()
			}
			return nil
		})
	})
}

// isFull reports whether a listener that accepts nothing lets no more than n
// clients connect.
func isFull(t *testing.T, path string, n int) bool {
	t.Helper()
	for range n {
		conn, err := net.Dial("unix", path) //asyncio:ok blocks it fails at once if the queue is full
		if err != nil {
			return true
		}
		defer conn.Close()
	}
	return false
}

func TestFileOfAUnixListener(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			path := unixAddress(t)
			l := must(streams.Listen(ctx, "unix", path))(t)
			_, err := streams.Listen(ctx, "unix", path)
			expectError(t, "a second Listen", err, unix.EADDRINUSE)
			if err := os.Remove(path); err != nil {
				return err
			}
			expectError(t, "Close of a listener whose file is gone", l.Close(), nil)
			return nil
		})
	})
	t.Run("stays when it is another's", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			path := unixAddress(t)
			first := must(streams.Listen(ctx, "unix", path))(t)
			if err := os.Remove(path); err != nil {
				return err
			}
			second := must(streams.Listen(ctx, "unix", path))(t)
			_ = first.Close()
			_ = must(streams.Dial(ctx, "unix", path))(t).Close()
			return second.Close()
		})
	})
	t.Run("is not left over when there is no descriptor for the listener", func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			path := unixAddress(t)
			leaveDescriptors(t, 1)
			_, err := streams.Listen(ctx, "unix", path)
			expectError(t, "Listen", err, unix.EMFILE)
			_, err = os.Lstat(path)
			expectError(t, "Lstat", err, os.ErrNotExist)
			return nil
		})
	})
}

func TestDescriptorOfAConn(t *testing.T) {
	run(t, func(ctx context.Context) error {
		client, _ := pair(ctx, t, "tcp", "127.0.0.1:0")
		raw := must(client.SyscallConn())(t)
		var err error
		_ = raw.Control(func(fd uintptr) { err = asyncio.RunningLoop(ctx).AddReader(fd, func() {}) })
		if err == nil || errors.Is(err, unix.EBADF) || !strings.Contains(err.Error(), "belong") && !strings.Contains(err.Error(), "watched already") {
			t.Errorf("AddReader returned %v", err)
		}
		return nil
	})
}
