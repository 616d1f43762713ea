package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A server answers HTTP requests with an ordinary http.Handler, all on one
// loop. fasthttp speaks the protocol: it reads from a connection as from any
// other, and does not notice that its reads suspend a task. The handlers are
// tasks as well, so what they share needs no lock, and what one of them waits
// for keeps no other from going on.
type server struct {
	http     fasthttp.Server
	handler  http.Handler
	tls      *tls.Config // nil: plain
	conns    map[*connection]bool
	draining bool
}

const (
	headTimeout = 10 * time.Second // for a request to arrive, once it has begun
	idleTimeout = time.Minute      // between two of a connection
	mostInBody  = 10 << 20         // bytes of a request
)

func newServer(h http.Handler, config *tls.Config) *server {
	s := &server{handler: h, tls: config, conns: map[*connection]bool{}}
	s.http = fasthttp.Server{
		Handler:               s.handle,
		ReadTimeout:           headTimeout,
		IdleTimeout:           idleTimeout,
		MaxRequestBodySize:    mostInBody,
		NoDefaultServerHeader: true,
		NoDefaultContentType:  true,
		Logger:                silent{}, // what a client does wrong is its own affair
	}
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// A connection is one of a server. What fasthttp hands on to a handler, it
// makes known on which context that waits and to which group it belongs.
type connection struct {
	net.Conn
	ctx    context.Context
	tasks  *asyncio.TaskGroup
	server *server
	busy   bool // with a request
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// SetReadDeadline lets fasthttp wait for the next request, unless there will
// be none.
func (c *connection) SetReadDeadline(t time.Time) error {
	if c.server.draining && !c.busy {
		t = longAgo
	}
	return c.Conn.SetReadDeadline(t)
}

// A secureConnection also has what fasthttp asks of one with TLS.
type secureConnection struct {
	*connection
	secure *tls.Conn
}

func (c secureConnection) Handshake() error { return c.secure.Handshake() }

func (c secureConnection) ConnectionState() tls.ConnectionState { return c.secure.ConnectionState() }

// serve answers the requests of one connection.
func (s *server) serve(ctx context.Context, conn net.Conn) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		c := &connection{Conn: conn, ctx: ctx, tasks: tg, server: s}
		s.conns[c] = true
		defer delete(s.conns, c)
		if s.tls == nil {
			return s.converse(c)
		}
		secure, err := streams.StartTLS(ctx, conn, s.tls, streams.Server)
		if err != nil {
			return nil // it was not meant for us, or hung up
		}
		c.Conn = secure
		return s.converse(secureConnection{c, secure})
	})
}

// converse lets fasthttp speak. Its errors say how the connection was broken,
// which is the client's affair; a panic of a handler is an error of the group.
func (s *server) converse(c net.Conn) error {
	_ = s.http.ServeConn(c)
	return nil
}

// handle answers one request. The handler is a task, for it may go on while
// what it has written so far is on its way; it begins at once, and one that
// does not wait has ended before anything else could happen.
func (s *server) handle(ctx *fasthttp.RequestCtx) {
	c := connectionOf(ctx)
	c.busy = true
	defer func() { c.busy = false }()
	if s.draining {
		ctx.SetConnectionClose()
	}
	r := new(http.Request)
	if err := fasthttpadaptor.ConvertRequest(ctx, r, true); err != nil {
		ctx.Error("bad request", http.StatusBadRequest)
		return
	}
	w := newResponse(c.ctx)
	task := c.tasks.Go(func(ctx context.Context) error {
		s.handler.ServeHTTP(w, r.WithContext(ctx))
		w.end() // not after a panic, which ends the connection: half an answer must not look whole
		return nil
	}, asyncio.Eager(), asyncio.Name(r.Method+" "+r.URL.Path))
	w.giveUp = func() { task.Cancel() }
	w.answer(ctx)
}

func connectionOf(ctx *fasthttp.RequestCtx) *connection {
	if c, ok := ctx.Conn().(secureConnection); ok {
		return c.connection
	}
	return ctx.Conn().(*connection)
}

// drain lets connections end: those without a request now, the others after
// it.
func (s *server) drain() {
	s.draining = true
	for c := range s.conns {
		if !c.busy {
			_ = c.SetReadDeadline(longAgo)
		}
	}
}
