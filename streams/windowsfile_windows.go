package streams

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// A windowsFile is a file with the errors and the Close that it has elsewhere.
type windowsFile struct {
	*os.File
	console bool
}

func newWindowsFile(h windows.Handle, name string) windowsFile {
	var mode uint32
	console := windows.GetConsoleMode(h, &mode) == nil
	return windowsFile{os.NewFile(uintptr(h), name), console}
}

// Write writes to the file. The system has two errors for a pipe without a reader;
// ERROR_NO_DATA is the one for a write after the other end was closed.
func (f windowsFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	e, ok := err.(*fs.PathError)
	if ok && (e.Err == windows.ERROR_BROKEN_PIPE || e.Err == windows.ERROR_NO_DATA) {
		e.Err = brokenPipe{e.Err}
	}
	return n, err
}

// Close does not wait for a read of the console, because only a key ends such a read.
// Other reads end when the file is closed.
func (f windowsFile) Close() error {
	if !f.console {
		return f.File.Close()
	}
	go f.File.Close()
	return nil
}

// A brokenPipe is the system's error for a pipe that no one reads. It is syscall.EPIPE as
// well, so that a program can look for the same error on every system.
type brokenPipe struct{ error }

func (b brokenPipe) Unwrap() error { return b.error }

func (b brokenPipe) Is(target error) bool { return target == syscall.EPIPE }
