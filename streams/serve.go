package streams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/option"
	"github.com/asyncio-go/asyncio/internal/orderedset"
)

// Serve accepts connections and runs the handler for each in a task of its own.
// It closes the connection when the handler returns. Reads and writes of the handler wait
// on its context, unless it opens another scope.
//
// If a [Writer] on the connection still keeps bytes when the handler ends, Serve writes
// them first, however the handler ends, and whether it has closed the Writer or not. This
// may take up to GracePeriod, even if the handler is canceled. Bytes that the peer has
// not taken by then are lost; an *UnwrittenError, which says how many, is reported as an
// error of the handler.
//
// When ctx is canceled, or the listener is closed, Serve accepts no more and
// closes the listener. It then waits for the handlers, up to GracePeriod, and
// cancels those that are still there. It returns when all have ended: nil if
// the listener was closed, an error that is asyncio.ErrCanceled if ctx was
// canceled, or the error of the listener.
//
// The error or the panic of a handler is reported to the loop's exception handler,
// and ends its own connection only. Three kinds of errors are not reported: a panic in
// another task, which was reported when it happened; an error that says that the handler
// was canceled; and io.EOF, wrapped or not, because connections normally end with it.
// (io.ErrUnexpectedEOF, an end in the middle of something, is reported.)
//
// When the process has no file descriptor left, Serve stops accepting for a moment, and
// goes on as soon as a handler has ended.
//
// Serve takes every net.Listener. A listener that is not of this package would block the
// loop, so goroutines wait for it and for its connections. A listener of package tls on
// top of a Listener needs no such goroutines. The handler of a TLS connection runs when
// the handshake is done, which may take as long as HandshakeTimeout says; a handshake
// that fails is reported. Outside a loop Serve returns asyncio.ErrNoRunningLoop. In
// Python: asyncio.start_server and Server.serve_forever.
func Serve(ctx context.Context, l net.Listener, handler func(ctx context.Context, conn net.Conn) error, opts ...ServeOption) error {
	if l == nil || handler == nil {
		panic("streams: Serve with a nil listener or handler: pass what Listen returns, and a function")
	}
	if engine.RunningLoopOf(ctx) == nil {
		return asyncio.ErrNoRunningLoop
	}
	owner := conn.OwnerOf(ctx, "streams.Serve")
	owner.Core().Check("streams.Serve")
	s := newServer(&owner, handlers(handler), opts)
	accept, closeListener := s.acceptor(l)
	return s.serve(ctx, accept, closeListener)
}

// A ServeOption is an option of Serve, ServeProtocol and ServeGroup.
type ServeOption interface{ setServer(*server) }

type serveOption func(*server)

func (o serveOption) setServer(s *server) { o(s) }

// GracePeriod sets how long Serve waits for handlers at its end, before it cancels
// them, and how long a connection stays open after its handler has ended for what
// Writers keep. 0 means the default, 5 s. A negative time means no limit; what Writers
// keep is then lost only if the handler is canceled. To wait for hardly any time, pass
// time.Nanosecond.
func GracePeriod(d time.Duration) ServeOption {
	return serveOption(func(s *server) { s.grace = cmp.Or(d, defaultGracePeriod) })
}

// MaxConnections lets Serve accept only while fewer than n handlers run. Meanwhile some
// connections wait in the system; see Backlog. If a listener of another package is closed
// while Serve is at the limit, Serve notices that only when a handler has ended. 0, the
// default, and a negative number mean no limit.
func MaxConnections(n int) ServeOption {
	return serveOption(func(s *server) { s.limit = n })
}

const defaultGracePeriod = 5 * time.Second

// A server is one call of Serve or ServeProtocol.
type server struct {
	owner     *conn.Owner
	how       service
	grace     time.Duration // negative: no limit
	cutAt     time.Time     // when the handlers that are left are canceled; zero: not known yet, or never
	limit     int           // of connections; 0 or less: none
	handshake time.Duration // that of TLS may take; negative: no limit
	open      orderedset.Set[net.Conn]
	over      bool          // the listener has been closed
	ended     asyncio.Event // set whenever a connection is no longer served, and when over is
}

// A service is how a server serves its connections.
type service interface {
	// begin begins to serve a connection, and calls server.isServed in the end.
	begin(s *server, tg *asyncio.TaskGroup, conn net.Conn)
	// cut ends what has not ended by itself.
	cut(ctx context.Context, s *server, tg *asyncio.TaskGroup)
}

func newServer(owner *conn.Owner, how service, opts []ServeOption) *server {
	s := &server{owner: owner, how: how, grace: defaultGracePeriod, handshake: defaultHandshakeTimeout}
	option.Apply(s, opts, ServeOption.setServer)
	return s
}

