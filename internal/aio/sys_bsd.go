//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package aio

import "golang.org/x/sys/unix"

func read(fd int, p []byte) (int, error) {
	n, err := unix.Read(fd, p)
	return max(n, 0), err
}

func write(fd int, p []byte) (int, error) {
	n, err := unix.Write(fd, p)
	return max(n, 0), err
}
