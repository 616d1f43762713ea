package console

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/serve"
)

// Start starts a console for the loop of ctx. If ctx belongs to no loop, the console is
// for all loops that are made from now on. Without options it listens on a Unix socket
// that only its owner can open and that the command asyncio finds; see [Socket] and [TCP]
// for other places. A process may have any number of consoles; they share one collector,
// so they cost the loops no more than one.
//
// The console exists until stop is called, also when ctx is canceled or the loop has
// ended. stop removes the socket's file, closes the clients' connections and leaves no
// goroutine. It may be called more than once. Any goroutine may call Start and stop, and
// neither suspends.
//
// The error says what to do: a token is too short, an address is in use, a folder is
// not the user's. Python has nothing like it; the nearest equivalent is python -m asyncio
// ps PID.
func Start(ctx context.Context, opts ...Option) (stop func(), err error) {
	if ctx == nil {
		panic("asyncio: nil context: pass the context of the caller, or context.Background() for all loops that are made from now on")
	}
	c, err := open(newSettings(opts))
	if err != nil {
		return nil, err
	}
	if err := c.share.watch(engine.LoopOf(ctx)); err != nil {
		c.stop()
		return nil, err
	}
	return c.stop, nil
}

// Handler returns a console as an http.Handler, for a server that the program has
// already. To serve it below a prefix:
//
//	mux.Handle("/console/", http.StripPrefix("/console", console.Handler()))
//
// It watches the loop on which Handler is called, and all loops that are made from now
// on, until the garbage collector frees the handler. If its server can be reached over
// the network, it answers only with a [Token]. It cannot tell requests that a proxy on
// this machine passes on from requests of this machine, so behind a proxy it needs a
// Token as well. See [TCP] for the host names that it accepts. It does not listen, so
// Socket has no effect. If the options make no sense, it answers every request with the
// error that Start would return. Any goroutine may call Handler.
func Handler(opts ...Option) http.Handler {
	c := newSettings(opts)
	if err := c.check(); err != nil {
		return serve.Refusal{Status: http.StatusInternalServerError, Text: err.Error()}
	}
	h, err := newHandler(c)
	if err != nil {
		return serve.Refusal{Status: http.StatusInternalServerError, Text: err.Error()}
	}
	return h
}

// A console is a server that listens.
type console struct {
	server *server
	share  *share
	places []place
	once   sync.Once
}

// A place is where a console can be reached.
type place interface {
	// leave ends it, with all connections to the server.
	leave(s *server)
}

// open makes a console that listens, and watches no loop yet.
func open(c *settings) (_ *console, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	addresses, err := resolve(c)
	if err != nil {
		return nil, err
	}
	if len(c.sockets)+len(addresses) == 0 {
		c.sockets = []string{""}
	}
	share := newShare(c)
	one := &console{server: newServer(c, share), share: share}
	defer func() {
		if err != nil {
			one.stop()
		}
	}()
	for _, path := range slices.Compact(slices.Sorted(slices.Values(c.sockets))) {
		p, err := joinSocket(path, one.server)
		if err != nil {
			return nil, err
		}
		one.places = append(one.places, p)
		c.tell(p.web.listener.Addr())
	}
	for _, address := range addresses {
		p, err := listenTCP(address, one.server)
		if err != nil {
			return nil, err
		}
		one.places = append(one.places, p)
		c.tell(p.listener.Addr())
	}
	return one, nil
}

func (c *settings) tell(a net.Addr) {
	for _, fn := range c.onListen {
		fn(a)
	}
}

func (c *console) stop() {
	c.once.Do(func() {
		c.server.end()
		for _, p := range c.places {
			p.leave(c.server)
		}
		c.server.wait()
		c.share.release()
	})
}

var errStopped = errors.New("this console has been stopped: ask the program to start another one")
