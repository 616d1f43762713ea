//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"context"
	"net"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A packetFD is a packetEndpoint that the loop itself waits for.
type packetFD struct {
	conn.FD
	network string
	family  int
}

// takePacketConn gives a connection of package net to the loop.
func takePacketConn(owner *conn.Owner, c net.PacketConn) (*PacketConn, error) {
	raw, ok := descriptorOf(owner, c)
	if !ok {
		return newThreadedPacketConn(owner, c), nil
	}
	defer c.Close()
	return openPackets(owner, c.(net.Conn), raw)
}

// openPackets gives a duplicate of the descriptor of a connection of package net to the
// loop.
func openPackets(owner *conn.Owner, c net.Conn, raw syscall.Conn) (*PacketConn, error) {
	local := c.LocalAddr()
	sys, err := moveOut(raw)
	if err != nil {
		return nil, listenError(local.Network(), err)
	}
	p := &packetFD{network: local.Network(), family: unix.AF_INET6}
	if err := p.Open(owner.Core(), sys, conn.Datagram); err != nil {
		return nil, listenError(local.Network(), err)
	}
	if sa, err := unix.Getsockname(sys); err == nil {
		if _, ok := sa.(*unix.SockaddrInet4); ok {
			p.family = unix.AF_INET
		}
	}
	return newPacketConn(owner, p, c), nil
}

// ReadFrom makes a packetFD a packetEndpoint.
func (s *packetFD) ReadFrom(ctx context.Context, p []byte) (n int, from net.Addr, err error) {
	var sa unix.Sockaddr
	err = s.ReadCall(ctx, "PacketConn.ReadFrom", func(sys int) (err error) {
		n, sa, err = unix.Recvfrom(sys, p, 0)
		s.Moved(max(n, 0))
		return err
	})
	if err != nil {
		return 0, nil, wrapErrno("recvfrom", err)
	}
	return n, addrOf(s.network, sa), nil
}

// ReadMsg makes a packetFD a packetEndpoint.
func (s *packetFD) ReadMsg(ctx context.Context, p, oob []byte) (m message, err error) {
	var sa unix.Sockaddr
	err = s.ReadCall(ctx, "PacketConn.ReadMsgUDP", func(sys int) (err error) {
		m.n, m.oobn, m.flags, sa, err = unix.Recvmsg(sys, p, oob, 0)
		s.Moved(max(m.n, 0))
		return err
	})
	if err != nil {
		return message{}, wrapErrno("recvmsg", err)
	}
	m.from = addrOf(s.network, sa)
	return m, nil
}

// WriteTo makes a packetFD a packetEndpoint.
func (s *packetFD) WriteTo(ctx context.Context, p []byte, to net.Addr) error {
	sa, err := s.sockaddr(to)
	if err != nil {
		return err
	}
	return wrapErrno("sendto", s.WriteCall(ctx, "PacketConn.WriteTo", func(sys int) error {
		s.Moved(len(p))
		return unix.Sendto(sys, p, 0, sa)
	}))
}

// WriteMsg makes a packetFD a packetEndpoint.
func (s *packetFD) WriteMsg(ctx context.Context, p, oob []byte, to *net.UDPAddr) (err error) {
	var sa unix.Sockaddr
	if to != nil {
		if sa, err = s.sockaddr(to); err != nil {
			return err
		}
	}
	return wrapErrno("sendmsg", s.WriteCall(ctx, "PacketConn.WriteMsgUDP", func(sys int) error {
		s.Moved(len(p))
		return unix.Sendmsg(sys, p, oob, sa, 0)
	}))
}

var errNoAddress error = &net.AddrError{Err: "missing address"}

func (s *packetFD) sockaddr(to net.Addr) (unix.Sockaddr, error) {
	switch to := to.(type) {
	case *net.UDPAddr:
		if to == nil {
			return nil, errNoAddress
		}
		if s.family == unix.AF_INET && to.IP != nil && to.IP.To4() == nil {
			return nil, &net.AddrError{Err: "non-IPv4 address", Addr: to.IP.String()}
		}
		return sockaddrOf(s.family, to.IP, to.Port, to.Zone), nil
	case *net.UnixAddr:
		if to == nil {
			return nil, errNoAddress
		}
		return &unix.SockaddrUnix{Name: to.Name}, nil
	default:
		return nil, unix.EINVAL
	}
}
