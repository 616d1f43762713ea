//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package conn

import (
	"cmp"
	"context"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file has what only sockets can do.

// CloseRead shuts down the reading side.
func (f *FD) CloseRead() error { return f.shutdown(unix.SHUT_RD) }

// CloseWrite shuts down the writing side.
func (f *FD) CloseWrite() error { return f.shutdown(unix.SHUT_WR) }

func (f *FD) shutdown(how int) error {
	if f.closed {
		return net.ErrClosed
	}
	return os.NewSyscallError("shutdown", unix.Shutdown(f.sys, how))
}

// TCPOptions makes an FD a Stream.
func (f *FD) TCPOptions() TCPOptions {
	if f.kind != TCP {
		return nil
	}
	return f
}

// SetNoDelay makes an FD TCPOptions, as the other setters do.
func (f *FD) SetNoDelay(on bool) error {
	return f.setInt(unix.IPPROTO_TCP, unix.TCP_NODELAY, boolInt(on))
}

// SetKeepAlive makes an FD TCPOptions.
func (f *FD) SetKeepAlive(on bool) error {
	return f.setInt(unix.SOL_SOCKET, unix.SO_KEEPALIVE, boolInt(on))
}

// SetLinger makes an FD TCPOptions.
func (f *FD) SetLinger(seconds int) error {
	if f.closed {
		return net.ErrClosed
	}
	l := unix.Linger{}
	if seconds >= 0 {
		l.Onoff, l.Linger = 1, int32(seconds)
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptLinger(f.sys, unix.SOL_SOCKET, unix.SO_LINGER, &l))
}

// SetReadBuffer makes an FD BufferOptions.
func (f *FD) SetReadBuffer(bytes int) error {
	return f.setInt(unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
}

// SetWriteBuffer makes an FD BufferOptions.
func (f *FD) SetWriteBuffer(bytes int) error {
	return f.setInt(unix.SOL_SOCKET, unix.SO_SNDBUF, bytes)
}

func (f *FD) setInt(level, option, value int) error {
	if f.closed {
		return net.ErrClosed
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(f.sys, level, option, value))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// SyscallConn makes an FD a Stream.
func (f *FD) SyscallConn(ctx context.Context) (syscall.RawConn, error) { return fdRawConn{ctx, f}, nil }

// An fdRawConn is a syscall.RawConn of a descriptor of the loop.
type fdRawConn struct {
	ctx context.Context
	fd  *FD
}

func (r fdRawConn) Control(f func(fd uintptr)) error {
	if r.fd.closed {
		return net.ErrClosed
	}
	f(uintptr(r.fd.sys))
	return nil
}

func (r fdRawConn) Read(f func(fd uintptr) bool) error {
	w, err := r.fd.begin(r.ctx, &r.fd.in, "RawConn.Read")
	if err != nil {
		return err
	}
	return r.fd.raw(w, &r.fd.in, (*readWait)(r.fd), f)
}

// Write takes its turn: what f writes is not mixed with what a task is writing.
func (r fdRawConn) Write(f func(fd uintptr) bool) error {
	w, err := r.fd.beginWrite(r.ctx, "RawConn.Write")
	if err != nil {
		return err
	}
	defer r.fd.turn.end()
	return r.fd.raw(w, &r.fd.out, (*writeWait)(r.fd), f)
}

// raw calls f until it returns true, and waits after each call that returns
// false. It does not wait before the first call, even if the last read or write has found
// that it would block, because f need not read or write: connection pools only check in
// this way whether the peer has gone. After each call, raw checks again: f may have
// closed the descriptor, or set a deadline that has passed, and then no one would end the
// wait.
func (f *FD) raw(w *engine.Wait, s *side, why engine.Reason, done func(fd uintptr) bool) error {
	s.blocked = false
	return f.retry(w, s, why, func(sys int) error {
		if done(uintptr(sys)) {
			return nil
		}
		return cmp.Or[error](f.check(s), unix.EAGAIN)
	})
}
