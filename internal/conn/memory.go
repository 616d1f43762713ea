package conn

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A MemoryStream is one end of a connection in memory: what is written to it can be read
// at the other end, at once, or, if the ends are on two simulated hosts, when it has
// arrived there; see delayLine. It takes the place of an FD on a network in memory, and
// does what Linux does with a TCP connection over loopback: closing one end lets the
// other read the end of the stream; closing it with bytes that were not read, or with
// SetLinger(0), resets the other. asynciotest.Pipe also consists of two of them. Loop
// only.
type MemoryStream struct {
	closeNotifier
	loop    *engine.Loop
	peer    *MemoryStream
	in, out *flow
	turn    turn // of those who write

	pipe   bool  // it is an end of a pipe, which knows no resets
	unix   bool  // it is one of a Unix socket, whose writer knows at once that the peer is gone
	closed bool  // by Close, or by the end of the loop
	killed error // by Kill, with what error; nil: it was not
	deaf   bool  // CloseRead was called
	dead   bool  // it was reset: nothing goes in or out any more
	fault  error // of the reset, for the next call to return; nil: it was told
	abrupt bool  // Close is to reset the other end

	peerName string
	object   *engine.Object // what it is for those who watch; nil: no one has asked
}

// MemoryConn returns the two ends of a connection. Each is named after the other's
// address, for reports. The end of the loop closes what nothing has closed before.
func MemoryConn(l *engine.Loop, addressOfA, addressOfB net.Addr) (a, b *MemoryStream) {
	a, b = memoryPair(l)
	a.peerName, b.peerName = addressOfB.String(), addressOfA.String()
	l.AtEnd(a)
	l.AtEnd(b)
	return a, b
}

// MemoryUnixConn is MemoryConn for Unix sockets.
func MemoryUnixConn(l *engine.Loop, addressOfA, addressOfB net.Addr) (a, b *MemoryStream) {
	a, b = MemoryConn(l, addressOfA, addressOfB)
	a.unix, b.unix = true, true
	return a, b
}

// MemoryConnOver is MemoryConn for ends on two hosts: bytes travel on one path from a to b
// and on the other back. The connection is one that a has made; opened is called when b
// learns of it.
func MemoryConnOver(l *engine.Loop, addressOfA, addressOfB net.Addr, there, back Path, opened func()) (a, b *MemoryStream) {
	a, b = MemoryConn(l, addressOfA, addressOfB)
	a.out.line = &delayLine{path: there, loop: l, to: b}
	b.out.line = &delayLine{path: back, loop: l, to: a}
	a.out.line.opened = opened
	return a, b
}

// Open lets the other end of MemoryConnOver know that there is a connection.
func (s *MemoryStream) Open() { s.out.line.send(segmentOpen, 0) }

// MemoryPipe returns the two ends of a pipe. It is simpler than a connection, to avoid
// surprises in tests: closing an end drops what was not read there, without a reset; a
// write fails as soon as the other end is closed, and not only at the second write after
// that; and several tasks may read.
func MemoryPipe(l *engine.Loop) (a, b *MemoryStream) {
	a, b = memoryPair(l)
	a.pipe, b.pipe = true, true
	return a, b
}

func memoryPair(l *engine.Loop) (a, b *MemoryStream) {
	there, back := &flow{window: defaultWindow}, &flow{window: defaultWindow}
	a = &MemoryStream{loop: l, in: back, out: there}
	b = &MemoryStream{loop: l, in: there, out: back, peer: a}
	a.peer = b
	return a, b
}

// Close closes this end. Operations that wait on it return s.whyClosed(), and so does a
// second Close.
func (s *MemoryStream) Close() error {
	if s.closed {
		return s.whyClosed()
	}
	s.loop.NotAtEnd(s)
	s.release(false)
	return nil
}

// LoopClosed makes a MemoryStream an engine.Ending.
func (s *MemoryStream) LoopClosed() { s.release(true) }

func (s *MemoryStream) release(atEnd bool) {
	resets := !s.pipe && (s.abrupt || s.in.waiting() > 0)
	s.closed = true
	s.in.readers.Stop(s.loop)
	s.out.writers.Stop(s.loop)
	s.in.drop()
	s.tell(resets, atEnd)
	s.wakeAll()
	s.turn.waiters.WakeAll()
	s.notifyClosed(atEnd)
}

// tell lets the other end know that this one was closed.
func (s *MemoryStream) tell(resets, atEnd bool) {
	line := s.out.line
	switch {
	case line != nil && atEnd:
		line.clear()
	case s.dead, line == nil && s.peer.closed: // there is no one to tell
	case resets && line != nil:
		line.reset(segmentReset)
	case resets:
		s.peer.reset(ErrnoReset)
	default:
		s.end()
	}
}

