package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
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
	patience time.Duration // with a client that does not read; sendTimeout
	draining bool
}

const (
	headTimeout = 10 * time.Second // for a request to arrive, once it has begun
	idleTimeout = time.Minute      // between two of a connection
	sendTimeout = 30 * time.Second // for a piece of an answer to be taken
	lingerTime  = 500 * time.Millisecond
	mostInHead  = 16 << 10 // bytes of a request
	mostInBody  = 10 << 20
)

func newServer(h http.Handler, config *tls.Config) *server {
	s := &server{handler: h, tls: config, conns: map[*connection]bool{}, patience: sendTimeout}
	s.http = fasthttp.Server{
		Handler:               s.handle,
		ErrorHandler:          refuse,
		ReadTimeout:           headTimeout,
		IdleTimeout:           idleTimeout,
		ReadBufferSize:        mostInHead,
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
	unread bool // a request was refused that may still be on its way
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

// Write gives up a client that does not read: it holds a connection, of which there
// are not many. The time is for a piece of the answer, and not for all of it, as
// fasthttp's WriteTimeout is: a stream may be as long as it likes.
func (c *connection) Write(p []byte) (int, error) {
	if err := c.Conn.SetWriteDeadline(time.Now().Add(c.server.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// Close is called by fasthttp. If a client still sends, it reads that for a
// moment: the system would take back an answer that is on its way if the
// connection was closed with something unread.
func (c *connection) Close() error {
	if c.unread {
		if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		_ = c.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.Copy(io.Discard, c.Conn)
	}
	return c.Conn.Close()
}

// A secureConnection also has what fasthttp asks of one with TLS.
type secureConnection struct {
	*connection
	secure *tls.Conn
}

func (c secureConnection) Handshake() error { return c.secure.Handshake() }

func (c secureConnection) ConnectionState() tls.ConnectionState { return c.secure.ConnectionState() }

// errAborted ends the connection of a handler that has panicked with
// http.ErrAbortHandler, which is no mistake of anyone's.
var errAborted = errors.New("aborted by its handler")

// serve answers the requests of one connection.
func (s *server) serve(ctx context.Context, conn net.Conn) error {
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
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
	if errors.Is(err, errAborted) {
		return nil
	}
	return err
}

// converse lets fasthttp speak. Its errors say how the connection was broken,
// which is the client's affair; a panic of a handler is an error of the group.
func (s *server) converse(c net.Conn) error {
	_ = s.http.ServeConn(c)
	return nil
}

// refuse answers a request that could not be read, before the connection is
// closed.
func refuse(ctx *fasthttp.RequestCtx, err error) {
	status := http.StatusBadRequest
	if _, long := errors.AsType[*fasthttp.ErrSmallBuffer](err); long {
		status = http.StatusRequestHeaderFieldsTooLarge
	}
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		status = http.StatusRequestTimeout
	}
	ctx.Error(fmt.Sprintf("%d %s\n", status, http.StatusText(status)), status)
	asConnection(ctx.Conn()).unread = true
}

// handle answers one request. The handler is a task, for it may go on while
// what it has written so far is on its way; it begins at once, and one that
// does not wait has ended before anything else could happen.
func (s *server) handle(ctx *fasthttp.RequestCtx) {
	c := asConnection(ctx.Conn())
	c.busy = true
	defer func() { c.busy = false }()
	if s.draining {
		ctx.SetConnectionClose()
	}
	r := new(http.Request)
	if err := fasthttpadaptor.ConvertRequest(ctx, r, true); err != nil {
		refuse(ctx, err)
		ctx.SetConnectionClose()
		return
	}
	r.Header.Del("Host") // it is r.Host
	w := newResponse(c.ctx, r)
	task := c.tasks.Go(func(ctx context.Context) error {
		return s.run(w, r.WithContext(ctx))
	}, asyncio.Eager(), asyncio.Name(r.Method+" "+r.URL.Path))
	w.giveUp = func() { task.Cancel() }
	w.answer(ctx)
}

// run runs the handler. A panic ends the connection: half an answer must not
// look whole.
func (s *server) run(w *response, r *http.Request) (err error) {
	defer func() {
		if v := recover(); v == http.ErrAbortHandler {
			err = errAborted
		} else if v != nil {
			panic(v)
		}
	}()
	s.handler.ServeHTTP(w, r)
	w.end()
	return nil
}

func asConnection(c net.Conn) *connection {
	if c, ok := c.(secureConnection); ok {
		return c.connection
	}
	return c.(*connection)
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
