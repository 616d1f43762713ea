package streams

import (
	"context"
	"net"
	"time"

	"github.com/asyncio-go/asyncio/internal/aio"
)

// A Listener is a net.Listener whose Accept suspends the calling task, and not
// the loop. In Python: asyncio.Server, without its handler; see Serve.
//
// Its methods may be called from any goroutine, as those of Conn, and its
// errors are of the same kinds. One that is left open is closed by Run.
type Listener struct {
	link
	accepts acceptor
}

// An acceptor is what a Listener accepts with. Loop only.
type acceptor interface {
	// Accept returns a connection and the addresses of its ends.
	Accept(ctx context.Context) (end endpoint, local, remote net.Addr, err error)
	SetReadDeadline(t time.Time) error
	Close() error
}

// Listen returns a Listener for a network ("tcp", "tcp4", "tcp6" or "unix") and
// an address, as net.Listen has them: "localhost:0" is a free port of this
// machine. A name is resolved off the loop, and then Listen suspends. Outside a
// loop it returns asyncio.ErrNoRunningLoop. In Python: the part of
// asyncio.start_server, or start_unix_server, that binds.
func Listen(ctx context.Context, network, address string, opts ...ListenOption) (*Listener, error) {
	c := newListenConfig(opts)
	return onLoop(ctx, "Listen", func(ctx context.Context, home *aio.Home) (*Listener, error) {
		address, err := resolveOne(ctx, network, address)
		if err != nil {
			return nil, listenError(network, err)
		}
		l, err := c.Listen(context.WithoutCancel(ctx), network, address)
		if err != nil {
			return nil, err
		}
		return takeListener(home, l)
	})
}

func listenError(network string, err error) error {
	return &net.OpError{Op: "listen", Net: network, Err: reason(err)}
}

// Accept waits for the next connection and returns it. It waits on the scope
// that the calling task has opened last.
func (l *Listener) Accept() (net.Conn, error) {
	var innermost context.Context // none is bound
	conn, err := l.accept(innermost)
	if err != nil {
		return nil, err // not a nil *Conn
	}
	return conn, nil
}

// AcceptContext is Accept on a context, and with a result that need not be
// asserted. A connection is not lost to a cancellation: the next Accept gets
// it. In Python: loop.sock_accept.
func (l *Listener) AcceptContext(ctx context.Context) (*Conn, error) { return l.accept(ctx) }

// accept accepts on a context; nil: on the innermost scope.
func (l *Listener) accept(bound context.Context) (conn *Conn, err error) {
	_, err = l.home.Do(func(ctx context.Context) (int, error) {
		if bound != nil {
			ctx = bound
		}
		end, local, remote, err := l.accepts.Accept(ctx)
		if err == nil {
			conn = newConn(l.home, end, l.network, local, remote)
		}
		return 0, err
	})
	return conn, l.opError("accept", err)
}

// Close stops listening. Who waits in Accept goes on with net.ErrClosed.
// Connections that were accepted stay as they are. The file of a Unix socket
// is removed. It does not suspend, and on a goroutine that is not the loop's it
// does not wait for the loop, either, and returns nil.
func (l *Listener) Close() error { return l.opError("close", l.home.Close(l.accepts)) }

// Addr returns the address on which it listens.
func (l *Listener) Addr() net.Addr { return l.local }

// SetDeadline sets when Accept returns os.ErrDeadlineExceeded; the zero time is
// never. It does not suspend.
func (l *Listener) SetDeadline(t time.Time) error {
	return l.set("set", func() error { return l.accepts.SetReadDeadline(t) })
}