// end says that nothing more will be written.
func (s *MemoryStream) end() {
	if s.out.end(); s.out.line == nil {
		s.peer.wakeAll()
	}
}

// Kill closes this end as the crash of its host does: the other end is reset, and calls
// on this end return the error from now on.
func (s *MemoryStream) Kill(err error) {
	if !s.closed {
		s.killed, s.abrupt = err, true
		s.loop.NotAtEnd(s)
		s.release(false)
	}
}

// Cut resets both ends at once, as a device between them could. Bytes that had not
// arrived are lost.
func (s *MemoryStream) Cut() {
	for _, end := range []*MemoryStream{s, s.peer} {
		if end.out.line != nil {
			end.out.line.clear()
		}
		if !end.closed && !end.dead {
			end.reset(ErrnoReset)
		}
	}
}

// whyClosed returns the error of a call on an end that was closed.
func (s *MemoryStream) whyClosed() error { return cmp.Or(s.killed, net.ErrClosed) }

// reset ends the connection because the other end has reset it. Bytes that came before
// can still be read.
func (s *MemoryStream) reset(fault error) {
	s.dead, s.fault = true, fault
	s.wakeAll()
}

// takeFault returns what a reset has left for one call to return, with the name of that
// call; nil if there is nothing.
func (s *MemoryStream) takeFault(call string) error {
	err := os.NewSyscallError(call, s.fault)
	s.fault = nil
	return err
}

// wakeAll wakes those who wait at this end.
func (s *MemoryStream) wakeAll() {
	s.in.readers.WakeAll()
	s.out.writers.WakeAll()
}

// CloseRead shuts down the reading side: reads return io.EOF when they have read what
// was there. As on Linux, the other end is not told.
func (s *MemoryStream) CloseRead() error {
	return s.shutdown(func() { s.deaf = true })
}

// CloseWrite shuts down the writing side.
func (s *MemoryStream) CloseWrite() error {
	return s.shutdown(s.end)
}

func (s *MemoryStream) shutdown(end func()) error {
	switch {
	case s.closed:
		return s.whyClosed()
	case s.dead, !s.pipe && s.in.ended && s.out.shut:
		return os.NewSyscallError("shutdown", ErrnoNotConn)
	}
	end()
	s.wakeAll()
	return nil
}

// SetReadDeadline sets when reads return os.ErrDeadlineExceeded.
func (s *MemoryStream) SetReadDeadline(t time.Time) error {
	return s.set(func() { s.in.readers.SetDeadline(s.loop, t) })
}

// SetWriteDeadline sets when writes do.
func (s *MemoryStream) SetWriteDeadline(t time.Time) error {
	return s.set(func() { s.out.writers.SetDeadline(s.loop, t) })
}

func (s *MemoryStream) set(what func()) error {
	if s.closed {
		return s.whyClosed()
	}
	what()
	return nil
}

// SetReadBuffer sets the size of the one buffer that there is in this direction.
func (s *MemoryStream) SetReadBuffer(bytes int) error {
	return s.set(func() { s.in.resize(bytes) })
}

// SetWriteBuffer is SetReadBuffer for the other direction.
func (s *MemoryStream) SetWriteBuffer(bytes int) error {
	return s.set(func() { s.out.resize(bytes) })
}

// TCPOptions makes a MemoryStream a Stream.
func (s *MemoryStream) TCPOptions() TCPOptions {
	if s.pipe || s.unix {
		return nil
	}
	return s
}

// SetNoDelay makes a MemoryStream TCPOptions, as the other setters do. It changes
// nothing, because written bytes are never held back.
func (s *MemoryStream) SetNoDelay(bool) error { return s.set(func() {}) }

// SetKeepAlive changes nothing: within a host, an end cannot disappear without the other end
// learning of it; and between hosts, probes that are always answered would keep the clock
// jumping for ever.
func (s *MemoryStream) SetKeepAlive(bool) error { return s.set(func() {}) }

// SetKeepAliveConfig changes nothing, as SetKeepAlive.
func (s *MemoryStream) SetKeepAliveConfig(net.KeepAliveConfig) error { return s.set(func() {}) }

// SetLinger sets whether Close resets the other end. With any other number than 0
// it does not wait: what was written is there.
func (s *MemoryStream) SetLinger(seconds int) error {
	return s.set(func() { s.abrupt = seconds == 0 })
}

// SyscallConn returns errors.ErrUnsupported: there is no descriptor.
func (s *MemoryStream) SyscallConn(context.Context) (syscall.RawConn, error) {
	return nil, errors.ErrUnsupported
}
