//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams_test

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/streams"
)

// setBuffers sets the size of the system's buffers.
func setBuffers(t *testing.T, c *streams.Conn, size int) {
	t.Helper()
	raw := must(c.SyscallConn())(t)
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = errors.Join(
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF, size),
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, size))
	})
	if err := errors.Join(err, failed); err != nil {
		t.Error(err)
	}
}
