package streams

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/windows"
)

// A brokenPipe is what Windows says of a pipe that no one reads. It is
// syscall.EPIPE as well, so that a program can ask for the same everywhere.
type brokenPipe struct{ syscall.Errno }

func (b brokenPipe) Unwrap() error { return b.Errno }

func (b brokenPipe) Is(target error) bool { return target == syscall.EPIPE }

// asEPIPE makes the error of a write to a file syscall.EPIPE, if it means that.
// Windows has two of them: the second is for whoever writes again, or only
// after the other end was closed.
func asEPIPE(err error) error {
	e, ok := errors.AsType[*fs.PathError](err)
	if !ok || e.Err != windows.ERROR_BROKEN_PIPE && e.Err != windows.ERROR_NO_DATA {
		return err
	}
	return &fs.PathError{Op: e.Op, Path: e.Path, Err: brokenPipe{e.Err.(syscall.Errno)}}
}
