package aio

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// read and write are made without telling the scheduler of Go, which would
// cost as much as a short call itself: on a descriptor that does not block,
// they only copy.
func read(fd int, p []byte) (int, error) { return call(unix.SYS_READ, fd, p) }

func write(fd int, p []byte) (int, error) { return call(unix.SYS_WRITE, fd, p) }

// p must not be empty for read, for a result of 0 is the end.
func call(number uintptr, fd int, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall(number, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
