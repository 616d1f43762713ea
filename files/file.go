package files

import (
	"context"
	"io/fs"
	"os"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A File is an open file. Its methods suspend the running task; the package documentation
// says what they do elsewhere, and when they are canceled. Several tasks may use it at
// once, as goroutines may use an os.File. Errors are those of package os.
type File struct {
	owner conn.Owner
	os    *os.File
}

// Open opens a file for reading. Close it in the end. Without a loop it returns
// ErrNoRunningLoop. In Python: aiofiles.open.
func Open(ctx context.Context, name string) (*File, error) {
	return OpenFile(ctx, name, os.O_RDONLY, 0)
}

// Create opens a file for reading and writing, and makes it empty or new. In
// Python: aiofiles.open with mode "w+".
func Create(ctx context.Context, name string) (*File, error) {
	return OpenFile(ctx, name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

// OpenFile is Open in general, with the flags and permissions of os.OpenFile.
// If ctx is canceled meanwhile, it returns the file all the same.
func OpenFile(ctx context.Context, name string, flag int, perm fs.FileMode) (*File, error) {
	f, err := finish(ctx, "files.OpenFile", func() (*os.File, error) { return os.OpenFile(name, flag, perm) })
	if err != nil {
		return nil, err
	}
	return &File{conn.OwnerOf(ctx, "files.OpenFile"), f}, nil
}

// OS returns the file of package os, for what File cannot do. Its methods block the loop:
// call them in ToThread.
func (f *File) OS() *os.File {
	if f == nil {
		return nil
	}
	return f.os
}

// Name returns the name that the file was opened with. It does not suspend.
func (f *File) Name() string {
	if !f.valid() {
		return ""
	}
	return f.os.Name()
}

// valid reports whether f was opened.
func (f *File) valid() bool { return f != nil && f.os != nil }

// Read reads up to len(b) bytes; at the end of the file it returns io.EOF.
func (f *File) Read(b []byte) (int, error) {
	return do(f, "File.Read", func(o *os.File) (int, error) { return o.Read(b) })
}

// ReadAt reads len(b) bytes from a position; if there are fewer, it returns them with
// io.EOF.
func (f *File) ReadAt(b []byte, off int64) (int, error) {
	return do(f, "File.ReadAt", func(o *os.File) (int, error) { return o.ReadAt(b, off) })
}

// Write writes all of b; if it fails, it returns how many bytes it has written.
func (f *File) Write(b []byte) (int, error) {
	return do(f, "File.Write", func(o *os.File) (int, error) { return o.Write(b) })
}

// WriteAt writes all of b at a position.
func (f *File) WriteAt(b []byte, off int64) (int, error) {
	return do(f, "File.WriteAt", func(o *os.File) (int, error) { return o.WriteAt(b, off) })
}

// Seek sets the position of the next Read or Write, as io.Seeker says.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	return do(f, "File.Seek", func(o *os.File) (int64, error) { return o.Seek(offset, whence) })
}

// Stat returns the size, the mode and other facts about the file, as os.File.Stat does.
func (f *File) Stat() (fs.FileInfo, error) { return do(f, "File.Stat", (*os.File).Stat) }

// Sync lets the system write to the disk what it still holds in memory for the file.
func (f *File) Sync() error {
	_, err := do(f, "File.Sync", func(o *os.File) (struct{}, error) { return struct{}{}, o.Sync() })
	return err
}

// Close closes the file, also in a task that is canceled. A second Close returns
// os.ErrClosed.
func (f *File) Close() error {
	if !f.valid() {
		return os.ErrInvalid
	}
	ctx := f.owner.Scope()
	if ctx == nil {
		return f.os.Close()
	}
	_, err := finish(context.WithoutCancel(ctx), "File.Close", noResult(f.os.Close))
	return err
}
