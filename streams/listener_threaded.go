package streams

import (
	"context"
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

var labelAccept = engine.NewLabel("accept")

// A threadedListener is an acceptor on a listener that the loop cannot wait for.
type threadedListener struct {
	conn.Threaded[net.Conn]
	listener net.Listener
}

func newThreadedListener(owner *conn.Owner, l net.Listener) *threadedListener {
	t := &threadedListener{listener: l}
	t.Init(owner.Core(), l)
	t.DiscardWith(func(c net.Conn) { _ = c.Close() })
	return t
}

// acceptNet returns a connection as the listener makes it.
func (t *threadedListener) acceptNet(ctx context.Context) (net.Conn, error) {
	return t.ReadCall(ctx, "Listener.Accept", labelAccept, t.listener.Accept)
}

// Accept makes a threadedListener an acceptor.
func (t *threadedListener) Accept(ctx context.Context) (accepted, error) {
	c, err := t.acceptNet(ctx)
	return accepted{conn: c}, err
}

func (t *threadedListener) open(owner *conn.Owner, a accepted) (*Conn, error) {
	return newThreadedConn(owner, a.conn.(net.Conn)), nil
}
