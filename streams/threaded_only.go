//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package streams

import (
	"context"
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// Where a loop cannot wait for descriptors, goroutines make all calls.

func takeListener(owner *conn.Owner, l net.Listener) (*Listener, error) {
	return newListener(owner, newThreadedListener(owner, l), l.Addr()), nil
}

func (a accepted) discard() { _ = a.conn.Close() }

func takeConn(owner *conn.Owner, c net.Conn) (*Conn, error) { return newThreadedConn(owner, c), nil }

func (d *dialer) connectReally(ctx context.Context, owner *conn.Owner, network string, to *net.TCPAddr) (*Conn, error) {
	return d.connectThreaded(ctx, owner, network, to)
}

func takePacketConn(owner *conn.Owner, c net.PacketConn) (*PacketConn, error) {
	return newThreadedPacketConn(owner, c), nil
}

// duplicateStream reports nil: there are no descriptors for the loop to wait for.
func duplicateStream(*conn.Owner, net.Conn) (conn.Stream, error) { return nil, nil }

// duplicatePackets is duplicateStream for datagrams.
func duplicatePackets(*conn.Owner, net.Conn) (*PacketConn, error) { return nil, nil }
