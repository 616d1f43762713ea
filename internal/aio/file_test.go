package aio_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// onFiles runs a test with the two ends of a pipe, for which helpers wait, on
// the real clock and on the virtual one.
func onFiles(t *testing.T, test func(ctx context.Context, t *testing.T, r, w *aio.File)) {
	if runtime.GOOS == "js" {
		t.Skip("there are no pipes here")
	}
	for name, opts := range map[string][]asyncio.Option{"real": nil, "virtual": {virtual.Time()}} {
		t.Run("on the "+name+" clock", func(t *testing.T) {
			err := asyncio.Run(t.Context(), func(ctx context.Context) error {
				home := aio.HomeOf(ctx, "the test")
				in, out, err := os.Pipe()
				if err != nil {
					return err
				}
				r, w := aio.NewFile(home.Core(), in), aio.NewFile(home.Core(), out)
				test(ctx, t, r, w)
				r.Close()
				w.Close()
				return nil
			}, opts...)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func writeFile(ctx context.Context, t *testing.T, f *aio.File, text string) {
	t.Helper()
	if n, err := f.Write(ctx, []byte(text)); n != len(text) || err != nil {
		t.Errorf("Write(%q) returned %d, %v", text, n, err)
	}
}

func expectFile(ctx context.Context, t *testing.T, f *aio.File, want string) {
	t.Helper()
	buf := make([]byte, len(want))
	if n, err := f.Read(ctx, buf); string(buf[:n]) != want || err != nil {
		t.Errorf("Read gave %q, %v; want %q", buf[:n], err, want)
	}
}

func expectIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s returned %v, want %v", what, err, want)
	}
}

func TestFile(t *testing.T) {
	t.Run("reads what there is, and waits for what there is not", func(t *testing.T) {
		onFiles(t, func(ctx context.Context, t *testing.T, r, w *aio.File) {
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				expectFile(ctx, t, r, "one")
				expectFile(ctx, t, r, "two")
				_, err := r.Read(ctx, make([]byte, 1))
				return err
			})
			_ = asyncio.Yield(ctx)
			writeFile(ctx, t, w, "onetwo")
			expectIs(t, "Close", w.Close(), nil)
			_, err := reader.Await(ctx)
			expectIs(t, "the reader", err, io.EOF)
		})
	})
	t.Run("keeps what a canceled read brings", func(t *testing.T) {
		onFiles(t, func(ctx context.Context, t *testing.T, r, w *aio.File) {
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := r.Read(ctx, make([]byte, 8))
				return err
			})
			_ = asyncio.Yield(ctx)
			reader.Cancel()
			_, err := reader.Await(ctx)
			expectIs(t, "the reader", err, asyncio.ErrCanceled)
			writeFile(ctx, t, w, "kept")
			expectFile(ctx, t, r, "ke")
			expectFile(ctx, t, r, "pt")
		})
	})
	t.Run("does not mix what several write, in the order in which they came", func(t *testing.T) {
		onFiles(t, func(ctx context.Context, t *testing.T, r, w *aio.File) {
			const size, writers = 1 << 18, 3
			for i := range byte(writers) {
				asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := w.Write(ctx, bytes.Repeat([]byte{i}, size))
					return err
				})
			}
			var all []byte
			for buf := make([]byte, 1<<20); len(all) < writers*size; {
				n, err := r.Read(ctx, buf)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, buf[:n]...)
			}
			for i := range byte(writers) {
				if !bytes.Equal(all[int(i)*size:][:size], bytes.Repeat([]byte{i}, size)) {
					t.Errorf("the bytes of writer %d are not together, or not in their turn", i)
				}
			}
		})
	})
	t.Run("goes on with a write that was canceled", func(t *testing.T) {
		onFiles(t, func(ctx context.Context, t *testing.T, r, w *aio.File) {
			const size = 1 << 20
			p := bytes.Repeat([]byte("x"), size)
			writer := asyncio.Go(ctx, func(ctx context.Context) error {
				_, err := w.Write(ctx, p)
				return err
			})
			_ = asyncio.Yield(ctx)
			writer.Cancel()
			_, err := writer.Await(ctx)
			expectIs(t, "the writer", err, asyncio.ErrCanceled)
			clear(p)
			next := asyncio.Go(ctx, func(ctx context.Context) error {
				writeFile(ctx, t, w, "y")
				return w.Close()
			})
			n, buf := 0, make([]byte, 1<<16)
			for {
				m, err := r.Read(ctx, buf)
				if err == io.EOF {
					break
				}
				n += bytes.Count(buf[:m], []byte("x"))
			}
			_, err = next.Await(ctx)
			expectIs(t, "the next writer", err, nil)
			if n != size {
				t.Errorf("%d bytes of it came, want %d", n, size)
			}
		})
	})
	t.Run("refuses a second reader", func(t *testing.T) {
		onFiles(t, func(ctx context.Context, t *testing.T, r, w *aio.File) {
			reader := asyncio.Go(ctx, func(ctx context.Context) error {
				expectFile(ctx, t, r, "one")
				return nil
			})
			_ = asyncio.Yield(ctx)
			_, err := r.Read(ctx, make([]byte, 8))
			expectIs(t, "the second read", err, aio.ErrBusy)
			writeFile(ctx, t, w, "one")
			_, _ = reader.Await(ctx)
		})
	})
	t.Run("has deadlines", func(t *testing.T) {
		onFiles(t, func(ctx context.Context, t *testing.T, r, w *aio.File) {
			soon := asyncio.RunningLoop(ctx).Now().Add(time.Millisecond)
			expectIs(t, "SetReadDeadline", r.SetReadDeadline(soon), nil)
			_, err := r.Read(ctx, make([]byte, 8))
			expectIs(t, "Read", err, os.ErrDeadlineExceeded)
			expectIs(t, "SetWriteDeadline", w.SetWriteDeadline(soon), nil)
			_, err = w.Write(ctx, []byte("x"))
			expectIs(t, "Write", err, os.ErrDeadlineExceeded)
		})
	})
	t.Run("that is closed lets go who waits", func(t *testing.T) {
		onFiles(t, func(ctx context.Context, t *testing.T, r, w *aio.File) {
			var tasks []*asyncio.Task[struct{}]
			start := func(call func(ctx context.Context, p []byte) (int, error)) {
				tasks = append(tasks, asyncio.Go(ctx, func(ctx context.Context) error {
					_, err := call(ctx, make([]byte, 1<<20))
					return err
				}))
			}
			start(r.Read)
			_ = asyncio.Yield(ctx) // reads before anything is written
			expectIs(t, "Close", r.Close(), nil)
			expectIs(t, "Close again", r.Close(), net.ErrClosed)
			expectIs(t, "Close", w.Close(), nil)
			start(w.Write)
			for _, task := range tasks {
				_, err := task.Await(ctx)
				expectIs(t, "one who waits", err, net.ErrClosed)
			}
		})
	})
	t.Run("is something to wait for in tests", func(t *testing.T) {
		if runtime.GOOS == "js" {
			t.Skip("there are no pipes here")
		}
		asynciotest.Run(t, func(ctx context.Context) {
			home := aio.HomeOf(ctx, "the test")
			in, out, err := os.Pipe()
			expectIs(t, "os.Pipe", err, nil)
			r := aio.NewFile(home.Core(), in)
			time.AfterFunc(10*time.Millisecond, func() { _, _ = out.WriteString("late") })
			expectFile(ctx, t, r, "late")
			expectIs(t, "Close", r.Close(), nil)
			expectIs(t, "Close", out.Close(), nil)
		})
	})
}
