//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package conn

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func read(fd int, p []byte) (int, error) {
	n, err := unix.Read(fd, p)
	return max(n, 0), err
}

func write(fd int, p []byte) (int, error) {
	n, err := unix.Write(fd, p)
	return max(n, 0), err
}

func receive(fd int, p []byte) (int, error) { return read(fd, p) }

func send(fd int, p []byte) (int, error) { return write(fd, p) }

// writev writes one part: not all of these systems can write several at once.
func writev(fd int, parts [][]byte) (int, error) { return write(fd, parts[0]) }

// Accept accepts a connection, whose descriptor is in non-blocking mode.
func Accept(fd int) (sys int, from unix.Sockaddr, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if sys, from, err = unix.Accept(fd); err != nil {
		return -1, nil, err
	}
	return sys, from, setNonblock(sys)
}

// Socket makes a socket in non-blocking mode.
func Socket(family, kind, protocol int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	sys, err := unix.Socket(family, kind, protocol)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	return sys, setNonblock(sys)
}

// setNonblock puts a descriptor in non-blocking mode and keeps it from child
// processes. If that fails, it closes the descriptor.
func setNonblock(sys int) error {
	unix.CloseOnExec(sys)
	if err := unix.SetNonblock(sys, true); err != nil {
		return errors.Join(os.NewSyscallError("fcntl", err), unix.Close(sys))
	}
	return nil
}
