//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package streams

import (
	"context"
	"net"

	"github.com/asyncio-go/asyncio/internal/aio"
)

// Where a loop cannot wait for descriptors, everything goes over bridges.

func takeListener(home *aio.Home, l net.Listener) (*Listener, error) {
	return bridgeListener(home, l), nil
}

func (a arrival) discard() { _ = a.conn.Close() }

func takeConn(home *aio.Home, c net.Conn) (*Conn, error) { return bridgeConn(home, c), nil }

func (d *dialer) connect(ctx context.Context, home *aio.Home, network string, to *net.TCPAddr) (*Conn, error) {
	return d.connectBridge(ctx, home, network, to)
}

func takePacketConn(home *aio.Home, c net.PacketConn) (*PacketConn, error) {
	return bridgePacketConn(home, c), nil
}
