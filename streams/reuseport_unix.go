//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"cmp"
	"syscall"

	"golang.org/x/sys/unix"
)

func reusePort(_, _ string, c syscall.RawConn) (err error) {
	failed := c.Control(func(fd uintptr) { err = setInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
	return cmp.Or(failed, err)
}
