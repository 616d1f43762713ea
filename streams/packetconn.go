package streams

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/aio"
)

// A PacketConn is a net.PacketConn whose ReadFrom and WriteTo suspend the
// calling task, and not the loop. In Python: a DatagramTransport.
//
// Its methods may be called from any goroutine, as those of Conn, and its
// errors are of the same kinds. Several tasks may read at once; each packet
// goes to one of them. One that is left open is closed by Run.
type PacketConn struct {
	link
	packets packetEndpoint
}

// A packetEndpoint is what carries packets. Loop only.
type packetEndpoint interface {
	ReadFrom(ctx context.Context, p []byte) (n int, from net.Addr, err error)
	WriteTo(ctx context.Context, p []byte, to net.Addr) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	SyscallConn(ctx context.Context) (syscall.RawConn, error)
	Close() error
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
	return onLoop(ctx, "ListenPacket", func(ctx context.Context, home *aio.Home) (*PacketConn, error) {
		address, err := resolver(net.DefaultResolver.LookupNetIP).one(ctx, network, address)
		if err != nil {
			return nil, listenError(network, err)
		}
		conn, err := c.ListenPacket(context.WithoutCancel(ctx), network, address)
		if err != nil {
			return nil, err
		}
		return takePacketConn(home, conn)
	})
}

func newPacketConn(home *aio.Home, packets packetEndpoint, local net.Addr) *PacketConn {
	return &PacketConn{link{home: home, network: local.Network(), local: local}, packets}
}

// ReadFrom waits for a packet, and returns as much of it as p has room for, and
// where it comes from. It waits on the scope that the calling task has opened
// last; a packet is not lost to a cancellation. In Python:
// DatagramProtocol.datagram_received, loop.sock_recvfrom.
func (c *PacketConn) ReadFrom(p []byte) (n int, from net.Addr, err error) {
	_, err = c.home.Do(func(ctx context.Context) (_ int, err error) {
		n, from, err = c.packets.ReadFrom(ctx, p)
		return 0, err
	})
	return n, from, c.opError("read", err)
}

// WriteTo sends a packet. It suspends the task only while the system has no
// room for it. In Python: DatagramTransport.sendto, loop.sock_sendto.
func (c *PacketConn) WriteTo(p []byte, to net.Addr) (int, error) {
	_, err := c.home.Do(func(ctx context.Context) (int, error) {
		return 0, c.packets.WriteTo(ctx, p, to)
	})
	if err != nil {
		return 0, &net.OpError{Op: "write", Net: c.network, Source: c.local, Addr: to, Err: reason(err)}
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
func (c *PacketConn) Close() error { return c.opError("close", c.home.Close(c.packets)) }

// LocalAddr returns its address.
func (c *PacketConn) LocalAddr() net.Addr { return c.local }

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *PacketConn) SetDeadline(t time.Time) error {
	return c.set("set", func() error {
		return cmp.Or(c.packets.SetReadDeadline(t), c.packets.SetWriteDeadline(t))
	})
}

// SetReadDeadline sets when ReadFrom returns os.ErrDeadlineExceeded, as that of
// Conn does for Read.
func (c *PacketConn) SetReadDeadline(t time.Time) error {
	return c.set("set", func() error { return c.packets.SetReadDeadline(t) })
}

// SetWriteDeadline is SetReadDeadline for WriteTo.
func (c *PacketConn) SetWriteDeadline(t time.Time) error {
	return c.set("set", func() error { return c.packets.SetWriteDeadline(t) })
}

// SyscallConn returns the raw connection, as that of Conn does: for multicast,
// for example.
func (c *PacketConn) SyscallConn() (syscall.RawConn, error) {
	return rawConn{func(call func(ctx context.Context) (int, error)) error {
		_, err := c.home.Do(call)
		return err
	}, c.packets.SyscallConn, c.opError}, nil
}
