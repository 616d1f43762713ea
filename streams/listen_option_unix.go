//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"cmp"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func reusePort(_, _ string, c syscall.RawConn) (err error) {
	failed := c.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
	return cmp.Or(failed, os.NewSyscallError("setsockopt", err))
}

// setBacklog calls listen once more, which is how the backlog of a socket can be
// changed.
func setBacklog(l net.Listener, n int) error {
	raw, err := l.(syscall.Conn).SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) { err = unix.Listen(int(fd), n) })
	return cmp.Or(failed, os.NewSyscallError("listen", err))
}