// isServed says that a connection is no longer served.
func (s *server) isServed(conn net.Conn) {
	s.open.Remove(conn)
	s.ended.Set()
}

// isOver says that no connection will come any more.
func (s *server) isOver() {
	s.over = true
	s.ended.Set()
}

func (s *server) serve(ctx context.Context, accept func(ctx context.Context) (net.Conn, error), closeListener func()) (err error) {
	defer closeListener()
	defer s.closeAll() // closes the connections of handlers that were canceled before their first step
	// The group lives on when ctx is canceled, for the time of grace.
	failed := asyncio.WithTaskGroup(context.WithoutCancel(ctx), func(ctxOfGroup context.Context, tg *asyncio.TaskGroup) error {
		err = s.acceptAll(ctx, tg, accept)
		closeListener()
		s.waitForAll(ctxOfGroup)
		s.how.cut(ctxOfGroup, s, tg)
		return nil
	}, asyncio.Supervised())
	return cmp.Or(err, failed)
}

// acceptor returns what accepts the listener's connections, and what closes it.
func (s *server) acceptor(l net.Listener) (accept func(ctx context.Context) (net.Conn, error), closeListener func()) {
	if own, ok := l.(*Listener); ok {
		if !own.ok() {
			return own.acceptNet, func() {} // which returns that error
		}
		if own.h.Owner.Core() != s.owner.Core() {
			panic("streams: Serve with a listener of another loop: listen on the loop that serves, or use ServeGroup")
		}
		own.h.End.NotifyClose(func(bool) { s.isOver() })
		return own.acceptNet, func() { _ = own.Close() }
	}
	if err := refuseOfSystem(s.owner, l); err != nil {
		err = &net.OpError{Op: "accept", Net: l.Addr().Network(), Addr: l.Addr(), Err: err}
		return func(context.Context) (net.Conn, error) { return nil, err }, func() { _ = l.Close() }
	}
	t := newThreadedListener(s.owner, l)
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := t.acceptNet(ctx)
		if err != nil {
			return nil, err
		}
		return s.suspending(conn)
	}, func() { _ = t.Close() }
}

// suspending returns a connection that suspends tasks: conn, or one on it.
func (s *server) suspending(conn net.Conn) (net.Conn, error) {
	if beneath(conn, func(net.Conn) {}) != nil {
		return conn, nil
	}
	if err := refuseOfSystem(s.owner, conn); err != nil {
		_ = conn.Close()
		return nil, &net.OpError{Op: "accept", Net: conn.LocalAddr().Network(), Addr: conn.LocalAddr(), Err: err}
	}
	return takeForeign(s.owner, conn)
}

// begin begins to serve a connection; if it speaks TLS, when the handshake is done.
func (s *server) begin(tg *asyncio.TaskGroup, conn net.Conn) {
	secure, ok := conn.(handshaker)
	if !ok {
		s.how.begin(s, tg, conn)
		return
	}
	tg.Go(func(ctx context.Context) error {
		err := cmp.Or(handshake(ctx, secure, s.handshake), ctx.Err())
		if err == nil {
			s.how.begin(s, tg, conn)
		} else {
			s.refuse(ctx, conn, err)
		}
		return nil
	})
}

// refuse ends a connection whose handshake has failed.
func (s *server) refuse(ctx context.Context, conn net.Conn, err error) {
	if !engine.MeansCanceled(ctx, err) {
		s.owner.Loop().CallExceptionHandler(asyncio.ExceptionContext{
			Message: fmt.Sprintf("the handshake of a connection from %v failed", conn.RemoteAddr()), Err: err,
		})
	}
	_ = conn.Close()
	s.isServed(conn)
}

