package streams

import (
	"bytes"
	"context"
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A threadedPacketConn is a packetEndpoint on a connection that the loop cannot
// wait for.
type threadedPacketConn struct {
	conn.Threaded[packet]
	conn   net.PacketConn
	buffer []byte // of the goroutine that reads
}

// A packet is what one call has read from the socket.
type packet struct {
	bytes []byte
	oob   []byte
	flags int
	from  net.Addr
}

// maxPacket is the length of the longest packet there is.
const maxPacket = 64 << 10

// newThreadedPacketConn gives a connection of package net to the loop.
func newThreadedPacketConn(owner *conn.Owner, c net.PacketConn) *PacketConn {
	t := &threadedPacketConn{conn: c, buffer: make([]byte, maxPacket)}
	t.Init(owner.Core(), c)
	return newPacketConn(owner, t, c.(net.Conn))
}

func (t *threadedPacketConn) receive() (packet, error) {
	n, from, err := t.conn.ReadFrom(t.buffer)
	return packet{bytes: t.buffer[:n], from: from}, err
}

// ReadFrom makes a threadedPacketConn a packetEndpoint.
func (t *threadedPacketConn) ReadFrom(ctx context.Context, p []byte) (int, net.Addr, error) {
	got, err := t.ReadCall(ctx, "PacketConn.ReadFrom", labelRead, t.receive)
	return copy(p, got.bytes), got.from, err
}

// ReadMsg makes a threadedPacketConn a packetEndpoint. If it returns a packet that was
// read for a canceled ReadFrom, the control data of that packet is lost.
func (t *threadedPacketConn) ReadMsg(ctx context.Context, p, oob []byte) (message, error) {
	own := make([]byte, len(oob))
	got, err := t.ReadCall(ctx, "PacketConn.ReadMsgUDP", labelRead, func() (packet, error) {
		n, oobn, flags, from, err := t.conn.(*net.UDPConn).ReadMsgUDP(t.buffer, own)
		return packet{t.buffer[:n], own[:oobn], flags, from}, err
	})
	if err != nil {
		return message{}, err
	}
	return message{copy(p, got.bytes), copy(oob, got.oob), got.flags, got.from}, nil
}

// Write makes a threadedPacketConn a packetEndpoint.
func (t *threadedPacketConn) Write(ctx context.Context, p []byte) (int, error) {
	own := bytes.Clone(p) // the caller may use p when it no longer waits
	if err := t.WriteCall(ctx, func() (int, error) { return t.conn.(net.Conn).Write(own) }); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteTo makes a threadedPacketConn a packetEndpoint.
func (t *threadedPacketConn) WriteTo(ctx context.Context, p []byte, to net.Addr) error {
	own := bytes.Clone(p)
	return t.WriteCall(ctx, func() (int, error) { return t.conn.WriteTo(own, to) })
}

// WriteMsg makes a threadedPacketConn a packetEndpoint.
func (t *threadedPacketConn) WriteMsg(ctx context.Context, p, oob []byte, to *net.UDPAddr) error {
	p, oob = bytes.Clone(p), bytes.Clone(oob)
	return t.WriteCall(ctx, func() (int, error) {
		n, _, err := t.conn.(*net.UDPConn).WriteMsgUDP(p, oob, to)
		return n, err
	})
}

var labelRead = engine.NewLabel("read")
