package streams

import (
	"context"
	"net"
	"os"
	"runtime"
	"sync"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// ServeGroup is Serve on all loops of a group: connections are spread over
// them, and each is handled on one, from its beginning to its end. The listener belongs
// to the loop on which ServeGroup is called. ServeGroup suspends the calling task. Python
// programs start several processes for this purpose.
//
// There are two ways. If the listener was made with ReusePort, and the system spreads
// connections over the sockets that share a port (Linux), each loop listens for itself.
// Then no connection goes from loop to loop, but chance decides which loop gets it: only
// over many connections does each loop get about the same number. In all other cases the
// loops take connections from the one listener in turn, each when it is ready for one.
// This spreads them evenly, and a busy loop gets fewer, but it costs some microseconds
// for each connection.
//
// The options hold for each loop: MaxConnections, for example, bounds what one loop
// handles. ServeGroup ends as Serve does, on all loops at once. If serving fails on one
// loop, the others end as well, and the errors come in an *asyncio.ExceptionGroup.
// Several calls of the handler may run in parallel, on different loops, so data that they
// share must be safe for that. For TLS, the handler calls StartTLS.
func ServeGroup(ctx context.Context, g *asyncio.LoopGroup, l *Listener, handler func(ctx context.Context, conn net.Conn) error, opts ...ServeOption) error {
	if g == nil || l == nil || handler == nil {
		panic("streams: ServeGroup with a nil group, listener or handler: pass what RunGroup hands out, what Listen returns, and a function")
	}
	if !l.ok() {
		return os.ErrInvalid
	}
	s := &groupServer{first: l, listeners: []*Listener{l}}
	if err := l.h.do("accept", func() error {
		l.h.End.NotifyClose(func(bool) { s.close() })
		return nil
	}); err != nil {
		return err
	}
	defer s.close()
	return g.Each(ctx, func(ctx context.Context) error {
		owner := conn.OwnerOf(ctx, "streams.ServeGroup")
		accept, err := s.acceptor(ctx, &owner)
		if err != nil {
			return err
		}
		own := newServer(&owner, handlers(handler), opts)
		s.addServer(own)
		return own.serve(ctx, accept, s.close)
	})
}

// portsSpread says whether the system spreads connections over the sockets that
// share a port. Elsewhere one socket gets them all.
const portsSpread = runtime.GOOS == "linux"

// A groupServer is one call of ServeGroup. Its loops share it.
type groupServer struct {
	first *Listener
	turn  asyncio.Lock // of the first listener's loop: one loop at a time accepts there

	mu        sync.Mutex
	listeners []*Listener
	servers   []*server // one for each loop
	closed    bool
}

// acceptor returns what accepts connections for a loop.
func (s *groupServer) acceptor(ctx context.Context, owner *conn.Owner) (func(ctx context.Context) (net.Conn, error), error) {
	switch {
	case owner.Core() != s.first.h.Owner.Core() && conn.NetworkOf(s.first.h.Owner.Core()) != nil:
		return nil, s.first.h.opError("accept", errOneLoopOnly)
	case s.first.another == nil || !portsSpread:
		return func(ctx context.Context) (net.Conn, error) { return s.takeOver(ctx, owner) }, nil
	case owner.Loop() == s.first.h.Owner.Loop():
		return s.first.acceptNet, nil
	}
	own, err := s.first.another(ctx)
	if err != nil {
		return nil, err
	}
	s.add(own)
	return own.acceptNet, nil
}

// takeOver accepts a connection on the first listener's loop and gives it to this
// loop. The other loop accepts only when this one asks, and so takes no more
// connections than the loops can handle.
func (s *groupServer) takeOver(ctx context.Context, owner *conn.Owner) (net.Conn, error) {
	var t transfer
	defer t.leave()
	_, err := asyncio.RunOn(ctx, s.first.h.Owner.Loop(), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.turn.With(ctx, func() error {
			a, err := s.first.h.End.Accept(ctx)
			if err == nil {
				t.put(a)
			}
			return err
		})
	})
	if err != nil {
		return nil, s.first.h.opError("accept", err)
	}
	conn, err := s.first.h.End.open(owner, t.take())
	if err != nil {
		return nil, s.first.h.opError("accept", err)
	}
	return conn, nil
}

// A transfer is a connection on its way from the loop that accepts it to the loop
// that asks for it, whose task may be ended by force meanwhile. Any goroutine may
// use it.
type transfer struct {
	mu   sync.Mutex
	conn accepted
	full bool // conn is there, and not taken
	left bool // no one will take it
}

func (t *transfer) put(a accepted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left {
		a.discard()
		return
	}
	t.conn, t.full = a, true
}

// take returns the connection, which must have been put.
func (t *transfer) take() accepted {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.full = false
	return t.conn
}

// leave discards a connection that has not been taken, and any that comes late.
func (t *transfer) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left = true
	if t.full {
		t.full = false
		t.conn.discard()
	}
}

// add adds the listener of a loop.
func (s *groupServer) add(l *Listener) {
	s.mu.Lock()
	closed := s.closed
	s.listeners = append(s.listeners, l)
	s.mu.Unlock()
	if closed {
		_ = l.Close()
	}
}

// addServer adds the server of a loop.
func (s *groupServer) addServer(own *server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own.over = s.closed
	s.servers = append(s.servers, own)
}

// close closes all listeners and tells the servers; it is called as soon as one
// loop accepts no more. Any goroutine may call it.
func (s *groupServer) close() {
	s.mu.Lock()
	s.closed = true
	listeners, servers := s.listeners, s.servers
	s.listeners, s.servers = nil, nil
	s.mu.Unlock()
	for _, l := range listeners {
		_ = l.Close()
	}
	for _, own := range servers {
		_ = own.owner.Core().Post((*serverIsOver)(own)) // a loop that has ended need not know
	}
}

// serverIsOver is the event that a server's listener has been closed, perhaps on
// another loop.
type serverIsOver server

func (e *serverIsOver) Fire()              { (*server)(e).isOver() }
func (e *serverIsOver) Origin() engine.Ref { return engine.Ref{Label: originClose} }

var originClose = engine.NewLabel("close")
