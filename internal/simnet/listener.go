package simnet

import (
	"context"
	"net"
	"os"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A listener has the connections that were made and not accepted. It makes a
// conn.LinkListener.
type listener struct {
	host     *Host
	address  address
	unix     *net.UnixAddr // in place of it; nil: it is one of TCP
	backlog  int           // how many connections may wait
	waiting  []conn.Link
	expected int            // how many connections were answered and are not known here yet
	line     conn.Line      // those who accept
	room     engine.Waiters // those who dial while no more may wait
	closed   error          // what calls return when it is closed; nil: it is not
	onClose  []func(atEnd bool)
	object   *engine.Object // what it is for those who watch; nil: no one has asked
}

// defaultBacklog is how many connections may wait on Linux: net.core.somaxconn.
const defaultBacklog = 4096

// Listen makes a Network a conn.Network.
func (n *Network) Listen(ctx context.Context, network string, at *net.TCPAddr, backlog int) (conn.LinkListener, error) {
	h, err := n.hostOf(ctx)
	if err != nil {
		return nil, err
	}
	bound, err := h.bind(addressOf(network, at))
	if err != nil {
		return nil, err
	}
	if backlog == 0 {
		backlog = defaultBacklog
	}
	l := &listener{host: h, address: bound, backlog: backlog}
	h.listeners = append(h.listeners, l)
	n.loop.AtEnd(l)
	return l, nil
}

func (l *listener) loop() *engine.Loop { return l.host.network.loop }

// Addr returns the address on which it listens.
func (l *listener) Addr() net.Addr {
	if l.unix != nil {
		return l.unix
	}
	return l.address.tcp()
}

// isFull is what Linux says of a queue: it holds one more than the backlog.
func (l *listener) isFull() bool { return len(l.waiting)+l.expected > l.backlog }

// connect makes a connection that was expected, and returns the end of who has dialed.
func (l *listener) connect(dialer *Host, from, to net.Addr) conn.Link {
	var here, there *conn.MemoryStream
	add := func() { l.add(conn.Link{Stream: there, Local: to, Remote: from}) }
	open := add
	switch {
	case l.unix != nil:
		here, there = conn.MemoryUnixConn(l.loop(), from, to)
	case dialer == l.host:
		here, there = conn.MemoryConn(l.loop(), from, to)
	default:
		here, there = conn.MemoryConnOver(l.loop(), from, to, dialer.linkTo(l.host), l.host.linkTo(dialer), add)
		open = here.Open
	}
	dialer.keep(here, l.host)
	l.host.keep(there, dialer)
	open() // which may close it
	return conn.Link{Stream: here, Local: from, Remote: to}
}

// add adds a connection that was expected. If no one listens any more, it is reset.
func (l *listener) add(c conn.Link) {
	l.expected--
	if l.closed != nil {
		abort(c)
		return
	}
	l.waiting = append(l.waiting, c)
	l.line.WakeAll()
}

func abort(c conn.Link) {
	_ = c.Stream.(*conn.MemoryStream).SetLinger(0) // fails only when it is closed
	_ = c.Close()
}

// Accept makes a listener a conn.LinkListener.
func (l *listener) Accept(ctx context.Context) (none conn.Link, err error) {
	w, err := engine.Begin(ctx, "Listener.Accept")
	if err != nil {
		return none, err
	}
	w.Loop().MustMaySuspend("Listener.Accept")
	if err := w.Spend(); err != nil {
		return none, err
	}
	for {
		if err := l.check(); err != nil {
			return none, err
		}
		if len(l.waiting) > 0 {
			return l.take(), nil
		}
		if err := w.Park(&l.line.Waiters, (*acceptWait)(l)); err != nil {
			return none, err
		}
	}
}

func (l *listener) check() error {
	switch {
	case l.closed != nil:
		return l.closed
	case l.line.Passed():
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

func (l *listener) take() conn.Link {
	first := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1)
	l.room.WakeAll() // one of them; but the first may have been cut
	return first
}

// SetReadDeadline sets when Accept returns os.ErrDeadlineExceeded.
func (l *listener) SetReadDeadline(t time.Time) error {
	if l.closed != nil {
		return l.closed
	}
	l.line.SetDeadline(l.loop(), t)
	return nil
}

// SetWriteDeadline makes a listener a conn.Endpoint. Nothing is written to it.
func (l *listener) SetWriteDeadline(time.Time) error { return nil }

// NotifyClose makes a listener a conn.LinkListener.
func (l *listener) NotifyClose(fn func(atEnd bool)) { l.onClose = append(l.onClose, fn) }

// Close makes a listener a conn.Endpoint. Connections that no one has accepted are reset,
// and who waits to make one is refused.
func (l *listener) Close() error {
	if l.closed != nil {
		return l.closed
	}
	l.close(net.ErrClosed)
	return nil
}

// close closes it for a reason, which calls from now on return.
func (l *listener) close(why error) {
	l.loop().NotAtEnd(l)
	l.release(why, false)
}

// LoopClosed makes a listener an engine.Ending.
func (l *listener) LoopClosed() { l.release(net.ErrClosed, true) }

func (l *listener) release(why error, atEnd bool) {
	l.closed = why
	h := l.host
	h.listeners = slices.DeleteFunc(h.listeners, func(other *listener) bool { return other == l })
	l.line.Stop(l.loop())
	l.line.WakeAll()
	for _, c := range l.waiting {
		abort(c)
	}
	l.waiting = nil
	l.room.WakeAll()
	for _, fn := range l.onClose {
		fn(atEnd)
	}
}

// acceptWait is a listener as what a task waits for.
type acceptWait listener

var (
	labelAccept     = engine.NewLabel("accept")
	labelConnection = engine.NewLabel("connection")
)

// Describe says "accept 127.0.0.1:8080".
func (w *acceptWait) Describe() string {
	return labelAccept.Describe() + " " + (*listener)(w).Addr().String()
}

// Ref makes it an engine.Reason.
func (w *acceptWait) Ref(l *engine.Loop) engine.Ref {
	if w.object == nil {
		w.object = engine.NewObject((*listenerState)(w))
		w.object.Name = (*listener)(w).Addr().String()
	}
	return engine.Ref{Label: labelAccept, Number: l.Number(w.object)}
}

// listenerState is a listener as an engine.Shared.
type listenerState listener

// State makes it one.
func (s *listenerState) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelConnection, Waiters: s.line.Len()}
}
