package streams

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A PacketConn carries datagrams. Like a *net.UDPConn, it is a net.PacketConn and a
// net.Conn, but its reads and writes suspend the calling task and do not block the loop.
// They wait on the scope that the task has opened last. In Python: a DatagramTransport.
//
// Like those of Conn, its methods may be called from any goroutine, and its errors are of
// the same kinds. Several tasks may read at once; each packet goes to one of them. Run
// closes a PacketConn that is left open.
type PacketConn struct {
	h netHandle[packetEndpoint]
}

// A packetEndpoint is what carries packets. Loop only.
type packetEndpoint interface {
	conn.Endpoint
	conn.BufferOptions
	ReadFrom(ctx context.Context, p []byte) (n int, from net.Addr, err error)
	// ReadMsg is ReadFrom for UDP; it also reads the control data of the packet.
	ReadMsg(ctx context.Context, p, oob []byte) (m message, err error)
	Write(ctx context.Context, p []byte) (int, error)
	WriteTo(ctx context.Context, p []byte, to net.Addr) error
	// WriteMsg sends control data as well; to is nil if the socket is connected.
	WriteMsg(ctx context.Context, p, oob []byte, to *net.UDPAddr) error
	SyscallConn(ctx context.Context) (syscall.RawConn, error)
}

// A message is what ReadMsg has read.
type message struct {
	n, oobn, flags int
	from           net.Addr
}

// ListenPacket returns a PacketConn for a network ("udp", "udp4", "udp6",
// "unixgram", or "ip4:icmp" and the like) and an address, written as for
// net.ListenPacket. A name is resolved off the loop, and ListenPacket suspends meanwhile.
// Outside a loop it returns asyncio.ErrNoRunningLoop. For packets from and to one address
// only, see DialPacket. Like Listen, it removes the file of a Unix socket that no process
// has bound any more. In Python: loop.create_datagram_endpoint.
func ListenPacket(ctx context.Context, network, address string) (*PacketConn, error) {
	return ListenPacketWith(ctx, network, address)
}

// ListenPacketWith is ListenPacket with options.
func ListenPacketWith(ctx context.Context, network, address string, opts ...ListenOption) (*PacketConn, error) {
	c := newListenConfig(opts)
	return onLoop(ctx, "ListenPacket", func(ctx context.Context, owner *conn.Owner) (*PacketConn, error) {
		address, err := resolver(nil).one(ctx, network, address)
		if err != nil {
			return nil, listenError(network, err)
		}
		if n := conn.NetworkOf(owner.Core()); n != nil {
			return c.listenPacketInMemory(ctx, owner, n, network, address)
		}
		conn, err := c.listenPacket(context.WithoutCancel(ctx), network, address)
		if err != nil {
			return nil, err
		}
		return takePacketConn(owner, conn)
	})
}

