package streams

import (
	"bytes"
	"context"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/aio"
)

// A packetBridge is a packetEndpoint on a connection that the loop cannot wait
// for.
type packetBridge struct {
	conn   net.PacketConn
	home   *aio.Home
	in     aio.Helper[packet]
	buffer []byte   // of the helper
	out    aio.Line // of which only the deadline counts: writes are looked at when they begin
	closed bool
}

type packet struct {
	bytes []byte
	from  net.Addr
}

// So long a packet can be.
const longestPacket = 64 << 10

// bridgePacketConn makes a connection of package net one of the loop.
func bridgePacketConn(home *aio.Home, c net.PacketConn) *PacketConn {
	b := &packetBridge{conn: c, home: home, buffer: make([]byte, longestPacket)}
	b.in.Init(home.Core())
	home.Core().AtEnd(b)
	return newPacketConn(home, b, c.LocalAddr())
}

func (b *packetBridge) receive() (packet, error) {
	n, from, err := b.conn.ReadFrom(b.buffer)
	return packet{b.buffer[:n], from}, err
}

// ReadFrom makes a packetBridge a packetEndpoint.
func (b *packetBridge) ReadFrom(ctx context.Context, p []byte) (int, net.Addr, error) {
	got, err := b.in.Call(ctx, "PacketConn.ReadFrom", "read", b.receive)
	return copy(p, got.bytes), got.from, plain(err)
}

// WriteTo makes a packetBridge a packetEndpoint.
func (b *packetBridge) WriteTo(ctx context.Context, p []byte, to net.Addr) error {
	switch {
	case b.closed:
		return net.ErrClosed
	case b.out.Passed():
		return os.ErrDeadlineExceeded
	}
	own := bytes.Clone(p) // the caller may use p when it no longer waits
	_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return b.conn.WriteTo(own, to) })
	return plain(err)
}

// SetReadDeadline makes a packetBridge a packetEndpoint.
func (b *packetBridge) SetReadDeadline(t time.Time) error { return b.in.SetDeadline(t) }

// SetWriteDeadline makes a packetBridge a packetEndpoint.
func (b *packetBridge) SetWriteDeadline(t time.Time) error {
	if b.closed {
		return net.ErrClosed
	}
	b.out.SetDeadline(b.home.Core(), t)
	return nil
}

// SyscallConn makes a packetBridge a packetEndpoint.
func (b *packetBridge) SyscallConn(ctx context.Context) (syscall.RawConn, error) {
	return rawBridgeOf(ctx, b.conn)
}

// LoopClosed makes a packetBridge an engine.Ending.
func (b *packetBridge) LoopClosed() { _ = b.release() }

// Close makes a packetBridge a packetEndpoint.
func (b *packetBridge) Close() error {
	if b.closed {
		return net.ErrClosed
	}
	b.home.Core().NotAtEnd(b)
	return b.release()
}

func (b *packetBridge) release() error {
	b.closed = true
	b.in.Close()
	b.out.Stop(b.home.Core())
	return plain(b.conn.Close())
}
