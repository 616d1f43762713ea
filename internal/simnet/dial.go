package simnet

import (
	"context"
	"net"
	"net/netip"
	"os"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// Dial makes a Network a conn.Network. It always suspends the task: the answer, also that
// no one listens, comes with an event of its own, as it does from a real network.
func (n *Network) Dial(ctx context.Context, local, remote *net.TCPAddr) (none conn.Link, err error) {
	w, err := engine.Begin(ctx, "Dial")
	if err != nil {
		return none, err
	}
	w.Loop().MustMaySuspend("Dial")
	to := destination(remote)
	from, err := n.bind(source(local, to))
	if err != nil {
		return none, err
	}
	if !to.Addr().IsLoopback() {
		return none, os.NewSyscallError("connect", conn.ErrnoUnreachable)
	}
	n.clients[from.port] = true
	free := func(bool) { delete(n.clients, from.port) }
	a := &attempt{network: n, from: from.tcp(), to: to}
	link, err := a.await(w)
	if err != nil {
		free(false)
		return none, err
	}
	link.NotifyClose(free)
	return link, nil
}

// destination returns where a connection to an address goes: to this host, if that is
// unspecified.
func destination(remote *net.TCPAddr) netip.AddrPort {
	ip, _ := netip.AddrFromSlice(remote.IP)
	switch ip = ip.Unmap().WithZone(""); {
	case ip.Is6() && ip.IsUnspecified():
		ip = netip.IPv6Loopback()
	case !ip.IsValid() || ip.IsUnspecified():
		ip = loopback4
	}
	return netip.AddrPortFrom(ip, uint16(remote.Port))
}

// source returns the address from which a connection is made: one of the same family.
func source(local *net.TCPAddr, to netip.AddrPort) address {
	from := address{ip: netip.IPv6Loopback()}
	if to.Addr().Is4() {
		from.ip = loopback4
	}
	if local != nil {
		from.port = uint16(local.Port)
		if ip, ok := netip.AddrFromSlice(local.IP); ok && !ip.IsUnspecified() {
			from.ip = ip.Unmap().WithZone("")
		}
	}
	return from
}

// An attempt is a Dial that waits for its answer. It is the event that brings it.
type attempt struct {
	engine.Subscription // of itself: for the next pass, or until a listener has room
	network             *Network
	from                net.Addr
	to                  netip.AddrPort
	dialer              engine.Waiters // the task that dials
	link                conn.Link
	err                 error
}

func (a *attempt) await(w *engine.Wait) (conn.Link, error) {
	a.Init(a.network.loop, a)
	a.Notify()
	if err := w.Park(&a.dialer, (*dialWait)(a)); err != nil {
		a.Remove()
		return conn.Link{}, err
	}
	return a.link, a.err
}

// Fire is called on the loop when the attempt has come to where it goes. If too many
// connections wait there, it comes again when one was accepted.
func (a *attempt) Fire() {
	l := a.network.listenerAt(a.to)
	switch {
	case l == nil:
		a.err = os.NewSyscallError("connect", conn.ErrnoRefused)
	case l.isFull():
		a.Init(a.network.loop, a)
		l.room.Add(&a.Waiter)
		return
	default:
		a.link = l.connect(a.from, net.TCPAddrFromAddrPort(a.to))
	}
	a.dialer.WakeAll()
}

// Origin tells observers what woke a task.
func (a *attempt) Origin() engine.Ref { return engine.Ref{Label: labelNetwork} }

var (
	labelDial    = engine.NewLabel("dial")
	labelNetwork = engine.NewLabel("network")
)

// dialWait is an attempt as what a task waits for.
type dialWait attempt

// Describe says "dial 127.0.0.1:8080".
func (w *dialWait) Describe() string { return labelDial.Describe() + " " + w.to.String() }

// Ref makes it an engine.Reason.
func (w *dialWait) Ref(*engine.Loop) engine.Ref { return engine.Ref{Label: labelDial} }
