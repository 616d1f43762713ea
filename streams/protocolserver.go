package streams

import (
	"context"
	"net"
	"runtime/debug"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/orderedset"
)

// ConnectProtocol dials, as Dial does, and puts a protocol on the connection.
// It suspends the calling task until ConnectionMade has returned; see
// StartProtocol. In Python: loop.create_connection, create_unix_connection.
func ConnectProtocol(ctx context.Context, network, address string, p Protocol, opts ...DialOption) (*Transport, error) {
	conn, err := Dial(ctx, network, address, opts...)
	if err != nil {
		return nil, err
	}
	return StartProtocol(ctx, conn, p)
}

// ServeProtocol accepts connections and puts a new protocol, made by factory,
// on each. There is no task for a connection: callbacks serve it. Only a
// tls.Conn has one, until it has shaken hands.
//
// When ctx is canceled, or the listener is closed, ServeProtocol accepts no
// more and closes the listener. It then waits for the connections to be lost,
// up to GracePeriod, and aborts those that are still there. If bytes that a protocol has
// written are lost by that, its ConnectionLost gets an *UnwrittenError. In all else,
// ServeProtocol is like Serve: in what it returns, in what it does when no descriptor is
// left, in the listeners that it takes, and in TLS handshakes. In Python:
// loop.create_server, create_unix_server.
func ServeProtocol(ctx context.Context, l net.Listener, factory func() Protocol, opts ...ServeOption) error {
	if l == nil || factory == nil {
		panic("streams: ServeProtocol with a nil listener or factory: pass what Listen returns, and a function that makes a protocol")
	}
	if engine.RunningLoopOf(ctx) == nil {
		return asyncio.ErrNoRunningLoop
	}
	owner := conn.OwnerOf(ctx, "streams.ServeProtocol")
	owner.Core().Check("streams.ServeProtocol")
	s := newServer(&owner, &protocols{factory: factory}, opts)
	accept, closeListener := s.acceptor(l)
	return s.serve(ctx, accept, closeListener)
}

// protocols serve each connection in callbacks.
type protocols struct {
	factory    func() Protocol
	transports orderedset.Set[*Transport] // that are not lost
}

func (ps *protocols) begin(s *server, _ *asyncio.TaskGroup, conn net.Conn) {
	p := ps.makeProtocol(s)
	if p == nil {
		_ = conn.Close()
		s.isServed(conn)
		return
	}
	var t *Transport
	t = newTransport(s.owner.Loop(), s.owner.Core(), conn, p, func() {
		ps.transports.Remove(t)
		s.isServed(conn)
	})
	ps.transports.Add(t)
}

// makeProtocol returns nil if the factory has panicked.
func (ps *protocols) makeProtocol(s *server) Protocol {
	defer func() {
		if v := recover(); v != nil {
			reportPanic(s.owner.Loop(), "panic in the factory of a protocol", v)
		}
	}()
	p := ps.factory()
	if p == nil {
		panic(nilProtocol)
	}
	return p
}

// reportPanic hands what was recovered to the exception handler.
func reportPanic(l *asyncio.Loop, what string, value any) *asyncio.PanicError {
	err := &asyncio.PanicError{Value: value, Stack: debug.Stack()}
	l.CallExceptionHandler(asyncio.ExceptionContext{Message: what, Err: err, Stack: err.Stack})
	return err
}

func (ps *protocols) cut(ctx context.Context, s *server, tg *asyncio.TaskGroup) {
	tg.Cancel() // the handshakes
	for t := range ps.transports.All() {
		t.cut()
	}
	for ps.transports.Len() > 0 { // for handshakes, the group waits
		_ = s.awaitEnd(context.WithoutCancel(ctx))
	}
}
