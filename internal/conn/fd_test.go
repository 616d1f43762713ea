//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package conn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// onPair runs a test with two descriptors that are connected, on the real
// clock and on the virtual one.
func onPair(t *testing.T, test func(ctx context.Context, t *testing.T, a, b *conn.FD)) {
	for name, opts := range map[string][]asyncio.Option{"real": nil, "virtual": {virtual.Time()}} {
		t.Run("on the "+name+" clock", func(t *testing.T) {
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				home := conn.OwnerOf(ctx, "the test")
				sys, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
				if err != nil {
					return err
				}
				var fds [2]*conn.FD
				for i := range sys {
					if err := unix.SetNonblock(sys[i], true); err != nil {
						return err
					}
					if fds[i], err = conn.Open(home.Core(), sys[i], conn.AnyKind); err != nil {
						return err
					}
				}
				test(ctx, t, fds[0], fds[1])
				return nil
			}, opts...)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func write(ctx context.Context, t *testing.T, f *conn.FD, text string) {
	t.Helper()
	if n, err := f.Write(ctx, []byte(text)); n != len(text) || err != nil {
		t.Errorf("Write(%q) returned %d, %v", text, n, err)
	}
}

func expectRead(ctx context.Context, t *testing.T, f *conn.FD, want string) {
	t.Helper()
	buf := make([]byte, len(want)+1)
	if n, err := f.Read(ctx, buf); string(buf[:n]) != want || err != nil {
		t.Errorf("Read gave %q, %v; want %q", buf[:n], err, want)
	}
}

func expectError(t *testing.T, op string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s returned %v, want %v", op, err, want)
	}
}

func TestFD(t *testing.T) {
	t.Run("reads what is there, and waits for what is not", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, a, b *conn.FD) {
			write(ctx, t, a, "one")
			expectRead(ctx, t, b, "one")
			asyncio.Go(ctx, func(ctx context.Context) error {
				write(ctx, t, a, "two")
				return nil
			})
			expectRead(ctx, t, b, "two")
		})
	})
	t.Run("writes more than there is room for, unmixed with others", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, a, b *conn.FD) {
			const size, writers = 1 << 20, 3
			for i := range byte(writers) {
				asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := a.Write(ctx, bytes.Repeat([]byte{i}, size))
					return err
				})
			}
			var all []byte
			buf := make([]byte, 1<<16)
			for len(all) < writers*size {
				n, err := b.Read(ctx, buf)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, buf[:n]...)
			}
			for i := range byte(writers) {
				if !bytes.Equal(all[int(i)*size:][:size], bytes.Repeat([]byte{i}, size)) {
					t.Errorf("the bytes of writer %d are not together", i)
				}
			}
		})
	})
	t.Run("loses nothing to a read that is cut", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, a, b *conn.FD) {
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := b.Read(ctx, make([]byte, 8))
				return err
			})
			_ = asyncio.Yield(ctx)
			write(ctx, t, a, "kept")
			reader.Cancel()
			_, err := reader.Await(ctx)
			expectError(t, "the read", err, asyncio.ErrCanceled)
			expectRead(ctx, t, b, "kept")
		})
	})
	t.Run("refuses a second reader", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, a, b *conn.FD) {
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				expectRead(ctx, t, b, "one")
				return nil
			})
			_ = asyncio.Yield(ctx)
			_, err := b.Read(ctx, make([]byte, 8))
			expectError(t, "the second read", err, conn.ErrBusy)
			write(ctx, t, a, "one")
			_, _ = reader.Await(ctx)
		})
	})
	t.Run("has deadlines, which may be moved", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, a, b *conn.FD) {
			now := asyncio.RunningLoop(ctx).Now
			_ = b.SetReadDeadline(now().Add(time.Millisecond))
			_, err := b.Read(ctx, make([]byte, 8))
			expectError(t, "a read past its deadline", err, os.ErrDeadlineExceeded)
			write(ctx, t, a, "one")
			_, err = b.Read(ctx, make([]byte, 8))
			expectError(t, "a read after its deadline", err, os.ErrDeadlineExceeded)
			_ = b.SetReadDeadline(time.Time{})
			expectRead(ctx, t, b, "one")
		})
	})
	t.Run("that is closed wakes who waits", func(t *testing.T) {
		onPair(t, func(ctx context.Context, t *testing.T, a, b *conn.FD) {
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := b.Read(ctx, make([]byte, 8))
				return err
			})
			_ = asyncio.Yield(ctx)
			expectError(t, "Close", b.Close(), nil)
			_, err := reader.Await(ctx)
			expectError(t, "the read", err, net.ErrClosed)
			expectError(t, "Close again", b.Close(), net.ErrClosed)
			_, err = a.Read(ctx, make([]byte, 8))
			expectError(t, "a read at the other end", err, io.EOF)
			_, err = a.Write(ctx, []byte("x"))
			expectError(t, "a write at the other end", err, unix.EPIPE)
		})
	})
	t.Run("is closed with its loop", func(t *testing.T) {
		var sys int
		onPair(t, func(_ context.Context, _ *testing.T, a, b *conn.FD) { sys = a.Sys() })
		if err := unix.SetNonblock(sys, true); err != unix.EBADF {
			t.Errorf("it is open after Run: %v", err)
		}
	})
}
