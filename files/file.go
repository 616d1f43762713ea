package files

import (
	"context"
	"io/fs"
	"os"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A File is an open file. Its calls suspend the running task; see the package's
// documentation for what they do elsewhere, and when they are canceled. Several
// tasks may use it at once, as goroutines may use an os.File. Errors are those
// of package os.
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

// OS returns the file of package os, for what File cannot do. Calls on that
// block: make them in ToThread.
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

// ReadAt reads len(b) bytes from a position; where there are fewer, it returns
// io.EOF with them.
func (f *File) ReadAt(b []byte, off int64) (int, error) {
	return do(f, "File.ReadAt", func(o *os.File) (int, error) { return o.ReadAt(b, off) })
}

// Write writes all of b; where it fails, it says how much it has written.
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

// Stat says what the system knows of the file.
func (f *File) Stat() (fs.FileInfo, error) { return do(f, "File.Stat", (*os.File).Stat) }

// Sync has the system bring to the disk what it holds of the file.
func (f *File) Sync() error {
	_, err := do(f, "File.Sync", func(o *os.File) (struct{}, error) { return struct{}{}, o.Sync() })
	return err
}

// Close closes the file, also in a task that is canceled. The second time it
// returns os.ErrClosed.
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
