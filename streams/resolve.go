package streams

import (
	"context"
	"net"
	"net/netip"
	"strings"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

func isTCP(network string) bool { return strings.HasPrefix(network, "tcp") }

func isUDP(network string) bool { return strings.HasPrefix(network, "udp") }

func isIP(network string) bool { return strings.HasPrefix(network, "ip") }

func isDatagram(network string) bool {
	return isUDP(network) || isIP(network) || network == "unixgram"
}

func isUnix(network string) bool { return strings.HasPrefix(network, "unix") }

// A resolver finds the addresses of a name. The nil resolver asks the network in memory
// that the loop has, or else the system.
type resolver func(ctx context.Context, network, host string) ([]netip.Addr, error)

// one replaces a name in an address by the first of its addresses, IPv4
// before IPv6, as package net does for addresses to listen on.
func (r resolver) one(ctx context.Context, network, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if isIP(network) { // these networks have no ports
		host, port, err = address, "", nil
	}
	named := isTCP(network) || isUDP(network) || isIP(network)
	if !named || err != nil || host == "" || isLiteral(host) {
		return address, nil // package net has the better error for it
	}
	ips, err := r.all(ctx, network, host)
	if err != nil {
		return "", err
	}
	first := ips[0]
	for _, ip := range ips {
		if ip.Is4() {
			first = ip
			break
		}
	}
	if isIP(network) {
		return first.String(), nil
	}
	return net.JoinHostPort(first.String(), port), nil
}

func isLiteral(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// all finds the addresses of a name that a network can use, off the loop. There
// is at least one. In Python: loop.getaddrinfo.
func (r resolver) all(ctx context.Context, network, host string) ([]netip.Addr, error) {
	ips, err := r.lookup(ctx, versionOf(network), host)
	return usable(ips, err, host)
}

// allHere is all on a goroutine that may block, for a resolver that is not nil.
func (r resolver) allHere(ctx context.Context, network, host string) ([]netip.Addr, error) {
	ips, err := r(ctx, versionOf(network), host)
	return usable(ips, err, host)
}

// versionOf returns "ip", "ip4" or "ip6".
func versionOf(network string) string {
	network, _, _ = strings.Cut(network, ":") // of "ip4:icmp", the protocol
	return "ip" + strings.TrimLeft(network, "tcpudi")
}

func usable(ips []netip.Addr, err error, host string) ([]netip.Addr, error) {
	if err == nil && len(ips) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	unmapped := make([]netip.Addr, len(ips))
	for i, ip := range ips {
		unmapped[i] = ip.Unmap()
	}
	return unmapped, err
}

func (r resolver) lookup(ctx context.Context, version, host string) ([]netip.Addr, error) {
	if r == nil {
		if n := conn.NetworkOf(engine.LoopOf(ctx)); n != nil {
			return n.Lookup(ctx, version, host)
		}
		r = net.DefaultResolver.LookupNetIP
	}
	return asyncio.ToThread(ctx, func(ctx context.Context) ([]netip.Addr, error) {
		return r(ctx, version, host)
	})
}
