package conn

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Stream is the endpoint of a connection or a pipe: an FD if the loop can wait
// for it, a MemoryStream in memory, otherwise a ThreadedStream. Loop only.
type Stream interface {
	Endpoint
	// Read reads what there is, and suspends the task while there is nothing. At
	// the end it returns io.EOF. An empty p returns at once.
	Read(ctx context.Context, p []byte) (int, error)
	// Write writes all of p, and suspends the task while the other side is slow.
	// The bytes of two tasks are not mixed: one waits for the other.
	Write(ctx context.Context, p []byte) (int, error)
	// WriteBuffers writes several parts as Write does, and removes from v what it
	// has written.
	WriteBuffers(ctx context.Context, v *net.Buffers) (int64, error)
	CloseRead() error
	CloseWrite() error
	// NotifyClose has fn called when the stream has been closed; atEnd says that
	// it was left open until the end of the loop.
	NotifyClose(fn func(atEnd bool))
	// SyscallConn returns the raw connection, whose Read and Write wait on ctx.
	SyscallConn(ctx context.Context) (syscall.RawConn, error)
	// TCPOptions returns the options of a TCP connection; nil for other streams.
	TCPOptions() TCPOptions
	BufferOptions
}

// BufferOptions sets the sizes of a socket's buffers in the system; the
// connections of package net have them.
type BufferOptions interface {
	SetReadBuffer(bytes int) error
	SetWriteBuffer(bytes int) error
}

// TCPOptions sets the options of a TCP connection; a *net.TCPConn is one.
type TCPOptions interface {
	SetKeepAlive(on bool) error
	SetKeepAliveConfig(config net.KeepAliveConfig) error
	SetLinger(seconds int) error
	SetNoDelay(on bool) error
}

// ErrBusy is returned by a read while another task reads.
var ErrBusy = errors.New("streams: another task is reading here: let one task read, or hold a Lock meanwhile")

// ErrWouldBlock is returned by calls that never wait, when they would have to.
var ErrWouldBlock = errors.New("streams: not now")

var (
	labelRead       = engine.NewLabel("read")
	labelWrite      = engine.NewLabel("write")
	labelConnection = engine.NewLabel("connection")
)

// A closeNotifier calls functions when something has been closed.
type closeNotifier struct{ onClose func(atEnd bool) }

// NotifyClose calls fn after Close, and after the functions of earlier calls;
// atEnd says that the end of the loop has closed it.
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

// WithoutOpError unwraps an OpError of package net, for an error that gets an
// OpError of our own.
func WithoutOpError(err error) error {
	if e, ok := err.(*net.OpError); ok {
		return e.Err
	}
	return err
}
