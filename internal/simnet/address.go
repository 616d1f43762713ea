package simnet

import (
	"net"
	"net/netip"
	"os"

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

// isHere reports whether the address is one of this host.
func (a address) isHere() bool { return a.ip.IsUnspecified() || a.ip.IsLoopback() }

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

// bind returns the address with a port, if that can be bound.
func (n *Network) bind(at address) (address, error) {
	var err error
	switch {
	case !at.isHere():
		err = conn.ErrnoNoAddr
	case at.port != 0 && !n.isFree(at):
		err = conn.ErrnoInUse
	case at.port == 0:
		if at.port = n.choosePort(at); at.port == 0 {
			err = conn.ErrnoInUse
		}
	}
	return at, os.NewSyscallError("bind", err)
}
