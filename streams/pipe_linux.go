package streams

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// reopen opens a pipe or a terminal anew, for a blocking mode of its own.
func reopen(fd, access int) (int, error) {
	return unix.Open("/proc/self/fd/"+strconv.Itoa(fd), access|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
}

// kindOfDevice tells terminals from other devices. Opening the master of a
// pseudoterminal would make another one.
func kindOfDevice(fd int) fileKind {
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		return unpolled
	}
	if _, err := unix.IoctlGetInt(fd, unix.TIOCGPTN); err == nil {
		return private
	}
	return terminal
}
