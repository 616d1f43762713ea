//go:build unix

package files_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/files"
)

func newFIFO(t *testing.T) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip(err)
	}
	return name
}

// onFIFO runs fn in a task, with a file that reads take long on: as long as no
// one writes to it.
func onFIFO(t *testing.T, fn func(ctx context.Context, f *files.File)) {
	t.Helper()
	name := newFIFO(t)
	asynciotest.Run(t, func(ctx context.Context) {
		f, err := files.OpenFile(ctx, name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fn(ctx, f)
	})
}

func TestACallThatTakesLong(t *testing.T) {
	t.Run("suspends only its task", func(t *testing.T) {
		onFIFO(t, func(ctx context.Context, f *files.File) {
			b := make([]byte, 8)
			reads := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return f.Read(b) }, asyncio.Eager())
			if _, err := f.Write([]byte("text")); err != nil {
				t.Error(err)
			}
			if n, err := reads.Await(ctx); string(b[:n]) != "text" || err != nil {
				t.Errorf("it read %q, %v", b[:n], err)
			}
		})
	})
	t.Run("is waited for when its task is canceled, and nothing is lost", func(t *testing.T) {
		onFIFO(t, func(ctx context.Context, f *files.File) {
			b := make([]byte, 8)
			reads := asyncio.CreateTask(ctx, func(context.Context) (int, error) { return f.Read(b) }, asyncio.Eager())
			reads.Cancel()
			for range 8 {
				_ = asyncio.Yield(ctx)
			}
			if reads.Done() {
				t.Error("the task has ended while the system may still write into its memory")
			}
			if _, err := f.Write([]byte("text")); err != nil {
				t.Error(err)
			}
			if n, err := reads.Await(ctx); string(b[:n]) != "text" || err != nil {
				t.Errorf("it read %q, %v", b[:n], err)
			}
		})
	})
	t.Run("and only looks is abandoned when its task is canceled", func(t *testing.T) {
		name := newFIFO(t)
		asynciotest.Run(t, func(ctx context.Context) {
			reads := asyncio.CreateTask(ctx, func(ctx context.Context) ([]byte, error) { return files.ReadFile(ctx, name) }, asyncio.Eager())
			reads.Cancel()
			_, err := reads.Await(ctx)
			expectIs(t, err, asyncio.ErrCanceled)
			// What it has left behind goes on when someone opens the other end,
			// and ends when that is closed.
			f, err := files.OpenFile(ctx, name, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	})
}