// DialPacket returns a PacketConn for one address: Write sends to it, and Read and
// ReadFrom receive packets from it. WriteTo returns net.ErrWriteToConnected. The networks
// are those of ListenPacket. A name is resolved off the loop, and DialPacket suspends
// meanwhile; it sends nothing. If ctx is canceled, the error is asyncio.ErrCanceled;
// outside a loop it is asyncio.ErrNoRunningLoop, and otherwise a *net.OpError. In Python:
// loop.create_datagram_endpoint with remote_addr.
func DialPacket(ctx context.Context, network, address string) (*PacketConn, error) {
	return onLoop(ctx, "DialPacket", func(ctx context.Context, owner *conn.Owner) (*PacketConn, error) {
		if _, err := engine.Begin(ctx, "DialPacket"); err != nil {
			return nil, dialError(network, nil, err)
		}
		if !isDatagram(network) {
			return nil, dialError(network, nil, net.UnknownNetworkError(network))
		}
		if n := conn.NetworkOf(owner.Core()); n != nil {
			s, err := newDialer(nil).dialPacketsInMemory(ctx, n, network, address)
			if err != nil {
				return nil, err
			}
			return newMemoryPacketConn(owner, s), nil
		}
		c, err := newDialer(nil).dialPlain(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return takePacketConn(owner, c.(net.PacketConn))
	})
}

// newPacketConn returns a PacketConn for one of package net.
func newPacketConn(owner *conn.Owner, end packetEndpoint, c net.Conn) *PacketConn {
	local := c.LocalAddr()
	return &PacketConn{newNetHandle(owner, end, local.Network(), local, c.RemoteAddr())}
}

// ok reports whether c is neither nil nor the zero value, whose methods return
// os.ErrInvalid.
func (c *PacketConn) ok() bool { return c != nil && c.h.Owner != nil }

// connected reports whether it has a peer.
func (c *PacketConn) connected() bool { return c.h.remote != nil }

// Read is ReadFrom without the address of the sender.
func (c *PacketConn) Read(p []byte) (int, error) {
	n, _, err := c.ReadFrom(p)
	return n, err
}

// ReadFrom waits for a packet, copies as much of it to p as fits, and returns the
// address of the sender. A cancellation loses no packet. In Python:
// DatagramProtocol.datagram_received, loop.sock_recvfrom.
func (c *PacketConn) ReadFrom(p []byte) (n int, from net.Addr, err error) {
	if !c.ok() {
		return 0, nil, os.ErrInvalid
	}
	_, err = conn.Call(c.h.Owner, nil, func(ctx context.Context) (_ int, err error) {
		n, from, err = c.h.End.ReadFrom(ctx, p)
		return 0, err
	})
	return n, from, c.h.opError("read", err)
}

// Write sends a packet to the peer of a PacketConn that DialPacket has made. It
// suspends the task only while the system has no room for it.
func (c *PacketConn) Write(p []byte) (int, error) {
	if !c.ok() {
		return 0, os.ErrInvalid
	}
	n, err := conn.Call(c.h.Owner, nil, func(ctx context.Context) (int, error) { return c.h.End.Write(ctx, p) })
	return n, c.h.opError("write", err)
}

// WriteTo sends a packet. It suspends the task only while the system has no
// room for it. In Python: DatagramTransport.sendto, loop.sock_sendto.
func (c *PacketConn) WriteTo(p []byte, to net.Addr) (int, error) {
	if !c.ok() {
		return 0, os.ErrInvalid
	}
	err := c.writeTo(to, func(ctx context.Context) error { return c.h.End.WriteTo(ctx, p, to) })
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// writeTo sends a packet to an address.
func (c *PacketConn) writeTo(to net.Addr, send func(ctx context.Context) error) (err error) {
	if c.connected() {
		err = net.ErrWriteToConnected
	} else {
		_, err = conn.Call(c.h.Owner, nil, func(ctx context.Context) (int, error) { return 0, send(ctx) })
	}
	if err != nil {
		return &net.OpError{Op: "write", Net: c.h.network, Source: c.h.local, Addr: to, Err: reason(err, cutShort{})}
	}
	return nil
}

// ReadFromUDPAddrPort is ReadFrom for UDP, with an address that can be compared.
func (c *PacketConn) ReadFromUDPAddrPort(p []byte) (n int, from netip.AddrPort, err error) {
	n, addr, err := c.ReadFrom(p)
	if udp, ok := addr.(*net.UDPAddr); ok {
		from = udp.AddrPort()
	}
	return n, from, err
}

// WriteToUDPAddrPort is WriteTo for UDP, with a netip.AddrPort as the address.
func (c *PacketConn) WriteToUDPAddrPort(p []byte, to netip.AddrPort) (int, error) {
	return c.WriteTo(p, net.UDPAddrFromAddrPort(to))
}

// ReadMsgUDP is ReadFrom for UDP that also returns the packet's control data, in
// oob, and its flags; the packages golang.org/x/net/ipv4 and ipv6 parse the
// control data. It fails on other networks. In Python: socket.recvmsg.
func (c *PacketConn) ReadMsgUDP(p, oob []byte) (n, oobn, flags int, from *net.UDPAddr, err error) {
	if !c.ok() {
		return 0, 0, 0, nil, os.ErrInvalid
	}
	m, err := conn.Call(c.h.Owner, nil, func(ctx context.Context) (m message, err error) {
		if !isUDP(c.h.network) {
			return m, errors.ErrUnsupported
		}
		return c.h.End.ReadMsg(ctx, p, oob)
	})
	from, _ = m.from.(*net.UDPAddr)
	return m.n, m.oobn, m.flags, from, c.h.opError("read", err)
}

// WriteMsgUDP is WriteTo for UDP with control data, in oob, which tells the
// system how to send the packet. For a PacketConn that DialPacket has made, to
// must be nil. It fails on other networks. In Python: socket.sendmsg.
func (c *PacketConn) WriteMsgUDP(p, oob []byte, to *net.UDPAddr) (n, oobn int, err error) {
	if !c.ok() {
		return 0, 0, os.ErrInvalid
	}
	send := func(ctx context.Context) error {
		if !isUDP(c.h.network) {
			return errors.ErrUnsupported
		}
		return c.h.End.WriteMsg(ctx, p, oob, to)
	}
	switch {
	case to != nil:
		err = c.writeTo(to, send)
	case c.connected():
		_, err = conn.Call(c.h.Owner, nil, func(ctx context.Context) (int, error) { return 0, send(ctx) })
		err = c.h.opError("write", err)
	default:
		err = c.h.opError("write", &net.AddrError{Err: "missing address"})
	}
	if err != nil {
		return 0, 0, err
	}
	return len(p), len(oob), nil
}

// Close closes the socket. Calls that wait return net.ErrClosed. It does not
// suspend. On a goroutine that is not the loop's it does not wait for the loop,
// and returns nil.
func (c *PacketConn) Close() error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("close", c.h.Close())
}

// LocalAddr returns the address of this side.
func (c *PacketConn) LocalAddr() net.Addr {
	if !c.ok() {
		return nil
	}
	return c.h.local
}

// RemoteAddr returns the address of the peer, if DialPacket has made the
// PacketConn; otherwise nil.
func (c *PacketConn) RemoteAddr() net.Addr {
	if !c.ok() {
		return nil
	}
	return c.h.remote
}

// SetDeadline calls SetReadDeadline and SetWriteDeadline.
func (c *PacketConn) SetDeadline(t time.Time) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("set", c.h.SetDeadline(t))
}

