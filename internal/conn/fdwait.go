//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package conn

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A descriptor as what a task waits for, in its two directions. Where it leads to is
// asked of the system, by those who want to know.
type (
	readWait  FD
	writeWait FD
)

var (
	labelAccept     = engine.NewLabel("accept")
	labelConnection = engine.NewLabel("connection")
)

// Describe says "read 10.0.0.7:51234".
func (w *readWait) Describe() string { return (*FD)(w).describe((*FD)(w).readLabel()) }

// Ref makes it an engine.Reason.
func (w *readWait) Ref(l *engine.Loop) engine.Ref {
	r := engine.Ref{Label: labelRead, Number: (*FD)(w).number(l)}
	if w.listens {
		r.Label = labelAccept
	}
	return r
}

// Describe says "write 10.0.0.7:51234".
func (w *writeWait) Describe() string { return (*FD)(w).describe(labelWrite) }

// Ref makes it an engine.Reason.
func (w *writeWait) Ref(l *engine.Loop) engine.Ref {
	return engine.Ref{Label: labelWrite, Number: (*FD)(w).number(l)}
}

// fdState is an FD as an engine.Shared.
type fdState FD

// State makes it one.
func (s *fdState) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelConnection, Waiters: s.in.Len() + s.out.Len()}
}

func (f *FD) describe(what engine.Label) string {
	if to := f.address(); to != "" {
		return what.Describe() + " " + to
	}
	return what.Describe()
}

// number returns the number of the descriptor as an object, whose name is where it
// leads to.
func (f *FD) number(l *engine.Loop) uint64 {
	if f.object == nil {
		f.object = engine.NewObject((*fdState)(f))
		f.object.Rename(nil, f.address())
		f.listens = f.readLabel() == labelAccept
	}
	return l.Number(f.object)
}

// readLabel says what a wait for input is for.
func (f *FD) readLabel() engine.Label {
	if n, err := unix.GetsockoptInt(f.sys, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && n != 0 {
		return labelAccept
	}
	return labelRead
}

// address returns the address of the peer; of a listener, and of what has no peer, its
// own; of what is no socket, "".
func (f *FD) address() string {
	if to, err := unix.Getpeername(f.sys); err == nil {
		if text := addressOf(to); text != "" {
			return text
		}
	}
	own, err := unix.Getsockname(f.sys)
	if err != nil {
		return ""
	}
	return addressOf(own)
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
