package files_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/files"
)

// A File is whatever reads and writes.
var _ interface {
	fs.File
	io.ReadWriteSeeker
	io.ReaderAt
	io.WriterAt
} = (*files.File)(nil)

// newFile makes a file that holds some text.
func newFile(t *testing.T, text string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// onFile runs fn in a task, with an open file that holds some text.
func onFile(t *testing.T, text string, fn func(ctx context.Context, f *files.File)) {
	t.Helper()
	name := newFile(t, text)
	asynciotest.Run(t, func(ctx context.Context) {
		f, err := files.OpenFile(ctx, name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		fn(ctx, f)
		if err := f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			t.Error(err)
		}
	})
}

func expectText(t *testing.T, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(name); string(got) != want || err != nil {
		t.Errorf("%s holds %q, want %q (%v)", filepath.Base(name), got, want, err)
	}
}

func expectIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("the error is %v and not %v", err, target)
	}
}

// canceled runs fn in a task that is canceled.
func canceled(ctx context.Context, fn func(ctx context.Context)) {
	task := asyncio.Go(ctx, func(ctx context.Context) error {
		_ = new(asyncio.Event).Wait(ctx)
		fn(ctx)
		return nil
	}, asyncio.Eager())
	task.Cancel()
	_, _ = task.Await(ctx)
}

