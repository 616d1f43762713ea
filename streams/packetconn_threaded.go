package streams

import (
	"bytes"
	"context"
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A threadedPacketConn is a packetEndpoint on a connection that the loop cannot
// wait for.
type threadedPacketConn struct {
	conn.Threaded[packet]
	conn   net.PacketConn
	buffer []byte // of the goroutine that reads
}

// A packet is what one call has read.
type packet struct {
	bytes []byte
	from  net.Addr
}

// maxPacket is the length of the longest packet there is.
const maxPacket = 64 << 10

// newThreadedPacketConn makes a connection of package net one of the loop.
func newThreadedPacketConn(owner *conn.Owner, c net.PacketConn) *PacketConn {
	t := &threadedPacketConn{conn: c, buffer: make([]byte, maxPacket)}
	t.Init(owner.Core(), c)
	return newPacketConn(owner, t, c.LocalAddr())
}

func (t *threadedPacketConn) receive() (packet, error) {
	n, from, err := t.conn.ReadFrom(t.buffer)
	return packet{t.buffer[:n], from}, err
}

// ReadFrom makes a threadedPacketConn a packetEndpoint.
func (t *threadedPacketConn) ReadFrom(ctx context.Context, p []byte) (int, net.Addr, error) {
	got, err := t.ReadCall(ctx, "PacketConn.ReadFrom", "read", t.receive)
	return copy(p, got.bytes), got.from, err
}

// WriteTo makes a threadedPacketConn a packetEndpoint.
func (t *threadedPacketConn) WriteTo(ctx context.Context, p []byte, to net.Addr) error {
	own := bytes.Clone(p) // the caller may use p when it no longer waits
	return t.WriteCall(ctx, func() (int, error) { return t.conn.WriteTo(own, to) })
}
