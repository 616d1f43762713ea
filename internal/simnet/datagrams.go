package simnet

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// datagrams are the sockets of a host that carry datagrams. Their ports have nothing to do
// with those of TCP.
type datagrams struct {
	sockets    []*packetSocket // oldest first
	lastPacket uint16          // the last port that was chosen
}

func (d *datagrams) isFree(at address) bool {
	return !slices.ContainsFunc(d.sockets, func(s *packetSocket) bool { return s.address.overlaps(at) })
}

// choosePort is Host.choosePort for datagrams.
func (d *datagrams) choosePort(at address) uint16 {
	for range lastPort - firstPort + 1 {
		if d.lastPacket++; d.lastPacket < firstPort || d.lastPacket > lastPort {
			d.lastPacket = firstPort
		}
		if at.port = d.lastPacket; d.isFree(at) {
			return at.port
		}
	}
	return 0
}

// socketAt returns the socket that what is sent from one address to another comes to; nil:
// there is none.
func (d *datagrams) socketAt(from, to netip.AddrPort) *packetSocket {
	i := slices.IndexFunc(d.sockets, func(s *packetSocket) bool {
		return s.address.includes(to) && (!s.connected() || s.peer == from)
	})
	if i < 0 {
		return nil
	}
	return d.sockets[i]
}

// ListenPackets makes a Network a conn.PacketNetwork.
func (n *Network) ListenPackets(ctx context.Context, network string, at *net.UDPAddr) (conn.PacketSocket, error) {
	if isForMany(addrOf(at.IP)) {
		return nil, errForMany
	}
	h, err := n.hostOf(ctx)
	if err != nil {
		return nil, err
	}
	return h.openPackets(addressOf("tcp"+network[len("udp"):], (*net.TCPAddr)(at)), netip.AddrPort{})
}

// DialPackets makes a Network a conn.PacketNetwork. As on Linux, an address that no host
// has is refused now, if it is known that there is no way.
func (n *Network) DialPackets(ctx context.Context, local, remote *net.UDPAddr) (conn.PacketSocket, error) {
	here, err := n.hostOf(ctx)
	to := destination((*net.TCPAddr)(remote))
	switch {
	case err != nil:
		return nil, err
	case isForMany(to.Addr()):
		return nil, errForMany
	case here.hostAt(to.Addr()) == nil:
		return nil, os.NewSyscallError("connect", conn.ErrnoUnreachable)
	}
	return here.openPackets(here.source((*net.TCPAddr)(local), to), to)
}

// openPackets opens a socket; if peer is not valid, it has no peer.
func (h *Host) openPackets(at address, peer netip.AddrPort) (conn.PacketSocket, error) {
	var err error
	switch {
	case !h.has(at.ip):
		err = conn.ErrnoNoAddr
	case at.port != 0 && !h.datagrams.isFree(at):
		err = conn.ErrnoInUse
	case at.port == 0:
		if at.port = h.datagrams.choosePort(at); at.port == 0 {
			err = conn.ErrnoInUse
		}
	}
	if err != nil {
		return nil, os.NewSyscallError("bind", err)
	}
	s := &packetSocket{host: h, address: at, peer: peer, room: defaultPacketRoom}
	h.sockets = append(h.sockets, s)
	h.network.loop.AtEnd(s)
	return s, nil
}

// addrOf returns an IP address; an invalid one if it is empty.
func addrOf(ip net.IP) netip.Addr {
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap()
}

// isForMany reports whether an address is of more than one host.
func isForMany(ip netip.Addr) bool {
	return ip.IsMulticast() || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}
