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
	network *Network
	address address
	backlog int // how many connections may wait
	waiting []conn.Link
	line    conn.Line      // those who accept
	room    engine.Waiters // those who dial while no more may wait
	closed  bool
	onClose []func(atEnd bool)
	object  *engine.Object // what it is for those who watch; nil: no one has asked
}

// defaultBacklog is how many connections may wait on Linux: net.core.somaxconn.
const defaultBacklog = 4096

// Listen makes a Network a conn.Network.
func (n *Network) Listen(network string, at *net.TCPAddr, backlog int) (conn.LinkListener, error) {
	bound, err := n.bind(addressOf(network, at))
	if err != nil {
		return nil, err
	}
	if backlog == 0 {
		backlog = defaultBacklog
	}
	l := &listener{network: n, address: bound, backlog: backlog}
	n.listeners = append(n.listeners, l)
	n.loop.AtEnd(l)
	return l, nil
}

// Addr returns the address on which it listens.
func (l *listener) Addr() net.Addr { return l.address.tcp() }

// isFull is what Linux says of a queue: it holds one more than the backlog.
func (l *listener) isFull() bool { return len(l.waiting) > l.backlog }

// connect makes a connection, and returns the end of who has dialed.
func (l *listener) connect(from, to net.Addr) conn.Link {
	here, there := conn.MemoryConn(l.network.loop, from, to)
	l.waiting = append(l.waiting, conn.Link{Stream: there, Local: to, Remote: from})
	l.line.WakeAll()
	return conn.Link{Stream: here, Local: from, Remote: to}
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
	case l.closed:
		return net.ErrClosed
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
	if l.closed {
		return net.ErrClosed
	}
	l.line.SetDeadline(l.network.loop, t)
	return nil
}

// SetWriteDeadline makes a listener a conn.Endpoint. Nothing is written to it.
func (l *listener) SetWriteDeadline(time.Time) error { return nil }

// NotifyClose makes a listener a conn.LinkListener.
func (l *listener) NotifyClose(fn func(atEnd bool)) { l.onClose = append(l.onClose, fn) }

// Close makes a listener a conn.Endpoint. Connections that no one has accepted are reset,
// and who waits to make one is refused.
func (l *listener) Close() error {
	if l.closed {
		return net.ErrClosed
	}
	l.network.loop.NotAtEnd(l)
	l.release(false)
	return nil
}

// LoopClosed makes a listener an engine.Ending.
func (l *listener) LoopClosed() { l.release(true) }

func (l *listener) release(atEnd bool) {
	l.closed = true
	n := l.network
	n.listeners = slices.DeleteFunc(n.listeners, func(other *listener) bool { return other == l })
	l.line.Stop(n.loop)
	l.line.WakeAll()
	for _, c := range l.waiting {
		_ = c.TCPOptions().SetLinger(0) // fails only when it is closed
		_ = c.Close()
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
	return labelAccept.Describe() + " " + w.address.addrPort().String()
}

// Ref makes it an engine.Reason.
func (w *acceptWait) Ref(l *engine.Loop) engine.Ref {
	if w.object == nil {
		w.object = engine.NewObject((*listenerState)(w))
		w.object.Name = w.address.addrPort().String()
	}
	return engine.Ref{Label: labelAccept, Number: l.Number(w.object)}
}

// listenerState is a listener as an engine.Shared.
type listenerState listener

// State makes it one.
func (s *listenerState) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelConnection, Waiters: s.line.Len()}
}
