//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// blocks reports whether calls on a descriptor do.
func blocks(t *testing.T, fd int) bool {
	t.Helper()
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if err != nil {
		t.Fatal(err)
	}
	return flags&unix.O_NONBLOCK == 0
}

// twoFiles makes files of two descriptors which block, as those do that a
// process inherits.
func twoFiles(t *testing.T, fds [2]int, err error) (a, b *os.File) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	a, b = os.NewFile(uintptr(fds[0]), "a"), os.NewFile(uintptr(fds[1]), "b")
	t.Cleanup(func() {
		a.Close()
		b.Close()
	})
	return a, b
}

// exchange expects that what is written to w is read from r.
func exchange(ctx context.Context, t *testing.T, r io.Reader, w io.Writer) {
	t.Helper()
	writer := asyncio.Go(ctx, func(context.Context) error {
		mustWrite(t, w, "text\n")
		return nil
	})
	got, err := readSome(r)
	expect(t, got, err, "text\n", nil)
	expectIs(t, "the writer", second(writer.Await(ctx)), nil)
}

func TestPipeSyscallConn(t *testing.T) {
	withPipes(t, func(ctx context.Context, t *testing.T) {
		r, w := newPipe(ctx, t)
		raw, err := r.SyscallConn()
		expectIs(t, "SyscallConn", err, nil)
		var got []byte
		reader := asyncio.Go(ctx, func(context.Context) error {
			return raw.Read(func(fd uintptr) bool {
				buf := make([]byte, 100)
				n, err := unix.Read(int(fd), buf)
				got = buf[:max(n, 0)]
				return err != unix.EAGAIN
			})
		})
		_ = asyncio.Yield(ctx)
		mustWrite(t, w, "text")
		expectIs(t, "Read", second(reader.Await(ctx)), nil)
		expect(t, got, nil, "text", nil)
		var stat unix.Stat_t
		expectIs(t, "Control", raw.Control(func(fd uintptr) { expectIs(t, "fstat", unix.Fstat(int(fd), &stat), nil) }), nil)
		if stat.Mode&unix.S_IFMT != unix.S_IFIFO {
			t.Errorf("its mode is %o", stat.Mode)
		}
		mustClose(t, r)
		expectIs(t, "Control after Close", raw.Control(func(uintptr) {}), os.ErrClosed)
	})
}

func TestPipeOf(t *testing.T) {
	t.Run("a FIFO", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			name := filepath.Join(t.TempDir(), "fifo")
			if err := unix.Mkfifo(name, 0o600); err != nil {
				t.Skip(err)
			}
			f, err := os.OpenFile(name, os.O_RDWR, 0) // so that no one waits for the other in opening it
			both := openPipe(ctx, t, f, err)
			f, err = os.OpenFile(name, os.O_WRONLY, 0)
			w := openPipe(ctx, t, f, err)
			exchange(ctx, t, both, w)
			mustClose(t, w)
			exchange(ctx, t, both, both)
		})
	})
	t.Run("a socket", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			a, b := twoFiles(t, fds, err)
			p, q := openPipe(ctx, t, a, nil), openPipe(ctx, t, b, nil)
			exchange(ctx, t, p, q)
			exchange(ctx, t, q, p)
			mustClose(t, p)
			expectIs(t, "Read", second(readSome(q)), io.EOF)
			expectIs(t, "Write", second(q.Write([]byte("x"))), unix.EPIPE)
		})
	})
	t.Run("a pipe that was inherited", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			var fds [2]int
			err := unix.Pipe(fds[:])
			in, out := twoFiles(t, fds, err)
			r, err := streams.OpenPipe(ctx, in)
			expectIs(t, "OpenPipe", err, nil)
			w, err := streams.OpenPipe(ctx, out)
			expectIs(t, "OpenPipe", err, nil)
			exchange(ctx, t, r, w)
			mustClose(t, w)
			mustClose(t, out)
			expectIs(t, "Read", second(readSome(r)), io.EOF)
		})
	})
}
