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
	"github.com/asyncio-go/asyncio/internal/engine"
)

// Pipe returns the two ends of a connection in memory. Reading and writing
// suspend the task, on the scope that it has opened last; other goroutines may
// use the ends as well, and block. What is written waits in a buffer of 64 KiB,
// as in a socket, and Write suspends when that is full.
//
// When one end is closed, the other reads what is in the buffer and then
// io.EOF, and writing there fails with io.ErrClosedPipe, as everything does on
// the end that was closed. The ends also have a CloseWrite, after which the
// other end reads io.EOF, and can still write.
//
// Deadlines go by the clock of the loop. One that was made from time.Now is as
// far ahead on that clock as it is on the real one, to the millisecond; one without
// a monotonic reading is a time of the virtual clock.
func Pipe(ctx context.Context) (net.Conn, net.Conn) {
	owner := conn.OwnerOf(ctx, "asynciotest.Pipe")
	there, back := new(direction), new(direction)
	return newPipeEnd(&owner, back, there), newPipeEnd(&owner, there, back)
}

// A pipeEnd is one end of a Pipe. Its methods may be called from any
// goroutine; what they do is done on the loop.
type pipeEnd struct{ h conn.Handle[*pipeEndpoint] }

func newPipeEnd(owner *conn.Owner, in, out *direction) *pipeEnd {
	end := &pipeEndpoint{loop: owner.Core(), in: in, out: out}
	return &pipeEnd{conn.Handle[*pipeEndpoint]{Owner: owner, End: end}}
}

// Read makes a pipeEnd a net.Conn.
func (p *pipeEnd) Read(b []byte) (int, error) {
	n, err := conn.Call(p.h.Owner, nil, func(ctx context.Context) (int, error) { return p.h.End.in.read(ctx, b, p.h.End) })
	return n, opError("read", err)
}

// Write makes a pipeEnd a net.Conn.
func (p *pipeEnd) Write(b []byte) (int, error) {
	n, err := conn.Call(p.h.Owner, nil, func(ctx context.Context) (int, error) { return p.h.End.out.write(ctx, b, p.h.End) })
	return n, opError("write", err)
}

func opError(op string, err error) error {
	switch {
	case errors.Is(err, asyncio.ErrLoopClosed):
		return io.ErrClosedPipe
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &net.OpError{Op: op, Net: "pipe", Err: err}
	default:
		return err
	}
}

// Close makes a pipeEnd a net.Conn. Whoever reads or writes on it goes on with
// io.ErrClosedPipe.
func (p *pipeEnd) Close() error { return p.h.Close() }

// CloseWrite says that nothing more will be written.
func (p *pipeEnd) CloseWrite() error {
	return opError("close", p.h.Owner.Do(p.h.End.out.closeWrite))
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

// A pipeEndpoint is what a pipeEnd is on the loop.
type pipeEndpoint struct {
	loop    *engine.Loop
	in, out *direction
	closed  bool
}

func (e *pipeEndpoint) SetReadDeadline(t time.Time) error { return e.set(&e.in.readers, t) }

func (e *pipeEndpoint) SetWriteDeadline(t time.Time) error { return e.set(&e.out.writers, t) }

func (e *pipeEndpoint) set(line *conn.Line, t time.Time) error {
	if e.closed {
		return io.ErrClosedPipe
	}
	line.SetDeadline(e.loop, t)
	return nil
}

func (e *pipeEndpoint) Close() error {
	e.closed = true
	e.in.readers.Stop(e.loop)
	e.out.writers.Stop(e.loop)
	e.in.closeRead()
	return e.out.closeWrite()
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