// SetReadDeadline sets when ReadFrom returns os.ErrDeadlineExceeded; see
// Conn.SetReadDeadline.
func (c *PacketConn) SetReadDeadline(t time.Time) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("set", c.h.SetReadDeadline(t))
}

// SetWriteDeadline is SetReadDeadline for WriteTo.
func (c *PacketConn) SetWriteDeadline(t time.Time) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("set", c.h.SetWriteDeadline(t))
}

// SetReadBuffer sets the size of the system's buffer for packets that have not
// been read; when it is full, the system drops packets. The system may round and
// limit it. It does not suspend. In Python: SO_RCVBUF.
func (c *PacketConn) SetReadBuffer(bytes int) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.set(func() error { return c.h.End.SetReadBuffer(bytes) })
}

// SetWriteBuffer is SetReadBuffer for packets that have not been sent. In Python:
// SO_SNDBUF.
func (c *PacketConn) SetWriteBuffer(bytes int) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.set(func() error { return c.h.End.SetWriteBuffer(bytes) })
}

// SyscallConn returns the raw connection, for multicast for example; see
// Conn.SyscallConn.
func (c *PacketConn) SyscallConn() (syscall.RawConn, error) {
	if !c.ok() {
		return nil, os.ErrInvalid
	}
	return rawConn{c.h.Owner, nil, c.h.End.SyscallConn, c.h.opError}, nil
}
