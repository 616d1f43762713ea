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

// writev writes one part: not all of these systems let us write more at once.
func writev(fd int, parts [][]byte) (int, error) { return write(fd, parts[0]) }

// Accept takes a connection, with a descriptor that does not block.
func Accept(fd int) (sys int, from unix.Sockaddr, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if sys, from, err = unix.Accept(fd); err != nil {
		return -1, nil, err
	}
	return sys, from, setNonblock(sys)
}

// Socket makes a socket that does not block.
func Socket(family, kind, protocol int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	sys, err := unix.Socket(family, kind, protocol)
	if err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	return sys, setNonblock(sys)
}

// setNonblock makes a descriptor one that does not block and that child
// processes do not get; and closes it if it cannot.
func setNonblock(sys int) error {
	unix.CloseOnExec(sys)
	if err := unix.SetNonblock(sys, true); err != nil {
		return errors.Join(os.NewSyscallError("fcntl", err), unix.Close(sys))
	}
	return nil
}