func TestFile(t *testing.T) {
	t.Run("reads what was written", func(t *testing.T) {
		name := filepath.Join(t.TempDir(), "new")
		asynciotest.Run(t, func(ctx context.Context) {
			f, err := files.Create(ctx, name)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if n, err := fmt.Fprint(f, "one two"); n != 7 || err != nil {
				t.Errorf("Write returned %d, %v", n, err)
			}
			if n, err := f.WriteAt([]byte("ONE"), 0); n != 3 || err != nil {
				t.Errorf("WriteAt returned %d, %v", n, err)
			}
			if at, err := f.Seek(-5, io.SeekEnd); at != 2 || err != nil {
				t.Errorf("Seek returned %d, %v", at, err)
			}
			if rest, err := io.ReadAll(f); string(rest) != "E two" || err != nil {
				t.Errorf("it reads %q, %v", rest, err)
			}
			b := make([]byte, 3)
			if n, err := f.ReadAt(b, 4); string(b[:n]) != "two" || err != nil {
				t.Errorf("ReadAt reads %q, %v", b[:n], err)
			}
			if err := f.Sync(); err != nil {
				t.Error(err)
			}
			if info, err := f.Stat(); err != nil || info.Size() != 7 {
				t.Errorf("Stat returned %v, %v", info, err)
			}
			if f.Name() != name || f.OS().Name() != name {
				t.Errorf("its names are %s and %s", f.Name(), f.OS().Name())
			}
		})
		expectText(t, name, "ONE two")
	})
	t.Run("reads as the standard library expects it", func(t *testing.T) {
		onFile(t, strings.Repeat("line\n", 100), func(_ context.Context, f *files.File) {
			if err := iotest.TestReader(f, []byte(strings.Repeat("line\n", 100))); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("works under a scanner and under io.Copy", func(t *testing.T) {
		onFile(t, "a\nb\n", func(_ context.Context, f *files.File) {
			var got []string
			for lines := bufio.NewScanner(f); lines.Scan(); {
				got = append(got, lines.Text())
			}
			if strings.Join(got, ",") != "a,b" {
				t.Errorf("the lines are %q", got)
			}
			_, _ = f.Seek(0, io.SeekStart)
			var b bytes.Buffer
			if n, err := io.Copy(&b, f); n != 4 || err != nil {
				t.Errorf("Copy returned %d, %v", n, err)
			}
		})
	})
	t.Run("takes several tasks at once", func(t *testing.T) {
		onFile(t, "", func(ctx context.Context, f *files.File) {
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for i := range 20 {
					tg.Go(func(context.Context) error {
						_, err := f.WriteAt([]byte{byte('a' + i)}, int64(i))
						return err
					})
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			expectText(t, f.Name(), "abcdefghijklmnopqrst")
		})
	})
	t.Run("returns the errors of package os", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			f, err := files.Open(ctx, filepath.Join(t.TempDir(), "none"))
			expectIs(t, err, fs.ErrNotExist)
			if f != nil {
				t.Error("there is a file")
			}
		})
		onFile(t, "text", func(_ context.Context, f *files.File) {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			_, err := f.Read(make([]byte, 1))
			expectIs(t, err, fs.ErrClosed)
			expectIs(t, f.Close(), fs.ErrClosed)
		})
	})
}

func TestFileWhenTheTaskIsCanceled(t *testing.T) {
	t.Run("does nothing any more", func(t *testing.T) {
		onFile(t, "text", func(ctx context.Context, f *files.File) {
			canceled(ctx, func(ctx context.Context) {
				b := make([]byte, 4)
				for name, call := range map[string]func() error{
					"Read":    func() error { _, err := f.Read(b); return err },
					"ReadAt":  func() error { _, err := f.ReadAt(b, 0); return err },
					"Write":   func() error { _, err := f.Write([]byte("new")); return err },
					"WriteAt": func() error { _, err := f.WriteAt([]byte("new"), 0); return err },
					"Seek":    func() error { _, err := f.Seek(2, io.SeekStart); return err },
					"Stat":    func() error { _, err := f.Stat(); return err },
					"Sync":    f.Sync,
				} {
					if err := call(); !errors.Is(err, asyncio.ErrCanceled) {
						t.Errorf("%s returned %v", name, err)
					}
				}
				if string(b) != "\x00\x00\x00\x00" {
					t.Errorf("it read %q", b)
				}
			})
			if rest, err := io.ReadAll(f); string(rest) != "text" || err != nil {
				t.Errorf("then it reads %q, %v", rest, err)
			}
		})
	})
	t.Run("is closed all the same", func(t *testing.T) {
		onFile(t, "text", func(ctx context.Context, f *files.File) {
			canceled(ctx, func(context.Context) {
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			})
			expectIs(t, f.Close(), fs.ErrClosed)
		})
	})
	t.Run("waits on the scope that is innermost", func(t *testing.T) {
		onFile(t, "text", func(ctx context.Context, f *files.File) {
			b := make([]byte, 4)
			err := asyncio.WithTimeout(ctx, 0, func(context.Context) error {
				_ = asyncio.Sleep(ctx, 1) // on the outer one
				_, err := f.Read(b)
				return err
			})
			expectIs(t, err, asyncio.ErrTimeout)
			if _, err := f.Read(b); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("at any moment leaks and loses nothing", func(t *testing.T) {
		name := newFile(t, "text")
		asynciotest.AssertCancelable(t, func(ctx context.Context) error {
			f, err := files.Open(ctx, name)
			if err != nil {
				return err
			}
			b := make([]byte, 4)
			n, err := f.Read(b)
			if err == nil && string(b[:n]) != "text" {
				t.Errorf("it reads %q", b[:n])
			}
			// A cancellation that came while the file was closed is noticed at
			// the end.
			return errors.Join(err, f.Close(), asyncio.Yield(ctx))
		})
	})
}

func TestFileElsewhere(t *testing.T) {
	t.Run("on another goroutine blocks that", func(t *testing.T) {
		onFile(t, "text", func(ctx context.Context, f *files.File) {
			text, err := asyncio.ToThread(ctx, func(context.Context) ([]byte, error) { return io.ReadAll(f) })
			if string(text) != "text" || err != nil {
				t.Errorf("it reads %q, %v", text, err)
			}
		})
	})
	t.Run("after the end of the loop blocks", func(t *testing.T) {
		var kept *files.File
		name := newFile(t, "text")
		asynciotest.Run(t, func(ctx context.Context) { kept, _ = files.Open(ctx, name) })
		if text, err := io.ReadAll(kept); string(text) != "text" || err != nil {
			t.Errorf("it reads %q, %v", text, err)
		}
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("in a callback panics with advice", func(t *testing.T) {
		onFile(t, "text", func(ctx context.Context, f *files.File) {
			var value any
			asyncio.RunningLoop(ctx).CallSoon(func() {
				defer func() { value = recover() }()
				_, _ = f.Read(nil)
			})
			_ = asyncio.Yield(ctx)
			if message := fmt.Sprint(value); !strings.Contains(message, "asyncio: File.Read in a callback") {
				t.Errorf("it panicked with %s", message)
			}
		})
	})
	t.Run("without a loop cannot be opened", func(t *testing.T) {
		_, err := files.Create(t.Context(), filepath.Join(t.TempDir(), "new"))
		expectIs(t, err, asyncio.ErrNoRunningLoop)
	})
}

func TestWholeFiles(t *testing.T) {
	t.Run("are written, read and listed", func(t *testing.T) {
		dir := t.TempDir()
		asynciotest.Run(t, func(ctx context.Context) {
			for _, name := range []string{"b", "a"} {
				if err := files.WriteFile(ctx, filepath.Join(dir, name), []byte("text of "+name), 0o600); err != nil {
					t.Error(err)
				}
			}
			if text, err := files.ReadFile(ctx, filepath.Join(dir, "a")); string(text) != "text of a" || err != nil {
				t.Errorf("ReadFile returned %q, %v", text, err)
			}
			entries, err := files.ReadDir(ctx, dir)
			if fmt.Sprint(entries) != "[- a - b]" || err != nil {
				t.Errorf("ReadDir returned %v, %v", entries, err)
			}
			info, err := files.Stat(ctx, filepath.Join(dir, "a"))
			if err != nil || info.Size() != 9 {
				t.Errorf("Stat returned %v, %v", info, err)
			}
			_, err = files.Stat(ctx, filepath.Join(dir, "c"))
			expectIs(t, err, fs.ErrNotExist)
		})
	})
	t.Run("are not touched by a task that is canceled", func(t *testing.T) {
		name := newFile(t, "text")
		asynciotest.Run(t, func(ctx context.Context) {
			canceled(ctx, func(ctx context.Context) {
				expectIs(t, files.WriteFile(ctx, name, nil, 0o600), asyncio.ErrCanceled)
				_, err := files.ReadFile(ctx, name)
				expectIs(t, err, asyncio.ErrCanceled)
			})
		})
		expectText(t, name, "text")
	})
}
