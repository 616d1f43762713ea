//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// addrOf converts the address of a socket; nil if it has none.
func addrOf(network string, sa unix.Sockaddr) net.Addr {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return ipAddr(network, sa.Addr[:], sa.Port, "")
	case *unix.SockaddrInet6:
		return ipAddr(network, sa.Addr[:], sa.Port, zoneOf(sa.ZoneId))
	case *unix.SockaddrUnix:
		return &net.UnixAddr{Name: sa.Name, Net: network}
	default:
		return nil
	}
}

func ipAddr(network string, ip net.IP, port int, zone string) net.Addr {
	if isUDP(network) {
		return &net.UDPAddr{IP: ip, Port: port, Zone: zone}
	}
	return &net.TCPAddr{IP: ip, Port: port, Zone: zone}
}

func zoneOf(index uint32) string {
	if index == 0 {
		return ""
	}
	if i, err := net.InterfaceByIndex(int(index)); err == nil {
		return i.Name
	}
	return strconv.Itoa(int(index))
}

func indexOf(zone string) uint32 {
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	n, _ := strconv.Atoi(zone) // a zone that is neither a name nor a number counts as none
	return uint32(n)
}

// sockaddrOf converts an IP address for a socket of the given family.
func sockaddrOf(family int, ip net.IP, port int, zone string) unix.Sockaddr {
	if family == unix.AF_INET {
		sa := &unix.SockaddrInet4{Port: port}
		copy(sa.Addr[:], ip.To4())
		return sa
	}
	sa := &unix.SockaddrInet6{Port: port, ZoneId: indexOf(zone)}
	copy(sa.Addr[:], ip.To16())
	return sa
}
