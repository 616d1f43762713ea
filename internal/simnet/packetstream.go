package simnet

import (
	"bytes"
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file makes a packetSocket a conn.Stream, for streams.Dial of a network of datagrams:
// each call reads or writes one.

// Read reads the next datagram, or as much of it as fits.
func (s *packetSocket) Read(ctx context.Context, p []byte) (int, error) {
	n, _, _, err := s.Receive(ctx, "read", p)
	return n, err
}

// Write sends a datagram to the peer.
func (s *packetSocket) Write(ctx context.Context, p []byte) (int, error) {
	if err := s.Send(ctx, "write", p, nil); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WriteBuffers sends one datagram.
func (s *packetSocket) WriteBuffers(ctx context.Context, v *net.Buffers) (int64, error) {
	n, err := s.Write(ctx, bytes.Join(*v, nil))
	if err == nil {
		*v = nil
	}
	return int64(n), err
}

// CloseRead says that datagrams have no end.
func (s *packetSocket) CloseRead() error { return errors.ErrUnsupported }

// CloseWrite says so, too.
func (s *packetSocket) CloseWrite() error { return errors.ErrUnsupported }

// TCPOptions returns nil.
func (s *packetSocket) TCPOptions() conn.TCPOptions { return nil }

// SyscallConn returns errors.ErrUnsupported: there is no descriptor.
func (s *packetSocket) SyscallConn(context.Context) (syscall.RawConn, error) {
	return nil, errors.ErrUnsupported
}

// packetWait is a packetSocket as what a task waits for.
type packetWait packetSocket

var labelRead = engine.NewLabel("read")

// name is the address of the peer, or the socket's own where there is no peer.
func (w *packetWait) name() string {
	if w.peer.IsValid() {
		return w.peer.String()
	}
	return w.address.addrPort().String()
}

// Describe says "read 127.0.0.1:53".
func (w *packetWait) Describe() string { return labelRead.Describe() + " " + w.name() }

// Ref makes it an engine.Reason.
func (w *packetWait) Ref(l *engine.Loop) engine.Ref {
	if w.object == nil {
		w.object = engine.NewObject((*packetState)(w))
		w.object.Name = w.name()
	}
	return engine.Ref{Label: labelRead, Number: l.Number(w.object)}
}

// packetState is a packetSocket as an engine.Shared.
type packetState packetSocket

// State makes it one.
func (s *packetState) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelConnection, Waiters: s.readers.Len()}
}
