package asynciohttp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
)

// A ServeOption is an option of [Serve] and [ListenAndServe]: [GracePeriod].
type ServeOption func(*serving)

const defaultGrace = 5 * time.Second

// GracePeriod sets how long requests may take when the server ends, before they are
// canceled and their connections closed. 0 is the default, 5 s; a negative time means no
// limit.
func GracePeriod(d time.Duration) ServeOption {
	return func(s *serving) {
		if s.grace = d; d == 0 {
			s.grace = defaultGrace
		}
	}
}

// Serve runs a server on a listener, and suspends the calling task until the server has
// ended. The listener may be of package net, or of package streams. If TLSConfig of the
// server is set, connections use TLS, and TLSConfig must have the certificates. The
// server's handlers may be of any kind: those of [Handler] run on the loop, others on
// goroutines. In Python: aiohttp.web.run_app, AppRunner.
//
// When ctx is canceled, the server accepts no more requests, gives those that it has the
// time of [GracePeriod] to end, and cancels the rest: their contexts are done, and their
// connections closed. Serve returns when all handlers have ended, those of hijacked
// connections included. The error is asyncio.ErrCanceled, joined with one that says so if
// requests had to be canceled.
//
// It returns nil when the server was shut down by its own methods, and otherwise the error
// of the listener. Outside a loop it returns asyncio.ErrNoRunningLoop.
//
// Serve replaces Handler and BaseContext of the server by wrappers that count requests
// and cancel them. A server can be served once; later calls return an error, and close
// the listener.
func Serve(ctx context.Context, server *http.Server, l net.Listener, opts ...ServeOption) error {
	if asyncio.RunningLoop(ctx) == nil {
		return asyncio.ErrNoRunningLoop
	}
	s := &serving{server: server, grace: defaultGrace, idle: make(chan struct{})}
	for _, o := range opts {
		if o == nil {
			panic("asyncio: nil option: leave it out, or pass one that the documentation of ServeOption lists")
		}
		o(s)
	}
	return s.run(ctx, l)
}

// ListenAndServe is [Serve] on the TCP address Addr of the server; ":http", or ":https" with
// a TLSConfig, if that is empty. It listens on the system's network, also in a test of
// asynciotest, whose network is in memory: use Serve there, with a listener of
// streams.Listen.
func ListenAndServe(ctx context.Context, server *http.Server, opts ...ServeOption) error {
	if asyncio.RunningLoop(ctx) == nil {
		return asyncio.ErrNoRunningLoop
	}
	address := server.Addr
	switch {
	case address == "" && server.TLSConfig != nil:
		address = ":https"
	case address == "":
		address = ":http"
	}
	// Nothing is lost if ctx is canceled meanwhile: it waits, and Serve closes the listener.
	l, err := asyncio.ToThread(context.WithoutCancel(ctx), func(context.Context) (net.Listener, error) {
		var config net.ListenConfig
		return config.Listen(ctx, "tcp", address)
	})
	if err != nil {
		return err
	}
	return Serve(ctx, server, l, opts...)
}

// A serving is one call of Serve.
type serving struct {
	server *http.Server
	grace  time.Duration
	cancel context.CancelFunc // of all requests

	mu       sync.Mutex
	requests int
	ending   bool
	idle     chan struct{} // closed when it is ending and there are no requests
}

// errServed is why a server is refused.
var errServed = errors.New("asynciohttp: the server was served before: make another http.Server")

func (s *serving) run(ctx context.Context, l net.Listener) error {
	if _, served := s.server.Handler.(*counted); served {
		_ = l.Close()
		return errServed
	}
	s.prepare()
	defer s.cancel()
	served := make(chan error, 1)
	go func() { served <- s.serve(l) }()
	err, _, cut := asyncio.Receive(ctx, served)
	late := s.end(context.WithoutCancel(ctx))
	switch {
	case cut != nil:
		_, _, _ = asyncio.Receive(context.WithoutCancel(ctx), served)
		err = cut
	case errors.Is(err, http.ErrServerClosed):
		err = nil
	}
	if late == nil {
		return err
	}
	return errors.Join(err, late)
}

// prepare wraps the server's handler, to count requests, and sets a base context, to
// cancel them.
func (s *serving) prepare() {
	base, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	given := s.server.BaseContext
	s.server.BaseContext = func(l net.Listener) context.Context {
		if given == nil {
			return base
		}
		ctx, cancel := context.WithCancel(given(l))
		context.AfterFunc(base, cancel)
		return ctx
	}
	handler := s.server.Handler
	if handler == nil {
		handler = http.DefaultServeMux
	}
	s.server.Handler = &counted{s, handler}
}

// counted is the handler of a server that is served.
type counted struct {
	by      *serving
	handler http.Handler
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !c.by.begin() {
		panic(http.ErrAbortHandler) // its connection is being closed
	}
	defer c.by.done()
	c.handler.ServeHTTP(w, r)
}

func (s *serving) serve(l net.Listener) error {
	if s.server.TLSConfig != nil {
		defer l.Close() // which ServeTLS leaves open if there is no certificate
		return s.server.ServeTLS(l, "", "")
	}
	return s.server.Serve(l)
}

// begin counts a request.
func (s *serving) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.idle:
		return false
	default:
	}
	s.requests++
	return true
}

func (s *serving) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests--
	s.closeIfIdle()
}

func (s *serving) closeIfIdle() {
	if s.ending && s.requests == 0 {
		select {
		case <-s.idle:
		default:
			close(s.idle)
		}
	}
}

// end ends the server: it waits for the grace period, and then ends requests by force. It
// returns an error if requests had to be canceled.
func (s *serving) end(ctx context.Context) error {
	if s.grace < 0 {
		return s.drain(ctx)
	}
	err := asyncio.WithTimeout(ctx, s.grace, s.drain)
	if err == nil {
		return nil
	}
	s.mu.Lock()
	late := s.requests
	s.mu.Unlock()
	s.cancel()
	_ = asyncio.ToThreadFunc(ctx, func(context.Context) error { return s.server.Close() })
	_, _, _ = asyncio.Receive(ctx, s.idle)
	switch {
	case late > 0:
	case errors.Is(err, asyncio.ErrTimeout): // there were only connections on which nothing was asked
		return nil
	default:
		return err
	}
	return fmt.Errorf("asynciohttp: requests that had to be canceled after %v: %d: %w", s.grace, late, err)
}

// drain accepts no more requests and waits for those that there are.
func (s *serving) drain(ctx context.Context) error {
	err := asyncio.ToThreadFunc(ctx, s.server.Shutdown)
	s.mu.Lock()
	s.ending = true
	s.closeIfIdle()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	_, _, err = asyncio.Receive(ctx, s.idle)
	return err
}