// acceptAll starts handlers until ctx is canceled or the listener fails.
func (s *server) acceptAll(ctx context.Context, tg *asyncio.TaskGroup, accept func(ctx context.Context) (net.Conn, error)) error {
	for pause := time.Duration(0); ; {
		for s.limit > 0 && s.open.Len() >= s.limit && !s.over {
			if err := s.awaitEnd(ctx); err != nil {
				return err
			}
		}
		conn, err := accept(ctx)
		switch {
		case err == nil:
			s.open.Add(conn)
			s.begin(tg, conn)
			pause = 0
		case errors.Is(err, net.ErrClosed):
			return nil
		case isTemporary(err):
			pause = min(max(2*pause, shortestPause), longestPause)
			s.owner.Loop().CallExceptionHandler(asyncio.ExceptionContext{
				Message: fmt.Sprintf("Serve cannot accept connections, and tries again in %v", pause), Err: err,
			})
			if err := s.awaitEndAtMost(ctx, pause); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// A server that cannot accept waits for shortestPause, and twice as long each time
// that it still cannot, up to longestPause.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

// isTemporary reports whether accepting may succeed later: when the process or
// the system has fewer descriptors open, or watched (ENOSPC, of epoll), or more memory.
func isTemporary(err error) bool {
	for _, passing := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ENOSPC} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}

// awaitEnd waits until a handler has ended.
func (s *server) awaitEnd(ctx context.Context) error {
	s.ended.Clear()
	return s.ended.Wait(ctx)
}

func (s *server) awaitEndAtMost(ctx context.Context, d time.Duration) error {
	err := within(ctx, d, s.awaitEnd)
	if errors.Is(err, asyncio.ErrTimeout) {
		return nil
	}
	return err
}

func (s *server) waitForAll(ctx context.Context) {
	s.cutAt = s.graceEnds()
	if !s.cutAt.IsZero() && !s.cutAt.After(s.owner.Loop().Now()) {
		return // waiting would let handlers begin that have not begun yet
	}
	_ = asyncio.WithTimeoutAt(ctx, s.cutAt, func(ctx context.Context) error {
		for s.open.Len() > 0 {
			if err := s.awaitEnd(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// graceEnds returns when a grace period ends that begins now. Once the server is ending,
// it returns when the server's own grace period ends. The zero time means never.
func (s *server) graceEnds() time.Time {
	switch {
	case s.grace < 0, !s.cutAt.IsZero():
		return s.cutAt
	default:
		return timeIn(s.owner.Core(), s.grace)
	}
}

// timeIn returns the time d from now by the clock of a loop, or the latest one.
func timeIn(l *engine.Loop, d time.Duration) time.Time { return l.Time(l.After(d)) }

// finish closes a connection when what Writers keep for it is written, or the
// grace period is over. The error says what was lost.
func (s *server) finish(ctx context.Context, conn net.Conn) (lost error) {
	own := beneath(conn, func(net.Conn) {})
	if own == nil || !own.h.lowest().isBusy() {
		_ = conn.Close()
		return nil
	}
	until := s.graceEnds()
	if !until.IsZero() {
		ctx = context.WithoutCancel(ctx)
	}
	end := own.h.lowest()
	lost = end.awaitWritten(ctx, until)
	_ = conn.Close()
	if b, ok := end.End.(*bufferedStream); ok {
		b.awaitClosed(ctx, until)
	}
	return lost
}

func (s *server) closeAll() {
	for conn := range s.open.All() {
		_ = conn.Close()
	}
}

// handlers serve each connection in a task.
type handlers func(ctx context.Context, conn net.Conn) error

func (h handlers) begin(s *server, tg *asyncio.TaskGroup, conn net.Conn) {
	tg.Go((&handling{s, h, conn}).run)
}

func (h handlers) cut(_ context.Context, _ *server, tg *asyncio.TaskGroup) { tg.Cancel() }

// A handling is one run of the handler.
type handling struct {
	*server
	handler handlers
	conn    net.Conn
}

// run is on the stack of every connection that waits, so its frame must be small: the
// other work is in functions that are not inlined.
func (h *handling) run(ctx context.Context) error {
	defer h.end(ctx)
	if err := h.handler(ctx, h.conn); err != nil {
		h.failed(ctx, err)
	}
	return nil
}

func (h *handling) end(ctx context.Context) {
	if v := recover(); v != nil {
		if engine.IsKill(v) {
			panic(v)
		}
		stack := debug.Stack()
		h.report(h.owner.Scope(), &asyncio.PanicError{Value: v, Stack: stack}, stack)
	}
	if lost := h.finish(ctx, h.conn); lost != nil {
		h.report(ctx, lost, nil)
	}
	h.isServed(h.conn)
}

//go:noinline
func (h *handling) failed(ctx context.Context, err error) {
	if engine.MeansCanceled(ctx, err) {
		return
	}
	if err := unreported(err); err != nil {
		h.report(ctx, err, nil)
	}
}

// unreported returns the part of an error that has to be reported. A panic was reported
// where it happened, and io.EOF is the normal end of a connection.
func unreported(err error) error {
	_, rest := asyncio.ExceptIs(err, io.EOF)
	_, rest = asyncio.ExceptAs[*asyncio.PanicError](rest)
	return rest
}

// report hands the error of the handler to the exception handler.
func (h *handling) report(ctx context.Context, err error, stack []byte) {
	h.owner.Loop().CallExceptionHandler(asyncio.ExceptionContext{
		Message: fmt.Sprintf("the handler of a connection from %v failed", h.conn.RemoteAddr()),
		Err:     err, Stack: stack, Task: asyncio.CurrentTask(ctx),
	})
}
