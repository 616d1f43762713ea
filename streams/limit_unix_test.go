//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams_test

import (
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// needDescriptors skips the test unless the process may have so many open.
func needDescriptors(t *testing.T, n int) {
	t.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if int64(limit.Cur) < int64(n) {
		t.Skipf("the process may open %d files, and %d are needed: raise the limit (ulimit -n)", limit.Cur, n)
	}
}

// leaveDescriptors lets the process open only so many more files, until the
// test ends.
func leaveDescriptors(t *testing.T, n int) {
	t.Helper()
	next := must(os.Open(os.DevNull))(t)
	lowest := next.Fd()
	_ = next.Close()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	low := before
	setTo(&low.Cur, int64(lowest)+int64(n))
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before) })
}

// setTo sets what is of another type on other systems.
func setTo[T int64 | uint64](p *T, n int64) { *p = T(n) }

func TestNoDescriptorsLeft(t *testing.T) {
	t.Run("Serve pauses, and goes on when a connection has ended", func(t *testing.T) {
		onSystem(t, func(t *testing.T) {
			told := 0
			tell := asyncio.OnException(func(c asyncio.ExceptionContext) {
				if errors.Is(c.Err, syscall.EMFILE) {
					told++
				} else {
					t.Errorf("reported: %v", c)
				}
			})
			run(t, func(ctx context.Context) error {
				_ = serving(ctx, t, echoAll, func(ctx context.Context, address string) {
					first := must(streams.Dial(ctx, "tcp", address))(t)
					send(t, first, "one")
					recv(t, first, "one")
					leaveDescriptors(t, 1)
					second := must(streams.Dial(ctx, "tcp", address))(t)
					_, err := streams.Dial(ctx, "tcp", address)
					expectError(t, "Dial", err, syscall.EMFILE)
					send(t, second, "two")
					for told == 0 {
						_ = asyncio.Yield(ctx)
					}
					_ = first.Close()
					recv(t, second, "two")
					_ = second.Close()
				})
				return nil
			}, tell)
		})
	})
}

func TestDialUnixListenerThatIsSlow(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			path := unixAddress(t)
			sys := must(unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0))(t)
			defer unix.Close(sys)
			if err := errors.Join(unix.Bind(sys, &unix.SockaddrUnix{Name: path}), unix.Listen(sys, 0)); err != nil {
				return err
			}
			var err error
			for err == nil { // until its queue is full
				var conn net.Conn
				if conn, err = net.Dial("unix", path); err == nil { //asyncio:ok blocks it fails at once if the queue is full
					defer conn.Close()
				}
			}
			if !errors.Is(err, syscall.EAGAIN) {
				t.Skip("this system refuses instead:", err)
			}
			waits := asyncio.CreateTask(ctx, func(ctx context.Context) (*streams.Conn, error) {
				return streams.Dial(ctx, "unix", path)
			})
			_ = asyncio.Yield(ctx)
			if waits.Done() {
				t.Error("Dial did not wait")
			}
			accepted, _, err := unix.Accept(sys)
			if err != nil {
				return err
			}
			defer unix.Close(accepted)
			return must(waits.Await(ctx))(t).Close()
		})
	})
}

// Connections have the options that package net gives its own.
func TestDefaultOptions(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			for name, conn := range map[string]*streams.Conn{"client": client, "server": server} {
				raw := must(conn.SyscallConn())(t)
				_ = raw.Control(func(fd uintptr) {
					for option, at := range map[string][2]int{
						"TCP_NODELAY":  {unix.IPPROTO_TCP, unix.TCP_NODELAY},
						"SO_KEEPALIVE": {unix.SOL_SOCKET, unix.SO_KEEPALIVE},
					} {
						if on, err := unix.GetsockoptInt(int(fd), at[0], at[1]); on == 0 || err != nil {
							t.Errorf("%s of the %s is %d, %v", option, name, on, err)
						}
					}
				})
			}
			return nil
		})
	})
}
