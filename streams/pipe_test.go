package streams_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/virtual"
	"github.com/asyncio-go/asyncio/streams"
)

var _ interface {
	io.ReadWriteCloser
	SetDeadline(time.Time) error
} = (*streams.Pipe)(nil)

// withPipes runs a test of pipes on the real clock and on the virtual one, with
// descriptors that the loop waits for and with threads, and expects that it
// leaves none open.
func withPipes(t *testing.T, test func(ctx context.Context, t *testing.T)) {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("there are no pipes here")
	}
	everyWay(t, func(t *testing.T) {
		for name, opts := range map[string][]asyncio.Option{"real": nil, "virtual": {virtual.Time()}} {
			t.Run("on the "+name+" clock", func(t *testing.T) {
				expectClosed(t)
				run(t, func(ctx context.Context) error {
					test(ctx, t)
					return nil
				}, opts...)
			})
		}
	})
}

// expectClosed expects, when the test has ended, that it leaves no descriptor
// open.
func expectClosed(t *testing.T) {
	t.Helper()
	before := openDescriptors(t)
	t.Cleanup(func() {
		if now := openDescriptors(t); now > before {
			t.Errorf("%d descriptors are open, %d were", now, before)
		}
	})
}

// openDescriptors counts where the system tells; the runtime's own are open
// from the first count on.
func openDescriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	var files []os.DirEntry
	for range 2 {
		var err error
		if files, err = os.ReadDir("/proc/self/fd"); err != nil {
			t.Fatal(err)
		}
	}
	return len(files)
}

