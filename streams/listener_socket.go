//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"cmp"
	"context"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/aio"
)

// takeListener makes a listener of package net one of the loop.
func takeListener(home *aio.Home, l net.Listener) (*Listener, error) {
	if !native(home) {
		return bridgeListener(home, l), nil
	}
	s := &listeningSocket{network: l.Addr().Network()}
	s.NotifyClose(func(bool) { s.haveClosed() })
	sys, err := moveOut(l.(moveable))
	if err != nil {
		return nil, listenError(s.network, err)
	}
	if err := s.Open(home.Core(), sys, aio.Other); err != nil {
		return nil, listenError(s.network, err)
	}
	if err := s.prepare(l.Addr()); err != nil {
		_ = s.Close()
		return nil, listenError(s.network, err)
	}
	return &Listener{link: link{home: home, network: s.network, local: l.Addr()}, accepts: s}, nil
}

// moveable is a socket of package net that can be one of ours.
type moveable interface {
	syscall.Conn
	io.Closer
}

// moveOut takes the descriptor out of what package net has opened, and closes
// that.
func moveOut(c moveable) (sys int, err error) {
	defer c.Close()
	raw, err := c.SyscallConn()
	if err != nil {
		return -1, err
	}
	failed := raw.Control(func(fd uintptr) {
		sys, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err := cmp.Or(failed, os.NewSyscallError("fcntl", err)); err != nil {
		return -1, err
	}
	if u, ok := c.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // it is removed when ours is closed
	}
	return sys, nil
}

// A listeningSocket is an acceptor that the loop itself waits for.
type listeningSocket struct {
	socket
	closings
	network string
	local   net.Addr // of the connections, if it is the same for all; else nil
}

// prepare sets what accepted connections inherit, so that none needs a system
// call for it.
func (s *listeningSocket) prepare(addr net.Addr) error {
	switch addr := addr.(type) {
	case *net.UnixAddr:
		s.local = addr
		if addr.Name != "" && addr.Name[0] != '@' {
			s.whenClosed(removalOf(addr.Name))
		}
	case *net.TCPAddr:
		if !addr.IP.IsUnspecified() {
			s.local = addr
		}
		return defaultOptions(&s.socket)
	}
	return nil
}

// removalOf returns what removes the file of a Unix socket. Another listener may
// have its own under that name by then, and that stays.
func removalOf(name string) func() {
	own, err := os.Lstat(name)
	return func() {
		if now, failed := os.Lstat(name); err == nil && failed == nil && os.SameFile(own, now) {
			_ = os.Remove(name)
		}
	}
}

// defaultOptions sets the options that TCP connections have.
func defaultOptions(s *socket) error {
	return cmp.Or(s.SetNoDelay(true), s.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true}))
}

// Accept makes a listeningSocket an acceptor.
func (s *listeningSocket) Accept(ctx context.Context) (arrival, error) {
	var sys int
	var from unix.Sockaddr
	err := s.ReadCall(ctx, "Listener.Accept", func(fd int) (err error) {
		sys, from, err = aio.Accept(fd)
		if err == unix.ECONNABORTED { // it was gone before we came
			return unix.EINTR
		}
		return err
	})
	if err != nil {
		return arrival{}, wrapErrno("accept", err)
	}
	return arrival{sys: sys, remote: addrOf(s.network, from)}, nil
}

func (a arrival) discard() {
	if a.conn != nil {
		_ = a.conn.Close()
	} else {
		_ = unix.Close(a.sys)
	}
}

func (s *listeningSocket) open(home *aio.Home, a arrival) (*Conn, error) {
	end, err := openSocket(home.Core(), a.sys, s.network)
	if err != nil {
		return nil, err
	}
	local := s.local
	if local == nil {
		local = localAddr(s.network, a.sys)
	}
	return newConn(home, end, s.network, local, a.remote), nil
}

// wrapErrno says which system call an error of the system comes from.
func wrapErrno(call string, err error) error {
	if _, ok := err.(unix.Errno); ok {
		return os.NewSyscallError(call, err)
	}
	return err
}

func localAddr(network string, sys int) net.Addr {
	sa, err := unix.Getsockname(sys)
	if err != nil {
		return nil
	}
	return addrOf(network, sa)
}
