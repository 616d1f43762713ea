package conn

import (
	"os"
	"syscall"
)

// These are errors of the system, for connections in memory, which make no system calls.
// Their texts are those of Linux everywhere, so that a program prints the same lines on
// every system; errors.Is finds the errors of package syscall in them.
var (
	ErrnoBrokenPipe    = errno(syscall.EPIPE, "broken pipe")
	ErrnoReset         = errno(syscall.ECONNRESET, "connection reset by peer")
	ErrnoNotConn       = errno(syscall.ENOTCONN, "transport endpoint is not connected")
	ErrnoRefused       = errno(syscall.ECONNREFUSED, "connection refused")
	ErrnoInUse         = errno(syscall.EADDRINUSE, "address already in use")
	ErrnoNoAddr        = errno(syscall.EADDRNOTAVAIL, "cannot assign requested address")
	ErrnoTimedOut      = errno(syscall.ETIMEDOUT, "connection timed out")
	ErrnoUnreachable   = errno(syscall.ENETUNREACH, "network is unreachable")
	ErrnoTooLong       = errno(syscall.EMSGSIZE, "message too long")
	ErrnoNoDestination = errno(syscall.EDESTADDRREQ, "destination address required")
	ErrnoInvalid       = errno(syscall.EINVAL, "invalid argument")
	ErrnoNoEntry       = errno(syscall.ENOENT, "no such file or directory")
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
