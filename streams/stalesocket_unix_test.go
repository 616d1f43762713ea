//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams_test

import (
	"context"
	"io"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/streams"
)

// bindFile binds a Unix socket, and returns it.
func bindFile(t *testing.T, path string, kind int) (sys int) {
	t.Helper()
	sys = must(unix.Socket(unix.AF_UNIX, kind, 0))(t)
	unix.CloseOnExec(sys)
	if err := unix.Bind(sys, &unix.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	return sys
}

// listenFile listens on a Unix socket of a network.
func listenFile(ctx context.Context, network, path string) (io.Closer, error) {
	if network == "unixgram" {
		return streams.ListenPacket(ctx, network, path)
	}
	return streams.Listen(ctx, network, path)
}

func TestListenOnTheFileOfAUnixSocket(t *testing.T) {
	const used, free = true, false
	cases := map[string]struct {
		leave func(ctx context.Context, t *testing.T, path string)
		used  bool
	}{
		"of a server that was killed": {func(_ context.Context, t *testing.T, path string) {
			sys := bindFile(t, path, unix.SOCK_STREAM)
			_, _ = unix.Listen(sys, 1), unix.Close(sys)
		}, free},
		"of a receiver of packets that was killed": {func(_ context.Context, t *testing.T, path string) {
			_ = unix.Close(bindFile(t, path, unix.SOCK_DGRAM))
		}, free},
		"of a server that is running": {func(ctx context.Context, t *testing.T, path string) {
			must(streams.Listen(ctx, "unix", path))(t)
		}, used},
		"of a server of another process, whose queue is full": {func(_ context.Context, t *testing.T, path string) {
			sys := bindFile(t, path, unix.SOCK_STREAM)
			t.Cleanup(func() { _ = unix.Close(sys) })
			if err := unix.Listen(sys, 0); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				client := must(unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0))(t)
				t.Cleanup(func() { _ = unix.Close(client) })
				_ = unix.SetNonblock(client, true)
				_ = unix.Connect(client, &unix.SockaddrUnix{Name: path})
			}
		}, used},
		"of a server that does not listen yet": {func(_ context.Context, t *testing.T, path string) {
			sys := bindFile(t, path, unix.SOCK_STREAM)
			t.Cleanup(func() { _ = unix.Close(sys) })
		}, used},
		"of a receiver of packets": {func(_ context.Context, t *testing.T, path string) {
			sys := bindFile(t, path, unix.SOCK_DGRAM)
			t.Cleanup(func() { _ = unix.Close(sys) })
		}, used},
		"that is another file": {func(_ context.Context, t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, used},
		"that is a directory": {func(_ context.Context, t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, used},
		"that is a link to one that is stale": {func(_ context.Context, t *testing.T, path string) {
			_ = unix.Close(bindFile(t, path+"2", unix.SOCK_STREAM))
			if err := os.Symlink(path+"2", path); err != nil {
				t.Fatal(err)
			}
		}, used},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			onSystem(t, func(t *testing.T) {
				for _, network := range []string{"unix", "unixgram"} {
					run(t, func(ctx context.Context) error {
						path := unixAddress(t)
						c.leave(ctx, t, path)
						before := must(os.Lstat(path))(t)
						l, err := listenFile(ctx, network, path)
						if c.used {
							expectError(t, "listening of "+network, err, unix.EADDRINUSE)
							if after := must(os.Lstat(path))(t); !os.SameFile(before, after) {
								t.Error("the file was replaced")
							}
							return nil
						}
						expectError(t, "listening of "+network, err, nil)
						client := must(net.Dial(network, path))(t) //asyncio:ok blocks the system accepts for the listener
						_ = client.Close()
						return l.Close()
					})
				}
			})
		})
	}
}

func TestListenLeavesAFileThatItMustNotUse(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("this user may do everything")
	}
	run(t, func(ctx context.Context) error {
		path := unixAddress(t)
		_ = unix.Close(bindFile(t, path, unix.SOCK_STREAM))
		if err := os.Chmod(path, 0); err != nil {
			return err
		}
		_, err := streams.Listen(ctx, "unix", path)
		expectError(t, "Listen", err, unix.EADDRINUSE)
		return nil
	})
}

func TestListenOnAnAbstractNameThatIsTaken(t *testing.T) {
	run(t, func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "unix", "@")
		if err != nil {
			t.Skip("this system has no abstract names:", err)
		}
		_, err = streams.Listen(ctx, "unix", l.Addr().String())
		expectError(t, "Listen", err, unix.EADDRINUSE)
		return l.Close()
	})
}
