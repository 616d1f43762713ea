package conn

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These calls bypass Go's scheduler, which would cost as much as a short call
// does: on a non-blocking descriptor they only copy.

func read(fd int, p []byte) (int, error) { return call(unix.SYS_READ, fd, p, 0) }

func write(fd int, p []byte) (int, error) { return call(unix.SYS_WRITE, fd, p, 0) }

// receive and send are read and write for sockets, without what the kernel does
// for files only.

func receive(fd int, p []byte) (int, error) { return call(unix.SYS_RECVFROM, fd, p, 0) }

func send(fd int, p []byte) (int, error) { return call(unix.SYS_SENDTO, fd, p, unix.MSG_NOSIGNAL) }

// p must not be empty for read, because a result of 0 means the end.
func call(number uintptr, fd int, p []byte, flags uintptr) (int, error) {
	n, _, errno := syscall.RawSyscall6(number, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func writev(fd int, parts [][]byte) (int, error) {
	n, err := unix.Writev(fd, parts)
	return max(n, 0), err
}

// Accept accepts a connection, whose descriptor is in non-blocking mode.
func Accept(fd int) (int, unix.Sockaddr, error) {
	return unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
}

// Socket makes a socket in non-blocking mode.
func Socket(family, kind, protocol int) (int, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
	return fd, os.NewSyscallError("socket", err)
}
