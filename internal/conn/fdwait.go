//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package conn

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// These are a descriptor as what a task waits for, in its two directions. The system is
// asked for the address of the peer only when someone wants to know it.
type (
	readWait  FD
	writeWait FD
)

var labelAccept = engine.NewLabel("accept")

// Describe says "read 10.0.0.7:51234".
func (w *readWait) Describe() string { return (*FD)(w).describe((*FD)(w).readLabel()) }

// Ref makes it an engine.Reason.
func (w *readWait) Ref(l *engine.Loop) engine.Ref {
	n := (*FD)(w).number(l, true)
	return engine.Ref{Label: (*FD)(w).readLabel(), Number: n}
}

// Describe says "write 10.0.0.7:51234".
func (w *writeWait) Describe() string { return (*FD)(w).describe(labelWrite) }

// Ref makes it an engine.Reason. A descriptor that is waited for in this way may not be
// connected yet.
func (w *writeWait) Ref(l *engine.Loop) engine.Ref {
	return engine.Ref{Label: labelWrite, Number: (*FD)(w).number(l, false)}
}

// fdState is an FD as an engine.Shared.
type fdState FD

// State makes it one.
func (s *fdState) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelConnection, Waiters: s.in.Len() + s.out.Len()}
}

func (f *FD) describe(what engine.Label) string {
	to := ""
	if f.placed {
		to = f.object.Name
	} else {
		to, _ = f.address()
	}
	if to != "" {
		return what.Describe() + " " + to
	}
	return what.Describe()
}

// number returns the number of the descriptor as an object, whose name is the address
// that it leads to. The system is asked for that until there is a peer, or until the
// first read: a socket without a peer by then never gets one.
func (f *FD) number(l *engine.Loop, reads bool) uint64 {
	if f.object == nil {
		f.object = engine.NewObject((*fdState)(f))
		f.listens = f.asksIfListens()
	}
	if !f.placed {
		name, connected := f.address()
		if name != f.object.Name {
			f.object.Rename(l, name)
		}
		f.placed = connected || reads
	}
	return l.Number(f.object)
}

// readLabel says what a wait for input is for.
func (f *FD) readLabel() engine.Label {
	if f.object != nil && f.listens || f.object == nil && f.asksIfListens() {
		return labelAccept
	}
	return labelRead
}

func (f *FD) asksIfListens() bool {
	n, err := unix.GetsockoptInt(f.sys, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	return err == nil && n != 0
}

// address returns the address of the peer, if there is one; otherwise the socket's own,
// as for a listener; and "" if the descriptor is no socket.
func (f *FD) address() (text string, connected bool) {
	if to, err := unix.Getpeername(f.sys); err == nil {
		if text = addressOf(to); text != "" {
			return text, true
		}
		connected = true
	}
	own, err := unix.Getsockname(f.sys)
	if err != nil {
		return "", connected
	}
	return addressOf(own), connected
}

func addressOf(a unix.Sockaddr) string {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)).String()
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port)).String()
	case *unix.SockaddrUnix:
		return a.Name
	}
	return ""
}
