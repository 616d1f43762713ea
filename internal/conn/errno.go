package conn

import (
	"os"
	"syscall"
)

// Errors of the system, for what is in memory and has no system to ask. Their texts
// are those of Linux everywhere, so that a program prints the same lines on every
// system; in the sense of errors.Is they are what package syscall calls them.
var (
	ErrnoBrokenPipe  = errno(syscall.EPIPE, "broken pipe")
	ErrnoReset       = errno(syscall.ECONNRESET, "connection reset by peer")
	ErrnoNotConn     = errno(syscall.ENOTCONN, "transport endpoint is not connected")
	ErrnoRefused     = errno(syscall.ECONNREFUSED, "connection refused")
	ErrnoInUse       = errno(syscall.EADDRINUSE, "address already in use")
	ErrnoNoAddr      = errno(syscall.EADDRNOTAVAIL, "cannot assign requested address")
	ErrnoUnreachable = errno(syscall.ENETUNREACH, "network is unreachable")
)

// errno returns the number itself where the system has that text for it.
func errno(n syscall.Errno, linux string) error {
	if n.Error() == linux {
		return n
	}
	return &foreignErrno{n, linux}
}

// A foreignErrno is an error number with the text that Linux has for it.
type foreignErrno struct {
	syscall.Errno
	text string
}

func (e *foreignErrno) Error() string { return e.text }
func (e *foreignErrno) Unwrap() error { return e.Errno }

func brokenPipe() error { return os.NewSyscallError("write", ErrnoBrokenPipe) }
