//go:build linux

package load

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls below do not tell the runtime that the thread is in the kernel.
// They may, because they do not wait, except for the handshakes before a turn, while
// nothing else has to run here.

func transfer(call uintptr, fd int, p []byte) (n int, again bool, err error) {
	for {
		r, _, errno := syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
		switch errno {
		case 0:
			return int(r), false, nil
		case unix.EAGAIN:
			return 0, true, nil
		case unix.EINTR: // again
		default:
			return 0, false, errno
		}
	}
}

// epollWait returns what is ready now.
func epollWait(epoll int, events []unix.EpollEvent) (int, error) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epoll), uintptr(unsafe.Pointer(unsafe.SliceData(events))), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0, fmt.Errorf("epoll_wait: %w", errno)
	}
	return int(n), nil
}
