package streams

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// This file is what ListenPacket and DialPacket do on a loop that has a network in memory.

var udpNetworks = []string{"udp", "udp4", "udp6"}

// listenPacketInMemory is ListenPacket with an address whose name is resolved.
func (c *listenConfig) listenPacketInMemory(ctx context.Context, owner *conn.Owner, n conn.Network, network, address string) (*PacketConn, error) {
	if !slices.Contains(udpNetworks, network) {
		return nil, listenError(network, notInMemory(network))
	}
	at, err := net.ResolveUDPAddr(network, address) // it has no name, so this asks no resolver
	if err != nil {
		return nil, listenError(network, err)
	}
	var s conn.PacketSocket
	if err = errNoSocket; len(c.controls) == 0 {
		s, err = n.ListenPackets(ctx, network, at)
	}
	if c.sharesPort && errors.Is(err, conn.ErrnoInUse) {
		err = errOneSocket
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: at, Err: err}
	}
	return newMemoryPacketConn(owner, s), nil
}

// dialPacketsInMemory returns a socket that is connected to an address. It waits for the
// resolver only.
func (d *dialer) dialPacketsInMemory(ctx context.Context, n conn.Network, network, address string) (conn.PacketSocket, error) {
	if !slices.Contains(udpNetworks, network) {
		return nil, dialError(network, nil, notInMemory(network))
	}
	address, err := d.resolve.one(ctx, network, address)
	if err != nil {
		return nil, dialError(network, nil, err)
	}
	to, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, dialError(network, nil, err)
	}
	from, ok := d.local.(*net.UDPAddr)
	if d.local != nil && !ok {
		return nil, dialError(network, nil, &net.AddrError{Err: "mismatched local address type", Addr: d.local.String()})
	}
	s, err := n.DialPackets(ctx, from, to)
	if err != nil {
		return nil, dialError(network, to, err)
	}
	return s, nil
}

// A memoryPackets is a packetEndpoint on a network in memory.
type memoryPackets struct{ conn.PacketSocket }

func newMemoryPacketConn(owner *conn.Owner, s conn.PacketSocket) *PacketConn {
	return &PacketConn{newNetHandle[packetEndpoint](owner, memoryPackets{s}, "udp", s.LocalAddr(), s.RemoteAddr())}
}

// ReadFrom makes a memoryPackets a packetEndpoint, as the others do.
func (m memoryPackets) ReadFrom(ctx context.Context, p []byte) (int, net.Addr, error) {
	n, _, from, err := m.Receive(ctx, "recvfrom", p)
	return n, from, err
}

// ReadMsg has no control data to return.
func (m memoryPackets) ReadMsg(ctx context.Context, p, _ []byte) (message, error) {
	n, cut, from, err := m.Receive(ctx, "recvmsg", p)
	if cut {
		return message{n: n, flags: flagTruncated, from: from}, err
	}
	return message{n: n, from: from}, err
}

// WriteTo sends to an address of UDP.
func (m memoryPackets) WriteTo(ctx context.Context, p []byte, to net.Addr) error {
	switch to := to.(type) {
	case *net.UDPAddr:
		if to == nil {
			return &net.AddrError{Err: "missing address"}
		}
		return m.Send(ctx, "sendto", p, to)
	default:
		return os.NewSyscallError("sendto", conn.ErrnoInvalid)
	}
}

// WriteMsg refuses control data: it is meant for the system, and this network does not
// use the system.
func (m memoryPackets) WriteMsg(ctx context.Context, p, oob []byte, to *net.UDPAddr) error {
	if len(oob) > 0 {
		return errNoControlData
	}
	return m.Send(ctx, "sendmsg", p, to)
}
