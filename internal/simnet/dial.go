package simnet

import (
	"context"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// Dial makes a Network a conn.Network. It always suspends the task: the answer, even that
// no one listens, comes later, as an event, as it does from a real network.
func (n *Network) Dial(ctx context.Context, local, remote *net.TCPAddr) (none conn.Link, err error) {
	w, here, err := n.beginDial(ctx)
	if err != nil {
		return none, err
	}
	to := destination(remote)
	there := here.hostAt(to.Addr())
	from, err := here.bind(here.source(local, to))
	switch {
	case err != nil:
		return none, err
	case there == nil, there != here && from.ip.IsLoopback():
		return none, os.NewSyscallError("connect", conn.ErrnoUnreachable)
	}
	here.clients[from.port] = true
	free := func(bool) { delete(here.clients, from.port) }
	a := &attempt{here: here, to: to, there: there, from: from.tcp()}
	link, err := a.await(w)
	if err != nil {
		free(false)
		return none, err
	}
	link.NotifyClose(free)
	return link, nil
}

// beginDial begins a Dial of the running task, and returns the host on which it is made.
func (n *Network) beginDial(ctx context.Context) (*engine.Wait, *Host, error) {
	w, err := engine.Begin(ctx, "Dial")
	if err != nil {
		return nil, nil, err
	}
	w.Loop().MustMaySuspend("Dial")
	here, err := n.hostOf(ctx)
	return w, here, err
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

// source returns the address from which a connection is made: one of the same family. If
// the host has none that others can reach, it is the loopback address.
func (h *Host) source(local *net.TCPAddr, to netip.AddrPort) address {
	from := address{ip: h.sourceIP(to.Addr())}
	if local != nil {
		from.port = uint16(local.Port)
		if ip, ok := netip.AddrFromSlice(local.IP); ok && !ip.IsUnspecified() {
			from.ip = ip.Unmap().WithZone("")
		}
	}
	return from
}

func (h *Host) sourceIP(to netip.Addr) netip.Addr {
	switch {
	case !to.IsLoopback() && h.has(to):
		return to
	case !to.IsLoopback():
		for _, a := range h.addrs {
			if a.Is4() == to.Is4() {
				return a
			}
		}
	}
	if to.Is4() {
		return loopback4
	}
	return netip.IPv6Loopback()
}

// An attempt is a Dial that waits for its answer. It is the event of all that happens to
// it on the way: the request arrives, or is lost and sent again; and so does the answer.
type attempt struct {
	engine.Subscription // of itself: for the next pass, or until a listener has room
	timer               engine.Timer
	here, there         *Host
	from                net.Addr
	to                  netip.AddrPort
	unix                *net.UnixAddr  // in place of it; nil: it is one of TCP
	dialer              engine.Waiters // the task that dials

	lost     bool          // what was sent last was; the timer is for sending the request again
	answered bool          // the answer is on its way
	listener *listener     // who has answered; nil: no one listens, or no one has
	refused  error         // why no one has answered
	resent   int           // how often the request was sent again
	resend   time.Duration // when it is sent again, if it or the answer is lost
	link     conn.Link
	err      error
}

func (a *attempt) loop() *engine.Loop { return a.here.network.loop }

func (a *attempt) await(w *engine.Wait) (conn.Link, error) {
	if a.isInstant() {
		if a.here != a.there {
			a.here.linkTo(a.there).Note(labelConnect, 0, false, a.loop().Now())
		}
		a.setResend()
		a.Init(a.loop(), a)
		a.Notify()
	} else {
		a.request()
	}
	if err := w.Park(&a.dialer, (*dialWait)(a)); err != nil {
		a.Remove()
		a.timer.Stop(a.loop())
		a.forget()
		return conn.Link{}, err
	}
	return a.link, a.err
}

func (a *attempt) isInstant() bool { return a.here == a.there || a.here.linkTo(a.there).Instant() }

// When a request is sent again: first after this time, then after twice that, and so on;
// and how often it is sent again. Linux gives up then, when 127 seconds have passed.
const (
	requestTimeout = time.Second
	maxRequests    = 6
)

// request sends what asks for a connection.
func (a *attempt) request() {
	a.answered = false
	a.setResend()
	a.send(labelConnect, a.here.linkTo(a.there))
}

func (a *attempt) setResend() { a.resend = a.loop().Now() + requestTimeout<<a.resent }

// requestSize is that of a segment without data, in bytes.
const requestSize = 60

func (a *attempt) send(what engine.Label, on *Link) {
	now := a.loop().Now()
	when := max(a.resend, now)
	d, arrives := on.Send(what, requestSize, 0)
	if arrives {
		when = now + d
	}
	a.lost = !arrives
	a.timer.Set(a.loop(), when, a)
}

// Fire is called on the loop when something has happened to the attempt.
func (a *attempt) Fire() {
	switch {
	case a.dialer.Empty(): // it was given up a moment ago, and await does the rest
	case a.here.down != nil:
		a.forget()
		a.err = a.here.down
		a.dialer.WakeAll()
	case a.lost && a.resent == maxRequests:
		a.forget()
		a.end(conn.Link{}, conn.ErrnoTimedOut)
	case a.lost:
		a.forget()
		a.resent++
		a.request()
	case a.answered:
		a.connect()
	default:
		a.arrive()
	}
}

// arrive is called when the request has arrived. If too many connections wait there, it
// arrives again when one of them was accepted.
func (a *attempt) arrive() {
	l, err := a.target()
	a.refused = err
	switch {
	case l != nil && l.isFull():
		a.Init(a.loop(), a)
		l.room.Add(&a.Waiter)
		return
	case l != nil:
		l.expected++
		a.listener = l
	}
	a.answered = true
	switch {
	case a.here == a.there:
		a.connect()
	case a.there.linkTo(a.here).Instant():
		a.there.linkTo(a.here).Note(a.answer(), 0, false, a.loop().Now())
		a.connect()
	default:
		a.send(a.answer(), a.there.linkTo(a.here))
	}
}

// answer is what those who watch the loop are told of the answer.
func (a *attempt) answer() engine.Label {
	if a.listener == nil {
		return labelRefuse
	}
	return labelAccept
}

// connect is called when the answer has come.
func (a *attempt) connect() {
	l := a.listener
	if l == nil {
		a.end(conn.Link{}, a.refused)
		return
	}
	a.listener = nil
	a.end(l.connect(a.here, a.from, a.remote()), nil)
}

// forget tells the listener that has answered that there will be no connection.
func (a *attempt) forget() {
	if a.listener != nil {
		a.listener.expected--
		a.listener.room.WakeAll()
		a.listener = nil
	}
}

func (a *attempt) end(link conn.Link, err error) {
	a.link, a.err = link, os.NewSyscallError("connect", err)
	a.dialer.WakeAll()
}

// target returns who listens where the attempt goes, or why no one does.
func (a *attempt) target() (*listener, error) {
	if a.unix != nil {
		return a.unixListener()
	}
	if l := a.there.current().listenerAt(a.to); l != nil {
		return l, nil
	}
	return nil, conn.ErrnoRefused
}

func (a *attempt) remote() net.Addr {
	if a.unix != nil {
		return a.unix
	}
	return net.TCPAddrFromAddrPort(a.to)
}

// Origin tells observers what woke a task.
func (a *attempt) Origin() engine.Ref { return engine.Ref{Label: labelNetwork} }

var (
	labelDial    = engine.NewLabel("dial")
	labelNetwork = engine.NewLabel("network")

	// What is sent, for those who watch the loop.
	labelConnect  = engine.NewLabel("connect")
	labelRefuse   = engine.NewLabel("refuse")
	labelDatagram = engine.NewLabel("datagram")
)

// dialWait is an attempt as what a task waits for.
type dialWait attempt

// Describe says "dial 127.0.0.1:8080".
func (w *dialWait) Describe() string {
	return labelDial.Describe() + " " + (*attempt)(w).remote().String()
}

// Ref makes it an engine.Reason.
func (w *dialWait) Ref(*engine.Loop) engine.Ref { return engine.Ref{Label: labelDial} }
