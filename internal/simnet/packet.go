package simnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A packetSocket is a socket that carries datagrams. It makes a conn.PacketSocket.
type packetSocket struct {
	host    *Host
	address address
	peer    netip.AddrPort // not valid: it is not connected
	waiting []packet       // that were not read, oldest first
	held    int            // what they take up
	room    int            // how much they may take up
	fault   error          // what the peer's host has answered, for the next call to return
	readers conn.Line
	writers conn.Line // on which no one waits; it has the deadline
	closed  error     // what calls return when it is closed; nil: it is not
	onClose []func(atEnd bool)
	object  *engine.Object // what it is for those who watch; nil: no one has asked
}

// A packet is a datagram that has come.
type packet struct {
	bytes []byte
	from  netip.AddrPort
}

// On Linux, net.core.rmem_default bounds what waits at a socket; beside its bytes, a datagram
// takes up about packetCost of it. So there is room for some 250 short ones.
const (
	defaultPacketRoom = 212992
	packetCost        = 832
)

func (p packet) cost() int { return packetCost + len(p.bytes) }

// The length of the longest datagram that there is room for in a packet of IP.
const (
	longestOver4 = 65507
	longestOver6 = 65527
)

var (
	errForMany = errors.New("streams: this loop's network is in memory and has neither broadcast nor multicast: send to one host after the other")
)

func (s *packetSocket) connected() bool { return s.peer.IsValid() }

// LocalAddr makes a packetSocket a conn.PacketSocket, as the other methods do.
func (s *packetSocket) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(s.address.addrPort()) }

// RemoteAddr returns nil where there is no peer.
func (s *packetSocket) RemoteAddr() net.Addr {
	if !s.connected() {
		return nil
	}
	return net.UDPAddrFromAddrPort(s.peer)
}

// check returns the error with which an operation on a line must fail; nil if there is
// none.
func (s *packetSocket) check(line *conn.Line, call string) error {
	switch {
	case s.closed != nil:
		return s.closed
	case line.Passed():
		return os.ErrDeadlineExceeded
	default:
		err := os.NewSyscallError(call, s.fault)
		s.fault = nil
		return err
	}
}

func (s *packetSocket) begin(ctx context.Context, op string) (*engine.Wait, error) {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return nil, err
	}
	w.Loop().MustMaySuspend(op)
	return w, w.Spend()
}

// Receive makes a packetSocket a conn.PacketSocket.
func (s *packetSocket) Receive(ctx context.Context, call string, p []byte) (n int, cut bool, from net.Addr, err error) {
	w, err := s.begin(ctx, "PacketConn.Read")
	if err != nil {
		return 0, false, nil, err
	}
	for {
		if err := s.check(&s.readers, call); err != nil {
			return 0, false, nil, err
		}
		if len(s.waiting) > 0 {
			first := s.take()
			n = copy(p, first.bytes)
			return n, n < len(first.bytes), net.UDPAddrFromAddrPort(first.from), nil
		}
		if err := w.Park(&s.readers.Waiters, (*packetWait)(s)); err != nil {
			return 0, false, nil, err
		}
	}
}

func (s *packetSocket) take() packet {
	first := s.waiting[0]
	s.waiting = slices.Delete(s.waiting, 0, 1)
	s.held -= first.cost()
	s.host.network.loop.Moved(len(first.bytes))
	return first
}

// Send makes a packetSocket a conn.PacketSocket.
func (s *packetSocket) Send(ctx context.Context, call string, p []byte, to *net.UDPAddr) error {
	if _, err := s.begin(ctx, "PacketConn.Write"); err != nil {
		return err
	}
	if err := s.check(&s.writers, call); err != nil {
		return err
	}
	target := s.peer
	if to != nil {
		target = s.target(to)
	}
	there, err := s.way(call, target, len(p))
	if err == nil {
		s.host.network.loop.Moved(len(p))
		s.send(there, packet{slices.Clone(p), s.source(target)}, target)
	}
	return err
}

// target returns where something goes that is sent to an address. An address without an IP
// is this host's, of the family of the socket.
func (s *packetSocket) target(to *net.UDPAddr) netip.AddrPort {
	if addrOf(to.IP).IsValid() || s.address.ip.Is4() {
		return destination((*net.TCPAddr)(to))
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), uint16(to.Port))
}

// way returns the host to which a datagram goes.
func (s *packetSocket) way(call string, to netip.AddrPort, length int) (*Host, error) {
	ip, longest := to.Addr(), longestOver6
	if ip.Is4() {
		longest = longestOver4
	}
	there := s.host.hostAt(ip)
	switch {
	case !to.IsValid():
		return nil, os.NewSyscallError(call, conn.ErrnoNoDestination)
	case isForMany(ip):
		return nil, errForMany
	case s.address.ip.Is4() && !ip.Is4():
		return nil, &net.AddrError{Err: "non-IPv4 address", Addr: ip.String()}
	case to.Port() == 0:
		return nil, os.NewSyscallError(call, conn.ErrnoInvalid)
	case length > longest:
		return nil, os.NewSyscallError(call, conn.ErrnoTooLong)
	case there == nil, !s.address.both && s.address.ip.Is6() && ip.Is4(),
		there != s.host && s.address.ip.IsLoopback():
		return nil, os.NewSyscallError(call, conn.ErrnoUnreachable)
	default:
		return there, nil
	}
}

