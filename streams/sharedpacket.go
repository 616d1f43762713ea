package streams

import (
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A sharedPacketConn is a connection of DialShared for datagrams. It is a net.PacketConn
// as well, so that DNS clients know that it carries datagrams. It needs no gate, because
// the system does not mix the bytes of two packets.
type sharedPacketConn struct{ sharedCore[*PacketConn] }

func newSharedPacketConn(home conn.Owner, c net.Conn) *sharedPacketConn {
	s := new(sharedPacketConn)
	s.net, s.home, s.open = c, home, s.openEnd
	return s
}

func (s *sharedPacketConn) openEnd(owner *conn.Owner) (*PacketConn, conn.Endpoint, error) {
	p, err := duplicatePackets(owner, s.net)
	if err != nil {
		return nil, nil, s.opError("use", err)
	}
	if p == nil {
		p = newThreadedPacketConn(owner, lentPacketConn{s.net})
	}
	return p, p.h.End, nil
}

// Read reads a packet from the peer. Until one comes, it suspends a task, and blocks any
// other goroutine.
func (s *sharedPacketConn) Read(p []byte) (int, error) {
	n, _, err := s.ReadFrom(p)
	return n, err
}

// ReadFrom is like Read, and also returns the address of the peer.
func (s *sharedPacketConn) ReadFrom(p []byte) (int, net.Addr, error) {
	e, err := s.here()
	switch {
	case err != nil:
		return 0, nil, err
	case e == nil:
		return s.net.(net.PacketConn).ReadFrom(p)
	}
	e.enter()
	defer e.leave()
	for {
		n, from, err := e.end.ReadFrom(p)
		if !s.isStale(e, err) {
			return n, from, err
		}
	}
}

// isStale reports whether an error is about a deadline that was changed since. A
// goroutine that reads for tasks can meet a deadline when no task waits any more; its
// error must not end the next read.
func (s *sharedPacketConn) isStale(e *loopEnd[*PacketConn], err error) bool {
	_, threaded := e.end.h.End.(*threadedPacketConn)
	return threaded && errors.Is(err, os.ErrDeadlineExceeded) && !s.late(0)
}

// Write sends a packet to the peer.
func (s *sharedPacketConn) Write(p []byte) (int, error) {
	e, err := s.here()
	switch {
	case err != nil:
		return 0, err
	case e == nil:
		return s.net.Write(p)
	}
	e.enter()
	defer e.leave()
	return e.end.Write(p)
}

// WriteTo returns net.ErrWriteToConnected, as on all connections that were dialed.
func (s *sharedPacketConn) WriteTo(p []byte, to net.Addr) (int, error) {
	return s.net.(net.PacketConn).WriteTo(p, to)
}

// SyscallConn returns the raw connection for options. Its Read and Write block the
// goroutine, and with it the loop, while the function returns false.
func (s *sharedPacketConn) SyscallConn() (syscall.RawConn, error) {
	raw, err := rawOf(s.net)
	if err != nil {
		return nil, s.opError("use", err)
	}
	return raw, nil
}

// SetReadBuffer works as in a net.UDPConn.
func (s *sharedPacketConn) SetReadBuffer(bytes int) error {
	return setBuffer(s.net, conn.BufferOptions.SetReadBuffer, bytes)
}

// SetWriteBuffer works as in a net.UDPConn.
func (s *sharedPacketConn) SetWriteBuffer(bytes int) error {
	return setBuffer(s.net, conn.BufferOptions.SetWriteBuffer, bytes)
}

// SetReadBuffer works as in a net.TCPConn.
func (s *sharedConn) SetReadBuffer(bytes int) error {
	return setBuffer(s.net, conn.BufferOptions.SetReadBuffer, bytes)
}

// SetWriteBuffer works as in a net.TCPConn.
func (s *sharedConn) SetWriteBuffer(bytes int) error {
	return setBuffer(s.net, conn.BufferOptions.SetWriteBuffer, bytes)
}

func setBuffer(c net.Conn, set func(conn.BufferOptions, int) error, bytes int) error {
	o, ok := c.(conn.BufferOptions)
	if !ok {
		return errUnsupported
	}
	return set(o, bytes)
}

var errUnsupported = errors.ErrUnsupported

func rawOf(c net.Conn) (syscall.RawConn, error) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return nil, errUnsupported
	}
	return s.SyscallConn()
}

// A lentPacketConn is the connection of package net, which the end of a loop does not
// close.
type lentPacketConn struct{ net.Conn }

// Close makes a lentPacketConn a net.PacketConn.
func (lentPacketConn) Close() error { return nil }

// ReadFrom makes it one, too.
func (c lentPacketConn) ReadFrom(p []byte) (int, net.Addr, error) {
	return c.Conn.(net.PacketConn).ReadFrom(p)
}

// WriteTo makes it one, too.
func (c lentPacketConn) WriteTo(p []byte, to net.Addr) (int, error) {
	return c.Conn.(net.PacketConn).WriteTo(p, to)
}
