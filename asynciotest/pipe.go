package asynciotest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
)

// Pipe returns the two ends of a connection in memory. Read and Write suspend the task,
// on the scope that it has opened last; other goroutines may use the ends as well, and
// block. Written bytes wait in a buffer of 64 KiB, as in a socket, and Write suspends
// when the buffer is full.
//
// When one end is closed, the other end reads what is in the buffer and then io.EOF, and
// its Write returns io.ErrClosedPipe. On the closed end, every call returns
// io.ErrClosedPipe. The ends also have a CloseWrite, after which the other end reads
// io.EOF, and can still write.
//
// Deadlines go by the clock of the loop. A deadline that was made from time.Now is as far
// ahead on that clock as it is on the real one, to the millisecond; a time without a
// monotonic reading is a time of the virtual clock.
func Pipe(ctx context.Context) (net.Conn, net.Conn) {
	owner := conn.OwnerOf(ctx, "asynciotest.Pipe")
	a, b := conn.MemoryPipe(owner.Core())
	return newPipeEnd(&owner, a), newPipeEnd(&owner, b)
}

// A pipeEnd is one end of a Pipe. Its methods may be called from any
// goroutine; what they do is done on the loop.
type pipeEnd struct {
	h conn.Handle[*conn.MemoryStream]
}

func newPipeEnd(owner *conn.Owner, end *conn.MemoryStream) *pipeEnd {
	return &pipeEnd{conn.Handle[*conn.MemoryStream]{Owner: owner, End: end}}
}

// Read makes a pipeEnd a net.Conn.
func (p *pipeEnd) Read(b []byte) (int, error) {
	n, err := conn.Call(p.h.Owner, nil, func(ctx context.Context) (int, error) { return p.h.End.Read(ctx, b) })
	return n, opError("read", err)
}

// Write makes a pipeEnd a net.Conn.
func (p *pipeEnd) Write(b []byte) (int, error) {
	n, err := conn.Call(p.h.Owner, nil, func(ctx context.Context) (int, error) { return p.h.End.Write(ctx, b) })
	return n, opError("write", err)
}

func opError(op string, err error) error {
	switch {
	case errors.Is(err, asyncio.ErrLoopClosed), errors.Is(err, net.ErrClosed), errors.Is(err, conn.ErrnoBrokenPipe):
		return io.ErrClosedPipe
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &net.OpError{Op: op, Net: "pipe", Err: err}
	default:
		return err
	}
}

// Close makes a pipeEnd a net.Conn. Calls that read or write at that moment return
// io.ErrClosedPipe. A second Close does nothing.
func (p *pipeEnd) Close() error {
	if err := p.h.Close(); !errors.Is(err, net.ErrClosed) {
		return opError("close", err)
	}
	return nil
}

// CloseWrite says that nothing more will be written.
func (p *pipeEnd) CloseWrite() error {
	return opError("close", p.h.Owner.Do(p.h.End.CloseWrite))
}

// LocalAddr makes a pipeEnd a net.Conn.
func (p *pipeEnd) LocalAddr() net.Addr { return pipeAddr{} }

// RemoteAddr makes a pipeEnd a net.Conn.
func (p *pipeEnd) RemoteAddr() net.Addr { return pipeAddr{} }

// SetDeadline makes a pipeEnd a net.Conn.
func (p *pipeEnd) SetDeadline(t time.Time) error { return opError("set", p.h.SetDeadline(t)) }

// SetReadDeadline makes a pipeEnd a net.Conn.
func (p *pipeEnd) SetReadDeadline(t time.Time) error { return opError("set", p.h.SetReadDeadline(t)) }

// SetWriteDeadline makes a pipeEnd a net.Conn.
func (p *pipeEnd) SetWriteDeadline(t time.Time) error { return opError("set", p.h.SetWriteDeadline(t)) }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