// source returns the address from which a datagram comes to where it goes.
func (s *packetSocket) source(to netip.AddrPort) netip.AddrPort {
	ip := s.address.ip
	if ip.IsUnspecified() {
		ip = s.host.sourceIP(to.Addr())
	}
	return netip.AddrPortFrom(ip, s.address.port)
}

// send sends a packet.
func (s *packetSocket) send(there *Host, p packet, to netip.AddrPort) {
	f := &flight{packet: p, by: s, there: there, to: to}
	if there == s.host {
		f.Fire()
	} else {
		f.travel(s.host.linkTo(there))
	}
}

// A flight is a packet on its way to another host, or the answer that no one is there. It
// is the event that it arrives.
type flight struct {
	packet
	by       *packetSocket
	there    *Host
	to       netip.AddrPort
	timer    engine.Timer
	answered bool
}

// packetHeader is that of a datagram, in bytes.
const packetHeader = 28

func (f *flight) travel(on *Link) {
	what := labelDatagram
	if f.answered {
		what = labelRefuse
	}
	switch d, arrives := on.Send(what, packetHeader+len(f.bytes), len(f.bytes)); {
	case !arrives:
	case d == 0:
		f.Fire()
	default:
		l := f.there.network.loop
		f.timer.Set(l, l.Now()+d, f)
	}
}

// Fire is called when it arrives. Where no one is, the sender hears of it if it is
// connected: only then Linux tells it.
func (f *flight) Fire() {
	there := f.there.current()
	switch other := there.socketAt(f.from, f.to); {
	case f.answered:
		f.by.refused()
	case other != nil:
		other.receive(f.packet)
	case there == f.by.host:
		f.by.refused()
	default:
		f.answered, f.bytes = true, nil
		f.travel(there.linkTo(f.by.host))
	}
}

// Origin tells observers what woke a task.
func (f *flight) Origin() engine.Ref { return engine.Ref{Label: labelNetwork} }

// refused is called when a host has said that no one listens.
func (s *packetSocket) refused() {
	if s.connected() && s.closed == nil {
		s.fault = conn.ErrnoRefused
		s.readers.WakeAll()
	}
}

// receive keeps a packet that has come, if there is room; otherwise it is lost. For one
// there always is.
func (s *packetSocket) receive(p packet) {
	if s.closed != nil || s.held > 0 && s.held+p.cost() > s.room {
		return
	}
	s.held += p.cost()
	s.waiting = append(s.waiting, p)
	s.readers.WakeAll()
}

// SetReadDeadline makes a packetSocket a conn.Endpoint, as the others do.
func (s *packetSocket) SetReadDeadline(t time.Time) error {
	return s.set(func() { s.readers.SetDeadline(s.host.network.loop, t) })
}

// SetWriteDeadline sets from when on Send returns os.ErrDeadlineExceeded.
func (s *packetSocket) SetWriteDeadline(t time.Time) error {
	return s.set(func() { s.writers.SetDeadline(s.host.network.loop, t) })
}

func (s *packetSocket) set(what func()) error {
	if s.closed != nil {
		return s.closed
	}
	what()
	return nil
}

// SetReadBuffer sets how much may wait; Linux takes it twice.
func (s *packetSocket) SetReadBuffer(bytes int) error {
	return s.set(func() { s.room = max(2*bytes, smallestPacketRoom) })
}

const smallestPacketRoom = 2304 // of Linux

// SetWriteBuffer changes nothing: what is sent is gone.
func (s *packetSocket) SetWriteBuffer(int) error { return s.set(func() {}) }

// NotifyClose makes a packetSocket a conn.Stream.
func (s *packetSocket) NotifyClose(fn func(atEnd bool)) { s.onClose = append(s.onClose, fn) }

// Close makes a packetSocket a conn.Endpoint.
func (s *packetSocket) Close() error {
	if s.closed != nil {
		return s.closed
	}
	s.close(net.ErrClosed)
	return nil
}

// close closes it for a reason, which calls from now on return.
func (s *packetSocket) close(why error) {
	s.host.network.loop.NotAtEnd(s)
	s.release(why, false)
}

// LoopClosed makes a packetSocket an engine.Ending.
func (s *packetSocket) LoopClosed() { s.release(net.ErrClosed, true) }

func (s *packetSocket) release(why error, atEnd bool) {
	s.closed, s.waiting, s.held = why, nil, 0
	h := s.host
	h.sockets = slices.DeleteFunc(h.sockets, func(other *packetSocket) bool { return other == s })
	s.readers.Stop(h.network.loop)
	s.writers.Stop(h.network.loop)
	s.readers.WakeAll()
	for _, fn := range s.onClose {
		fn(atEnd)
	}
}
