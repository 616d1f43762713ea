package streams

import (
	"context"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A Listener is a net.Listener whose Accept suspends the calling task and does not block
// the loop. In Python: asyncio.Server, without its handler; see Serve.
//
// Like those of Conn, its methods may be called from any goroutine, and its errors are of
// the same kinds. Run closes a Listener that is left open.
type Listener struct {
	h       netHandle[acceptor]
	another func(ctx context.Context) (*Listener, error) // listens on the same port; nil: that is not shared
	all     []net.Addr                                   // of ListenAll; nil: there is one
}

// An acceptor is the endpoint of a Listener. Except for open, its methods are for its
// loop only.
type acceptor interface {
	conn.Endpoint
	Accept(ctx context.Context) (accepted, error)
	// open gives an accepted connection to the loop that calls it. Every accepted
	// connection must be opened or discarded.
	open(owner *conn.Owner, a accepted) (*Conn, error)
	// NotifyClose calls fn when the listener has been closed.
	NotifyClose(fn func(atEnd bool))
}

// An accepted is a connection that has been accepted and does not belong to a
// loop yet. It is a plain value: there is one for every connection.
type accepted struct {
	sys    int
	remote net.Addr
	conn   io.Closer // in place of both: a net.Conn where the loop cannot wait for descriptors, a conn.Link in memory
	by     acceptor  // which has accepted it, of those of ListenAll; nil: there is one
}

func newListener(owner *conn.Owner, end acceptor, local net.Addr) *Listener {
	return &Listener{h: newNetHandle(owner, end, local.Network(), local, nil)}
}

// ok reports whether l is neither nil nor the zero value. All methods of these two return
// os.ErrInvalid.
func (l *Listener) ok() bool { return l != nil && l.h.Owner != nil }

// Listen returns a Listener for a network ("tcp", "tcp4", "tcp6" or "unix") and
// an address, written as for net.Listen: "localhost:0" means a free port of this machine.
// If a name stands for several addresses, Listen takes one, IPv4 if there is one;
// ListenAll takes all. A name is resolved off the loop, and Listen suspends meanwhile.
// Outside a loop it returns asyncio.ErrNoRunningLoop. In Python: the part of
// asyncio.start_server, or start_unix_server, that binds.
//
// A server that was killed leaves the file of its Unix socket behind. Listen removes such
// a file, if no process has bound the socket any more (not on Windows). Any other file
// stays, and the error is syscall.EADDRINUSE. (Python's asyncio also removes the socket
// of a server that is running, which no client can reach from then on.) If two servers
// start at the same moment and find such a stale file, one may remove the other's new
// file; take a lock on another file to rule that out.
func Listen(ctx context.Context, network, address string, opts ...ListenOption) (*Listener, error) {
	c := newListenConfig(opts)
	return onLoop(ctx, "Listen", func(ctx context.Context, owner *conn.Owner) (*Listener, error) {
		address, err := resolver(nil).one(ctx, network, address)
		if err != nil {
			return nil, listenError(network, err)
		}
		own, err := c.listenOn(ctx, owner, network, address)
		if err == nil && c.sharesPort && conn.NetworkOf(owner.Core()) == nil {
			own.another = func(ctx context.Context) (*Listener, error) {
				return Listen(ctx, network, own.Addr().String(), opts...)
			}
		}
		return own, err
	})
}

// listenOn is Listen on an address whose name is resolved.
func (c *listenConfig) listenOn(ctx context.Context, owner *conn.Owner, network, address string) (*Listener, error) {
	if n := conn.NetworkOf(owner.Core()); n != nil {
		return c.listenInMemory(ctx, owner, n, network, address)
	}
	l, err := c.listen(context.WithoutCancel(ctx), network, address)
	if err != nil {
		return nil, err
	}
	return takeListener(owner, l)
}

func listenError(network string, err error) error {
	return &net.OpError{Op: "listen", Net: network, Err: reason(err, cutShort{})}
}

// Accept waits for the next connection and returns it. It waits on the scope
// that the calling task has opened last.
func (l *Listener) Accept() (net.Conn, error) {
	var innermost context.Context // none is bound
	return l.acceptNet(innermost)
}

// AcceptContext is like Accept, but waits on ctx and returns a *Conn. A cancellation
// loses no connection: the next Accept returns it. In Python: loop.sock_accept.
func (l *Listener) AcceptContext(ctx context.Context) (*Conn, error) { return l.accept(ctx) }

// accept accepts on a context; nil: on the innermost scope.
func (l *Listener) accept(bound context.Context) (c *Conn, err error) {
	if !l.ok() {
		return nil, os.ErrInvalid
	}
	if ctx := l.h.Owner.Context(bound); ctx != nil {
		c, err = l.acceptHere(ctx)
	} else {
		c, err = conn.RunOn(l.h.Owner, bound, l.acceptHere)
	}
	return c, l.h.opError("accept", err)
}

func (l *Listener) acceptHere(ctx context.Context) (*Conn, error) {
	a, err := l.h.End.Accept(ctx)
	if err != nil {
		return nil, err
	}
	return l.h.End.open(l.h.Owner, a)
}

// acceptNet is accept for those who want a net.Conn.
func (l *Listener) acceptNet(bound context.Context) (net.Conn, error) {
	return asNetConn(l.accept(bound))
}

// Close stops listening. An Accept that waits returns net.ErrClosed. Connections
// that were accepted stay open. The file of a Unix socket is removed. Close does
// not suspend. On a goroutine that is not the loop's it does not wait for the
// loop, and returns nil.
func (l *Listener) Close() error {
	if !l.ok() {
		return os.ErrInvalid
	}
	return l.h.opError("close", l.h.Close())
}

// Addr returns the address on which the Listener listens; after ListenAll, the first of
// several.
func (l *Listener) Addr() net.Addr {
	if !l.ok() {
		return nil
	}
	return l.h.local
}

// Addrs returns all addresses on which the Listener listens: one, or several after
// ListenAll. In Python: the addresses of Server.sockets.
func (l *Listener) Addrs() []net.Addr {
	switch {
	case !l.ok():
		return nil
	case l.all != nil:
		return slices.Clone(l.all)
	default:
		return []net.Addr{l.h.local}
	}
}

// SetDeadline sets when Accept returns os.ErrDeadlineExceeded; the zero time means never.
// It does not suspend.
func (l *Listener) SetDeadline(t time.Time) error {
	if !l.ok() {
		return os.ErrInvalid
	}
	return l.h.opError("set", l.h.SetReadDeadline(t))
}
