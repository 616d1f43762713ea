//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"context"
	"net"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// openSocket makes a descriptor of the loop's, and closes it if it cannot.
func openSocket(l *engine.Loop, sys int, network string) (*socket, error) {
	kind := aio.Other
	switch {
	case strings.HasPrefix(network, "tcp"):
		kind = aio.Stream
	case isUDP(network), network == "unixgram":
		kind = aio.Datagram
	}
	s := new(socket)
	if err := s.Open(l, sys, kind); err != nil {
		return nil, err
	}
	return s, nil
}

// takeConn makes a connection of package net one of the loop.
func takeConn(home *aio.Home, c net.Conn) (*Conn, error) {
	raw, ok := descriptorOf(home, c)
	if !ok {
		return bridgeConn(home, c), nil
	}
	network := c.LocalAddr().Network()
	sys, err := moveOut(raw)
	if err != nil {
		return nil, dialError(network, c.RemoteAddr(), err)
	}
	end, err := openSocket(home.Core(), sys, network)
	if err != nil {
		return nil, dialError(network, c.RemoteAddr(), err)
	}
	return newConn(home, end, network, c.LocalAddr(), c.RemoteAddr()), nil
}

// A self-connection is what a connection to a port of this machine on which no
// one listens can turn out to be, if the system chooses just that port for this
// side. So often it is tried again.
const selfConnections = 2

// connect makes a TCP connection.
func (d *dialer) connect(ctx context.Context, home *aio.Home, network string, to *net.TCPAddr) (*Conn, error) {
	if !native(home) {
		return d.connectBridge(ctx, home, network, to)
	}
	for tries := 0; ; tries++ {
		conn, err := d.connectOnce(ctx, home, network, to)
		if err == nil && tries < selfConnections && d.local == nil && conn.local.String() == conn.remote.String() {
			_ = conn.Close()
			continue
		}
		return conn, err
	}
}

func (d *dialer) connectOnce(ctx context.Context, home *aio.Home, network string, to *net.TCPAddr) (*Conn, error) {
	family := unix.AF_INET6
	if to.IP.To4() != nil {
		family = unix.AF_INET
	}
	sys, err := aio.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	if err := d.begin(sys, family, to); err != nil {
		_ = unix.Close(sys)
		return nil, err
	}
	s, err := openSocket(home.Core(), sys, network)
	if err != nil {
		return nil, err
	}
	peer, err := s.finishConnect(ctx)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	if err := defaultOptions(s); err != nil {
		_ = s.Close()
		return nil, err
	}
	return newConn(home, s, network, localAddr(network, s.Sys()), addrOf(network, peer)), nil
}

// begin binds a socket, if that was asked for, and begins to connect it.
func (d *dialer) begin(sys, family int, to *net.TCPAddr) error {
	if d.local != nil {
		from, ok := d.local.(*net.TCPAddr)
		switch {
		case !ok:
			return &net.AddrError{Err: "mismatched local address type", Addr: d.local.String()}
		case len(from.IP) > 0 && (from.IP.To4() != nil) != (family == unix.AF_INET):
			return &net.AddrError{Err: "mismatched local address family", Addr: d.local.String()}
		}
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

// finishConnect waits until the socket is connected, and returns to what: an
// unspecified address stands for one of this machine.
func (s *socket) finishConnect(ctx context.Context) (peer unix.Sockaddr, err error) {
	for {
		if err := s.AwaitWritable(ctx, "Dial"); err != nil {
			return nil, err
		}
		code, err := unix.GetsockoptInt(s.Sys(), unix.SOL_SOCKET, unix.SO_ERROR)
		switch {
		case err != nil:
			return nil, os.NewSyscallError("getsockopt", err)
		case code != 0:
			return nil, os.NewSyscallError("connect", unix.Errno(code))
		}
		if peer, err = unix.Getpeername(s.Sys()); err == nil {
			return peer, nil
		}
	}
}