// newPipe returns a pipe.
func newPipe(ctx context.Context, t *testing.T) (r, w *streams.Pipe) {
	t.Helper()
	r, w, err := streams.NewPipe(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return r, w
}

// openPipe opens a file as a pipe, and closes the file.
func openPipe(ctx context.Context, t *testing.T, f *os.File, err error) *streams.Pipe {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := streams.OpenPipe(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// readSome makes one Read.
func readSome(r io.Reader) ([]byte, error) {
	buf := make([]byte, 100)
	n, err := r.Read(buf)
	return buf[:n], err
}

func mustWrite(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if n, err := io.WriteString(w, text); n != len(text) || err != nil {
		t.Errorf("writing %.40q returned %d, %v", text, n, err)
	}
}

func mustClose(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func expectIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: the error is %v, want %v", what, err, want)
	}
}

func TestPipe(t *testing.T) {
	t.Run("suspends a task that reads, and not the loop", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			asyncio.Go(ctx, func(context.Context) error {
				mustWrite(t, w, "one\ntwo\n")
				return w.Close()
			})
			lines := bufio.NewScanner(r)
			for _, want := range []string{"one", "two"} {
				if !lines.Scan() || lines.Text() != want {
					t.Errorf("a line is %q, want %q (%v)", lines.Text(), want, lines.Err())
				}
			}
			if lines.Scan() {
				t.Errorf("there is another line: %q", lines.Text())
			}
		})
	})
	t.Run("suspends a task that writes more than there is room for", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			writer := asyncio.Go(ctx, func(context.Context) error {
				_, err := w.Write(sent)
				return errors.Join(err, w.Close())
			})
			_ = asyncio.Yield(ctx)
			if writer.Done() {
				t.Error("a megabyte was written and no one has read")
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%d bytes came, want %d as they were sent (%v)", len(got), len(sent), err)
			}
			expectIs(t, "the writer", second(writer.Await(ctx)), nil)
		})
	})
	t.Run("is at its end when the other is closed, again and again", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			mustWrite(t, w, "last")
			mustWrite(t, w, "") // which is not the end
			mustClose(t, w)
			got, err := readSome(r)
			expect(t, got, err, "last", nil)
			for range 2 {
				if got, err := readSome(r); len(got) > 0 || err != io.EOF {
					t.Errorf("Read gave %q, %v; want the end", got, err)
				}
			}
			mustClose(t, r)
			expectIs(t, "Close again", r.Close(), os.ErrClosed)
			expectIs(t, "Read after Close", second(readSome(r)), os.ErrClosed)
		})
	})
	t.Run("breaks when no one reads", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			mustClose(t, r)
			for range 2 {
				_, err := w.Write([]byte("x"))
				expectIs(t, "Write", err, syscall.EPIPE)
			}
			expectIs(t, "SetDeadline", w.SetDeadline(time.Time{}), nil)
			mustClose(t, w)
			_, err := w.Write([]byte("x"))
			expectIs(t, "Write after Close", err, os.ErrClosed)
		})
	})
	t.Run("breaks for a writer that waits", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			asyncio.Go(ctx, func(ctx context.Context) error {
				_ = asyncio.Yield(ctx)
				return r.Close()
			})
			_, err := w.Write(make([]byte, 1<<20))
			expectIs(t, "Write", err, syscall.EPIPE)
		})
	})
	t.Run("that is closed lets go who waits", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			reader := asyncio.Go(ctx, func(context.Context) error { return second(readSome(r)) })
			writer := asyncio.Go(ctx, func(context.Context) error { return second(w.Write(make([]byte, 1<<20))) })
			_ = asyncio.Yield(ctx)
			mustClose(t, w)
			expectIs(t, "the writer", second(writer.Await(ctx)), os.ErrClosed)
			_, _ = io.Copy(io.Discard, r)
			mustClose(t, r)
			_, _ = reader.Await(ctx)
		})
	})
	t.Run("loses nothing to a read that is canceled", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			reader := asyncio.Go(ctx, func(context.Context) error { return second(readSome(r)) })
			_ = asyncio.Yield(ctx)
			reader.Cancel()
			expectIs(t, "the reader", second(reader.Await(ctx)), asyncio.ErrCanceled)
			mustWrite(t, w, "kept")
			got, err := readSome(r)
			expect(t, got, err, "kept", nil)
		})
	})
	t.Run("ends the wait of a writer that is canceled", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			_, w := newPipe(ctx, t)
			writer := asyncio.Go(ctx, func(context.Context) error {
				n, err := w.Write(make([]byte, 1<<20))
				if n == 0 || n == 1<<20 {
					t.Errorf("%d bytes were written, want a part", n)
				}
				return err
			})
			_ = asyncio.Yield(ctx)
			writer.Cancel()
			expectIs(t, "the writer", second(writer.Await(ctx)), asyncio.ErrCanceled)
		})
	})
	t.Run("waits on the innermost scope, or on the context it was given", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, _ := newPipe(ctx, t)
			err := asyncio.WithTimeout(ctx, time.Millisecond, func(context.Context) error {
				return second(readSome(r))
			})
			expectIs(t, "Read in a timeout", err, asyncio.ErrTimeout)
			bound, cancel := context.WithCancel(ctx)
			cancel()
			expectIs(t, "Read with a context", second(readSome(r.WithContext(bound))), context.Canceled)
		})
	})
	t.Run("has deadlines", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			now := asyncio.RunningLoop(ctx).Now
			expectIs(t, "SetReadDeadline", r.SetReadDeadline(now().Add(time.Millisecond)), nil)
			expectIs(t, "Read", second(readSome(r)), os.ErrDeadlineExceeded)
			expectIs(t, "SetWriteDeadline", w.SetWriteDeadline(now().Add(time.Millisecond)), nil)
			expectIs(t, "Write", second(w.Write(make([]byte, 1<<20))), os.ErrDeadlineExceeded)
			expectIs(t, "SetDeadline", r.SetDeadline(time.Time{}), nil)
			got, err := readSome(r)
			expect(t, got[:1], err, "\x00", nil)
			mustClose(t, r)
			expectIs(t, "SetDeadline after Close", r.SetDeadline(time.Time{}), os.ErrClosed)
		})
	})
	t.Run("serves one reader at a time", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			reader := asyncio.Go(ctx, func(context.Context) error { return second(readSome(r)) })
			_ = asyncio.Yield(ctx)
			if _, err := readSome(r); err == nil || !strings.Contains(err.Error(), "another task") {
				t.Errorf("a second reader got %v", err)
			}
			mustWrite(t, w, "x")
			expectIs(t, "the first", second(reader.Await(ctx)), nil)
		})
	})
	t.Run("works from another goroutine", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			r, w := newPipe(ctx, t)
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				mustWrite(t, w, "from afar")
				got, err := readSome(r)
				expect(t, got, err, "from afar", nil)
				return 0, errors.Join(r.Close(), w.Close())
			})
			expectIs(t, "the goroutine", err, nil)
		})
	})
	t.Run("is something to wait for in a test", func(t *testing.T) {
		if runtime.GOOS == "js" {
			t.Skip("there are no pipes here")
		}
		everyWay(t, func(t *testing.T) {
			asynciotest.Run(t, func(ctx context.Context) {
				in, out, err := os.Pipe()
				r := openPipe(ctx, t, in, err)
				time.AfterFunc(10*time.Millisecond, func() { // by the real clock
					mustWrite(t, out, "late")
					mustClose(t, out)
				})
				got, err := io.ReadAll(r)
				expect(t, got, err, "late", nil)
				mustClose(t, r)
			})
		})
	})
	t.Run("is closed after the loop's end", func(t *testing.T) {
		var r *streams.Pipe
		withPipes(t, func(ctx context.Context, t *testing.T) { r, _ = newPipe(ctx, t) })
		if r == nil {
			t.Skip("there are no pipes here")
		}
		expectIs(t, "Read", second(readSome(r)), os.ErrClosed)
		expectIs(t, "Close", r.Close(), os.ErrClosed)
	})
	t.Run("can be opened from another goroutine", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) {
				r, w := newPipe(ctx, t)
				mustWrite(t, w, "from afar")
				got, err := readSome(r)
				expect(t, got, err, "from afar", nil)
				return 0, errors.Join(r.Close(), w.Close())
			})
			expectIs(t, "the goroutine", err, nil)
		})
	})
	t.Run("needs a loop, and a context", func(t *testing.T) {
		_, err := streams.OpenPipe(t.Context(), os.Stdin)
		expectIs(t, "OpenPipe", err, asyncio.ErrNoRunningLoop)
		expectPanic(t, "streams: Pipe.WithContext(nil): pass the context on which reads and writes are to wait",
			func() { var none context.Context; new(streams.Pipe).WithContext(none) })
	})
}

