package simnet

import (
	"net"
	"net/netip"
	"os"
	"slices"

	"github.com/asyncio-go/asyncio/internal/conn"
)

var loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// An address is what a socket is bound to.
type address struct {
	ip   netip.Addr // unspecified: every address of a family
	both bool       // of both families
	port uint16
}

// addressOf returns what package net would bind a listener of the network to: an
// unspecified address on "tcp" is one of both families.
func addressOf(network string, a *net.TCPAddr) address {
	ip, _ := netip.AddrFromSlice(a.IP)
	at := address{ip: ip.Unmap().WithZone(""), port: uint16(a.Port)}
	if !at.ip.IsValid() || at.ip.IsUnspecified() {
		at.both = network == "tcp"
		at.ip = netip.IPv6Unspecified()
		if network == "tcp4" {
			at.ip = netip.IPv4Unspecified()
		}
	}
	return at
}

// has reports whether an address is one of the host. All of 127.0.0.0/8 is, on each.
func (h *Host) has(ip netip.Addr) bool {
	return ip.IsUnspecified() || ip.IsLoopback() || slices.Contains(h.addrs, ip)
}

// includes reports whether connections to an address come here.
func (a address) includes(to netip.AddrPort) bool {
	return a.port == to.Port() && a.includesIP(to.Addr())
}

func (a address) includesIP(ip netip.Addr) bool {
	return a.ip == ip || a.ip.IsUnspecified() && (a.both || a.ip.Is4() == ip.Is4())
}

// overlaps reports whether both cannot be bound at a time.
func (a address) overlaps(b address) bool {
	return a.port == b.port && (a.includesIP(b.ip) || b.includesIP(a.ip))
}

func (a address) addrPort() netip.AddrPort { return netip.AddrPortFrom(a.ip, a.port) }

func (a address) tcp() *net.TCPAddr { return net.TCPAddrFromAddrPort(a.addrPort()) }

// The ports that are chosen for those who ask for none, as on Linux.
const (
	firstPort = 32768
	lastPort  = 60999
)

// choosePort returns a port that is free on an address; 0 if there is none. It goes
// round, so that a port that was just closed is not used again at once.
func (h *Host) choosePort(at address) uint16 {
	for range lastPort - firstPort + 1 {
		if h.last++; h.last < firstPort || h.last > lastPort {
			h.last = firstPort
		}
		if at.port = h.last; h.isFree(at) {
			return at.port
		}
	}
	return 0
}

func (h *Host) isFree(at address) bool {
	return !h.clients[at.port] && !slices.ContainsFunc(h.listeners, func(l *listener) bool { return l.address.overlaps(at) })
}

// bind returns the address with a port, if that can be bound.
func (h *Host) bind(at address) (address, error) {
	var err error
	switch {
	case !h.has(at.ip):
		err = conn.ErrnoNoAddr
	case at.port != 0 && !h.isFree(at):
		err = conn.ErrnoInUse
	case at.port == 0:
		if at.port = h.choosePort(at); at.port == 0 {
			err = conn.ErrnoInUse
		}
	}
	return at, os.NewSyscallError("bind", err)
}
