package files

import (
	"context"
	"io/fs"
	"os"
)

// ReadFile returns what is in a file. It suspends the calling task; if ctx is
// canceled, it returns an error that is ErrCanceled at once.
func ReadFile(ctx context.Context, name string) ([]byte, error) {
	return look(ctx, func() ([]byte, error) { return os.ReadFile(name) })
}

// WriteFile makes data what is in a file; if there is none, it makes one, with
// these permissions. It suspends the calling task until that is done, even if
// ctx is canceled meanwhile; if it was canceled before, nothing is written.
func WriteFile(ctx context.Context, name string, data []byte, perm fs.FileMode) error {
	_, err := finish(ctx, "files.WriteFile", noResult(func() error { return os.WriteFile(name, data, perm) }))
	return err
}

// ReadDir returns what is in a directory, sorted by name. It suspends the
// calling task; if ctx is canceled, it returns an error that is ErrCanceled at
// once.
func ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return look(ctx, func() ([]fs.DirEntry, error) { return os.ReadDir(name) })
}

// Stat says what the system knows of a file. It suspends the calling task; if
// ctx is canceled, it returns an error that is ErrCanceled at once.
func Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return look(ctx, func() (fs.FileInfo, error) { return os.Stat(name) })
}
