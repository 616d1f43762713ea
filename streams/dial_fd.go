//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"context"
	"net"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// openSocket gives a descriptor to the loop. If that fails, it closes the
// descriptor.
func openSocket(l *engine.Loop, sys int, network string) (*conn.FD, error) {
	kind := conn.AnyKind
	switch {
	case strings.HasPrefix(network, "tcp"):
		kind = conn.TCP
	case isUDP(network), network == "unixgram":
		kind = conn.Datagram
	}
	return conn.Open(l, sys, kind)
}

// takeConn gives a connection of package net to the loop.
func takeConn(owner *conn.Owner, c net.Conn) (*Conn, error) {
	raw, ok := descriptorOf(owner, c)
	if !ok {
		return newThreadedConn(owner, c), nil
	}
	defer c.Close()
	network := c.LocalAddr().Network()
	sys, err := moveOut(raw)
	if err != nil {
		return nil, dialError(network, c.RemoteAddr(), err)
	}
	end, err := openSocket(owner.Core(), sys, network)
	if err != nil {
		return nil, dialError(network, c.RemoteAddr(), err)
	}
	return newConn(owner, end, network, c.LocalAddr(), c.RemoteAddr()), nil
}

// maxSelfConnections bounds how often an attempt is repeated because it connected to
// itself. This can happen when one connects to a port of this machine on which no one
// listens, and the system chooses the same port for this side.
const maxSelfConnections = 2

// connectReally makes a TCP connection of the system.
func (d *dialer) connectReally(ctx context.Context, owner *conn.Owner, network string, to *net.TCPAddr) (*Conn, error) {
	if !polls(owner) {
		return d.connectThreaded(ctx, owner, network, to)
	}
	for tries := 0; ; tries++ {
		c, err := d.connectOnce(ctx, owner, network, to)
		if err == nil && tries < maxSelfConnections && d.local == nil && c.h.local.String() == c.h.remote.String() {
			_ = c.Close()
			continue
		}
		return c, err
	}
}

func (d *dialer) connectOnce(ctx context.Context, owner *conn.Owner, network string, to *net.TCPAddr) (*Conn, error) {
	family := unix.AF_INET6
	if to.IP.To4() != nil {
		family = unix.AF_INET
	}
	sys, err := conn.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	if err := d.begin(sys, family, to); err != nil {
		_ = unix.Close(sys)
		return nil, err
	}
	f, err := openSocket(owner.Core(), sys, network)
	if err != nil {
		return nil, err
	}
	peer, err := finishConnect(ctx, f)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	if err := defaultOptions(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return newConn(owner, f, network, localAddr(network, f.Sys()), addrOf(network, peer)), nil
}

// begin binds the socket to the local address, if there is one, and starts to
// connect it.
func (d *dialer) begin(sys, family int, to *net.TCPAddr) error {
	from, err := d.bindTo(to)
	if err != nil {
		return err
	}
	if from != nil {
		if err := unix.Bind(sys, sockaddrOf(family, from.IP, from.Port, from.Zone)); err != nil {
			return os.NewSyscallError("bind", err)
		}
	}
	switch err := unix.Connect(sys, sockaddrOf(family, to.IP, to.Port, to.Zone)); err {
	case nil, unix.EINPROGRESS, unix.EALREADY, unix.EINTR:
		return nil
	default:
		return os.NewSyscallError("connect", err)
	}
}

// finishConnect waits until the socket is connected, and returns its peer's
// address, which may differ from the one that was dialed: an unspecified address
// stands for this machine.
func finishConnect(ctx context.Context, f *conn.FD) (peer unix.Sockaddr, err error) {
	for {
		if err := f.AwaitWritable(ctx, "Dial"); err != nil {
			return nil, err
		}
		code, err := unix.GetsockoptInt(f.Sys(), unix.SOL_SOCKET, unix.SO_ERROR)
		switch {
		case err != nil:
			return nil, os.NewSyscallError("getsockopt", err)
		case code != 0:
			return nil, os.NewSyscallError("connect", unix.Errno(code))
		}
		if peer, err = unix.Getpeername(f.Sys()); err == nil {
			return peer, nil
		}
	}
}
