package conn

import (
	"context"
	"net"
)

// A PacketNetwork is the part of a Network that carries datagrams. Loop only.
type PacketNetwork interface {
	// ListenPackets opens a socket of a network "udp", "udp4" or "udp6" on an address.
	ListenPackets(ctx context.Context, network string, local *net.UDPAddr) (PacketSocket, error)
	// DialPackets opens one that sends to an address, and receives from there alone. A
	// local address that is nil is the network's to choose. Neither call suspends.
	DialPackets(ctx context.Context, local, remote *net.UDPAddr) (PacketSocket, error)
}

// A PacketSocket sends and receives datagrams on a Network. As a Stream it reads or
// writes one datagram with each call. Loop only.
type PacketSocket interface {
	Stream
	// Receive waits for a datagram and copies as much of it to p as fits; cut says that
	// there was more. The call names the operation in errors, as the system's do.
	Receive(ctx context.Context, call string, p []byte) (n int, cut bool, from net.Addr, err error)
	// Send sends a datagram; to is nil for a socket that is connected. It does not wait.
	Send(ctx context.Context, call string, p []byte, to *net.UDPAddr) error
	// LocalAddr and RemoteAddr are those of the socket; nil: it is not connected.
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
}

// A UnixNetwork is the part of a Network that has Unix sockets, of streams. Loop only.
type UnixNetwork interface {
	// DialUnix connects to a name, and suspends the task until it is connected or refused.
	// If local is nil, the socket has no name.
	DialUnix(ctx context.Context, local, remote *net.UnixAddr) (Link, error)
	// ListenUnix listens on a name, as Network.Listen does on an address.
	ListenUnix(ctx context.Context, address *net.UnixAddr, backlog int) (LinkListener, error)
}