// second returns the error of a result.
func second[T any](_ T, err error) error { return err }

func TestPipeOfAFile(t *testing.T) {
	t.Run("that is regular reads and writes it", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			name := filepath.Join(t.TempDir(), "file")
			f, err := os.Create(name)
			w := openPipe(ctx, t, f, err)
			mustWrite(t, w, "text")
			mustWrite(t, w, " and more")
			mustClose(t, w)
			f, err = os.Open(name)
			r := openPipe(ctx, t, f, err)
			got, err := io.ReadAll(r)
			expect(t, got, err, "text and more", nil)
			got, err = readSome(r)
			expect(t, got, err, "", io.EOF)
			mustClose(t, r)
			expectIs(t, "Close again", r.Close(), os.ErrClosed)
			expectIs(t, "Read after Close", second(readSome(r)), os.ErrClosed)
		})
	})
	t.Run("that is regular keeps what a read brings that was canceled", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			name := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(name, []byte("kept"), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(name)
			r := openPipe(ctx, t, f, err)
			reader := asyncio.Go(ctx, func(context.Context) error { return second(readSome(r)) })
			_ = asyncio.Yield(ctx)
			reader.Cancel()
			expectIs(t, "the reader", second(reader.Await(ctx)), asyncio.ErrCanceled)
			got, err := io.ReadAll(r)
			expect(t, got, err, "kept", nil)
			mustClose(t, r)
		})
	})
	t.Run("that cannot be read says so", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			f, err := os.Open(t.TempDir())
			r := openPipe(ctx, t, f, err)
			var failed *fs.PathError
			if _, err := readSome(r); !errors.As(err, &failed) || errors.Is(err, os.ErrClosed) {
				t.Errorf("reading a directory returned %v", err)
			}
			mustClose(t, r)
		})
	})
	t.Run("is told from one of a file that was closed", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			f, err := os.Open(os.DevNull)
			expectIs(t, "opening", err, nil)
			mustClose(t, f)
			_, err = streams.OpenPipe(ctx, f)
			expectIs(t, "OpenPipe", err, os.ErrClosed)
		})
	})
}
