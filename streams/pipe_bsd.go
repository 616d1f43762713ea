//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"errors"

	"golang.org/x/sys/unix"
)

// reopen fails: what is in /dev/fd shares its blocking mode with the original.
func reopen(fd, access int) (int, error) { return -1, errors.ErrUnsupported }

func kindOfDevice(fd int) fileKind {
	if _, err := unix.IoctlGetTermios(fd, unix.TIOCGETA); err != nil {
		return unpolled
	}
	return terminal
}
