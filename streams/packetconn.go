package streams

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A PacketConn is a net.PacketConn whose ReadFrom and WriteTo suspend the
// calling task, and not the loop. In Python: a DatagramTransport.
//
// Its methods may be called from any goroutine, as those of Conn, and its
// errors are of the same kinds. Several tasks may read at once; each packet
// goes to one of them. One that is left open is closed by Run.
type PacketConn struct {
	h netHandle[packetEndpoint]
}

// A packetEndpoint is what carries packets. Loop only.
type packetEndpoint interface {
	conn.Endpoint
	ReadFrom(ctx context.Context, p []byte) (n int, from net.Addr, err error)
	WriteTo(ctx context.Context, p []byte, to net.Addr) error
	SyscallConn(ctx context.Context) (syscall.RawConn, error)
}

// ListenPacket returns a PacketConn for a network ("udp", "udp4", "udp6" or
// "unixgram") and an address, as net.ListenPacket has them. A name is resolved
// off the loop, and then ListenPacket suspends. Outside a loop it returns
// asyncio.ErrNoRunningLoop. For packets from and to one address only, see Dial.
// In Python: loop.create_datagram_endpoint.
func ListenPacket(ctx context.Context, network, address string) (*PacketConn, error) {
	return ListenPacketWith(ctx, network, address)
}

// ListenPacketWith is ListenPacket with options.
func ListenPacketWith(ctx context.Context, network, address string, opts ...ListenOption) (*PacketConn, error) {
	c := newListenConfig(opts)
	return onLoop(ctx, "ListenPacket", func(ctx context.Context, owner *conn.Owner) (*PacketConn, error) {
		address, err := resolver(net.DefaultResolver.LookupNetIP).one(ctx, network, address)
		if err != nil {
			return nil, listenError(network, err)
		}
		conn, err := c.ListenPacket(context.WithoutCancel(ctx), network, address)
		if err != nil {
			return nil, err
		}
		return takePacketConn(owner, conn)
	})
}

func newPacketConn(owner *conn.Owner, end packetEndpoint, local net.Addr) *PacketConn {
	return &PacketConn{newNetHandle(owner, end, local.Network(), local, nil)}
}

// ReadFrom waits for a packet, and returns as much of it as p has room for, and
// where it comes from. It waits on the scope that the calling task has opened
// last; a packet is not lost to a cancellation. In Python:
// DatagramProtocol.datagram_received, loop.sock_recvfrom.
func (c *PacketConn) ReadFrom(p []byte) (n int, from net.Addr, err error) {
	_, err = conn.Call(c.h.Owner, nil, func(ctx context.Context) (_ int, err error) {
		n, from, err = c.h.End.ReadFrom(ctx, p)
		return 0, err
	})
	return n, from, c.h.opError("read", err)
}

// WriteTo sends a packet. It suspends the task only while the system has no
// room for it. In Python: DatagramTransport.sendto, loop.sock_sendto.
func (c *PacketConn) WriteTo(p []byte, to net.Addr) (int, error) {
	_, err := conn.Call(c.h.Owner, nil, func(ctx context.Context) (int, error) {
		return 0, c.h.End.WriteTo(ctx, p, to)
	})
	if err != nil {
		return 0, &net.OpError{Op: "write", Net: c.h.network, Source: c.h.local, Addr: to, Err: reason(err, false)}
	}
	return len(p), nil
}

// ReadFromUDPAddrPort is ReadFrom of UDP with an address that can be compared.
func (c *PacketConn) ReadFromUDPAddrPort(p []byte) (n int, from netip.AddrPort, err error) {
	n, addr, err := c.ReadFrom(p)
	if udp, ok := addr.(*net.UDPAddr); ok {
		from = udp.AddrPort()
	}
	return n, from, err
}

// WriteToUDPAddrPort is WriteTo of UDP with such an address.
func (c *PacketConn) WriteToUDPAddrPort(p []byte, to netip.AddrPort) (int, error) {
	return c.WriteTo(p, net.UDPAddrFromAddrPort(to))
}

// Close closes it. Who waits goes on with net.ErrClosed. It does not suspend,
// and on a goroutine that is not the loop's it does not wait for the loop,
// either, and returns nil.
func (c *PacketConn) Close() error { return c.h.opError("close", c.h.Close()) }

// LocalAddr returns its address.
func (c *PacketConn) LocalAddr() net.Addr { return c.h.local }

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *PacketConn) SetDeadline(t time.Time) error { return c.h.opError("set", c.h.SetDeadline(t)) }

// SetReadDeadline sets when ReadFrom returns os.ErrDeadlineExceeded, as that of
// Conn does for Read.
func (c *PacketConn) SetReadDeadline(t time.Time) error {
	return c.h.opError("set", c.h.SetReadDeadline(t))
}

// SetWriteDeadline is SetReadDeadline for WriteTo.
func (c *PacketConn) SetWriteDeadline(t time.Time) error {
	return c.h.opError("set", c.h.SetWriteDeadline(t))
}

// SyscallConn returns the raw connection, as that of Conn does: for multicast,
// for example.
func (c *PacketConn) SyscallConn() (syscall.RawConn, error) {
	return rawConn{c.h.Owner, nil, c.h.End.SyscallConn, c.h.opError}, nil
}
