//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"context"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/aio"
)

// A socket is an endpoint that the loop itself waits for.
type socket struct{ aio.FD }

func (s *socket) CloseRead() error  { return s.shutdown(unix.SHUT_RD) }
func (s *socket) CloseWrite() error { return s.shutdown(unix.SHUT_WR) }

func (s *socket) shutdown(how int) error {
	if s.Sys() < 0 {
		return net.ErrClosed
	}
	return os.NewSyscallError("shutdown", unix.Shutdown(s.Sys(), how))
}

// Options makes a socket an endpoint.
func (s *socket) Options() options {
	if s.Kind() != aio.Stream {
		return nil
	}
	return s
}

func (s *socket) setInt(level, option, value int) error { return setInt(s.Sys(), level, option, value) }

func setInt(sys, level, option, value int) error {
	if sys < 0 {
		return net.ErrClosed
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(sys, level, option, value))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *socket) SetNoDelay(on bool) error {
	return s.setInt(unix.IPPROTO_TCP, unix.TCP_NODELAY, boolInt(on))
}

func (s *socket) SetKeepAlive(on bool) error {
	return s.setInt(unix.SOL_SOCKET, unix.SO_KEEPALIVE, boolInt(on))
}

func (s *socket) SetLinger(seconds int) error {
	if s.Sys() < 0 {
		return net.ErrClosed
	}
	l := unix.Linger{}
	if seconds >= 0 {
		l.Onoff, l.Linger = 1, int32(seconds)
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptLinger(s.Sys(), unix.SOL_SOCKET, unix.SO_LINGER, &l))
}

// SyscallConn makes a socket an endpoint.
func (s *socket) SyscallConn(ctx context.Context) (syscall.RawConn, error) {
	return rawFD{ctx, &s.FD}, nil
}

// A rawFD is a syscall.RawConn of a descriptor of the loop.
type rawFD struct {
	ctx context.Context
	*aio.FD
}

func (r rawFD) Control(f func(fd uintptr)) error {
	if r.Sys() < 0 {
		return net.ErrClosed
	}
	f(uintptr(r.Sys()))
	return nil
}

func (r rawFD) Read(f func(fd uintptr) bool) error {
	return r.ReadCall(r.ctx, "RawConn.Read", untilDone(f))
}

func (r rawFD) Write(f func(fd uintptr) bool) error {
	return r.WriteCall(r.ctx, "RawConn.Write", untilDone(f))
}

func untilDone(f func(fd uintptr) bool) func(sys int) error {
	return func(sys int) error {
		if f(uintptr(sys)) {
			return nil
		}
		return unix.EAGAIN
	}
}
