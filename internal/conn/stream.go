package conn

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Stream is the endpoint of a connection or a pipe: an FD where the loop can
// wait for it, and a ThreadedStream elsewhere. Loop only.
type Stream interface {
	Endpoint
	// Read reads what there is, and suspends the task while there is nothing. At
	// the end it returns io.EOF. An empty p returns at once.
	Read(ctx context.Context, p []byte) (int, error)
	// Write writes all of p, and suspends the task while the other side is slow.
	// What two tasks write is not mixed: one waits for the other.
	Write(ctx context.Context, p []byte) (int, error)
	// WriteBuffers is Write of several parts, which it takes from v as they are
	// written.
	WriteBuffers(ctx context.Context, v *net.Buffers) (int64, error)
	CloseRead() error
	CloseWrite() error
	// NotifyClose has fn called when the stream has been closed; atEnd says that
	// it was left open until the end of the loop.
	NotifyClose(fn func(atEnd bool))
	// SyscallConn returns the raw connection, whose Read and Write wait on ctx.
	SyscallConn(ctx context.Context) (syscall.RawConn, error)
	// TCPOptions returns what sets the options of a TCP connection; nil for others.
	TCPOptions() TCPOptions
	BufferOptions
}

// BufferOptions set how much the system keeps for a socket; those of package net
// have them.
type BufferOptions interface {
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
}

// TCPOptions are those of a TCP connection; a *net.TCPConn has them.
type TCPOptions interface {
	SetKeepAlive(on bool) error
	SetKeepAliveConfig(config net.KeepAliveConfig) error
	SetLinger(seconds int) error
	SetNoDelay(on bool) error
}

// ErrBusy is returned by a read while another task reads.
var ErrBusy = errors.New("streams: another task is reading here: let one task read, or hold a Lock meanwhile")

// ErrWouldBlock is returned by a call that never waits where it would have to.
var ErrWouldBlock = errors.New("streams: not now")

const (
	labelRead  = engine.Label("read")
	labelWrite = engine.Label("write")
)

// A closeNotifier tells those who want to know that something has been closed.
type closeNotifier struct{ onClose func(atEnd bool) }

// NotifyClose has fn called when it has been closed, after the functions of
// earlier calls; atEnd says that it was left open until the end of the loop.
func (n *closeNotifier) NotifyClose(fn func(atEnd bool)) {
	earlier := n.onClose
	if earlier == nil {
		n.onClose = fn
		return
	}
	n.onClose = func(atEnd bool) {
		earlier(atEnd)
		fn(atEnd)
	}
}

func (n *closeNotifier) notifyClosed(atEnd bool) {
	if n.onClose != nil {
		n.onClose(atEnd)
	}
}

// WithoutOpError takes the OpError of package net off an error, for one that will
// get an OpError of ours.
func WithoutOpError(err error) error {
	if e, ok := err.(*net.OpError); ok {
		return e.Err
	}
	return err
}
