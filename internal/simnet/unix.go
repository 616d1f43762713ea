package simnet

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// unixNames are the names of a host's Unix sockets: paths, and abstract ones that begin with
// an @. There are no files.
type unixNames struct {
	bound  map[string]*listener // nil: what has the name does not listen; is never ranged over
	chosen int                  // how many names were chosen
}

// longestUnixName is the length of the longest path on Linux.
const longestUnixName = 107

// bindUnix takes a name; "" is one that is chosen, as on Linux. NotifyClose of what has the
// name is to call free.
func (h *Host) bindUnix(name string, l *listener) (bound string, free func(bool), err error) {
	for name == "" || name == "@" {
		h.chosen++
		if n := fmt.Sprintf("@%05x", h.chosen); !h.hasUnix(n) {
			name = n
		}
	}
	switch {
	case len(name) > longestUnixName:
		err = conn.ErrnoInvalid
	case h.hasUnix(name):
		err = conn.ErrnoInUse
	}
	if err != nil {
		return name, nil, os.NewSyscallError("bind", err)
	}
	if h.bound == nil {
		h.bound = map[string]*listener{}
	}
	h.bound[name] = l
	return name, func(bool) { delete(h.bound, name) }, nil
}

func (h *Host) hasUnix(name string) bool {
	_, ok := h.bound[name]
	return ok
}

// ListenUnix makes a Network a conn.UnixNetwork.
func (n *Network) ListenUnix(ctx context.Context, at *net.UnixAddr, backlog int) (conn.LinkListener, error) {
	h, err := n.hostOf(ctx)
	if err != nil {
		return nil, err
	}
	l := &listener{host: h, backlog: backlog}
	if backlog == 0 {
		l.backlog = defaultBacklog
	}
	name, free, err := h.bindUnix(at.Name, l)
	if err != nil {
		return nil, err
	}
	l.unix = &net.UnixAddr{Name: name, Net: "unix"}
	l.NotifyClose(free)
	n.loop.AtEnd(l)
	return l, nil
}

// DialUnix makes a Network a conn.UnixNetwork. It suspends the task as Dial does.
func (n *Network) DialUnix(ctx context.Context, local, remote *net.UnixAddr) (none conn.Link, err error) {
	w, h, err := n.beginDial(ctx)
	if err != nil {
		return none, err
	}
	if len(remote.Name) > longestUnixName {
		return none, os.NewSyscallError("connect", conn.ErrnoInvalid)
	}
	// Package net has this name for what has none on Linux.
	from, free := &net.UnixAddr{Name: "@", Net: "unix"}, func(bool) {}
	if local != nil {
		if from.Name, free, err = h.bindUnix(local.Name, nil); err != nil {
			return none, err
		}
	}
	a := &attempt{here: h, there: h, from: from, unix: remote}
	link, err := a.await(w)
	if err != nil {
		free(false)
		return none, err
	}
	link.NotifyClose(free)
	return link, nil
}

// unixListener returns who listens on the name that is dialed.
func (a *attempt) unixListener() (*listener, error) {
	l, ok := a.there.bound[a.unix.Name]
	switch {
	case l != nil:
		return l, nil
	case ok, strings.HasPrefix(a.unix.Name, "@"):
		return nil, conn.ErrnoRefused
	default:
		return nil, conn.ErrnoNoEntry
	}
}
