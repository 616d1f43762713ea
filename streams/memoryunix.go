package streams

import (
	"context"
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// dialOtherInMemory is dialOther on a loop that has a network in memory.
func (d *dialer) dialOtherInMemory(ctx context.Context, owner *conn.Owner, n conn.Network, network, address string) (*Conn, error) {
	if network == "unix" {
		return d.dialUnixInMemory(ctx, owner, n, address)
	}
	s, err := d.dialPacketsInMemory(ctx, n, network, address)
	if err != nil {
		return nil, err
	}
	return newConn(owner, s, "udp", s.LocalAddr(), s.RemoteAddr()), nil
}

// dialUnixInMemory is Dial of "unix" on a loop that has a network in memory. Names are in a
// table of the network, and no file is made.
func (d *dialer) dialUnixInMemory(ctx context.Context, owner *conn.Owner, n conn.Network, address string) (*Conn, error) {
	to := &net.UnixAddr{Name: address, Net: "unix"}
	from, ok := d.local.(*net.UnixAddr)
	if d.local != nil && !ok {
		return nil, dialError("unix", nil, &net.AddrError{Err: "mismatched local address type", Addr: d.local.String()})
	}
	link, err := n.DialUnix(ctx, from, to)
	if err != nil {
		return nil, dialError("unix", to, err)
	}
	return newConn(owner, link.Stream, "unix", link.Local, link.Remote), nil
}
