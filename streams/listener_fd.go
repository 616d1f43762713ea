//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"cmp"
	"context"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// takeListener gives a listener of package net to the loop.
func takeListener(owner *conn.Owner, l net.Listener) (*Listener, error) {
	if !polls(owner) {
		return newListener(owner, newThreadedListener(owner, l), l.Addr()), nil
	}
	defer l.Close()
	f := &listenerFD{network: l.Addr().Network()}
	sys, err := moveOut(l.(syscall.Conn))
	if err != nil {
		return nil, listenError(f.network, err)
	}
	if err := f.Open(owner.Core(), sys, conn.AnyKind); err != nil {
		return nil, listenError(f.network, err)
	}
	if err := f.prepare(l.Addr()); err != nil {
		_ = f.Close()
		return nil, listenError(f.network, err)
	}
	return newListener(owner, f, l.Addr()), nil
}

// moveOut returns a duplicate of the descriptor of something that package net has
// opened; the caller closes the original.
func moveOut(c syscall.Conn) (sys int, err error) {
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

// A listenerFD is an acceptor that the loop itself waits for.
type listenerFD struct {
	conn.FD
	network string
	local   net.Addr // of the connections, if it is the same for all; else nil
}

// prepare sets the options that accepted connections inherit, which saves system
// calls for each of them.
func (f *listenerFD) prepare(addr net.Addr) error {
	switch addr := addr.(type) {
	case *net.UnixAddr:
		f.local = addr
		if addr.Name != "" && addr.Name[0] != '@' {
			f.NotifyClose(removalOf(addr.Name))
		}
	case *net.TCPAddr:
		if !addr.IP.IsUnspecified() {
			f.local = addr
		}
		return defaultOptions(&f.FD)
	}
	return nil
}

// removalOf returns a function that removes the file of a Unix socket, unless
// another listener has put its own there by then.
func removalOf(name string) func(atEnd bool) {
	own, err := os.Lstat(name)
	return func(bool) {
		if now, failed := os.Lstat(name); err == nil && failed == nil && os.SameFile(own, now) {
			_ = os.Remove(name)
		}
	}
}

// defaultOptions sets the options that TCP connections have.
func defaultOptions(f *conn.FD) error {
	return cmp.Or(f.SetNoDelay(true), f.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true}))
}

// Accept makes a listenerFD an acceptor.
func (f *listenerFD) Accept(ctx context.Context) (accepted, error) {
	var sys int
	var from unix.Sockaddr
	err := f.ReadCall(ctx, "Listener.Accept", func(fd int) (err error) {
		sys, from, err = conn.Accept(fd)
		if err == unix.ECONNABORTED { // the connection was gone before it was accepted
			return unix.EINTR
		}
		return err
	})
	if err != nil {
		return accepted{}, wrapErrno("accept", err)
	}
	return accepted{sys: sys, remote: addrOf(f.network, from)}, nil
}

func (a accepted) discard() {
	if a.conn != nil {
		_ = a.conn.Close()
	} else {
		_ = unix.Close(a.sys)
	}
}

func (f *listenerFD) open(owner *conn.Owner, a accepted) (*Conn, error) {
	end, err := openSocket(owner.Core(), a.sys, f.network)
	if err != nil {
		return nil, err
	}
	local := f.local
	if local == nil {
		local = localAddr(f.network, a.sys)
	}
	return newConn(owner, end, f.network, local, a.remote), nil
}

// wrapErrno adds the name of the system call to an error of the system.
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
