package asynciotest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/aio"
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
// far ahead on that clock as it is on the real one, to the millisecond.
func Pipe(ctx context.Context) (net.Conn, net.Conn) {
	home := aio.HomeOf(ctx, "asynciotest.Pipe")
	there, back := new(direction), new(direction)
	return &pipeEnd{home: home, in: back, out: there}, &pipeEnd{home: home, in: there, out: back}
}

// A pipeEnd is one end of a Pipe. Its methods may be called from any
// goroutine; what they do is done on the loop.
type pipeEnd struct {
	home    aio.Home
	in, out *direction
	closed  bool
}

// do runs fn on the loop, in the running task or in one made for it.
func (p *pipeEnd) do(fn func(ctx context.Context) (int, error)) (int, error) {
	n, err := p.home.Do(fn)
	return n, closedPipe(err)
}

// run is do for what does not suspend, and may be called in callbacks.
func (p *pipeEnd) run(fn func()) error { return closedPipe(p.home.Run(fn)) }

func closedPipe(err error) error {
	if errors.Is(err, asyncio.ErrLoopClosed) {
		return io.ErrClosedPipe
	}
	return err
}

// Read makes a pipeEnd a net.Conn.
func (p *pipeEnd) Read(b []byte) (int, error) {
	n, err := p.do(func(ctx context.Context) (int, error) { return p.in.read(ctx, b, p) })
	return n, opError("read", err)
}

// Write makes a pipeEnd a net.Conn.
func (p *pipeEnd) Write(b []byte) (int, error) {
	n, err := p.do(func(ctx context.Context) (int, error) { return p.out.write(ctx, b, p) })
	return n, opError("write", err)
}

func opError(op string, err error) error {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return &net.OpError{Op: op, Net: "pipe", Err: err}
}

// Close makes a pipeEnd a net.Conn. Whoever reads or writes on it goes on with
// io.ErrClosedPipe.
func (p *pipeEnd) Close() error {
	err := p.run(func() {
		p.closed = true
		p.in.readers.Stop(p.home.Core())
		p.out.writers.Stop(p.home.Core())
		p.in.closeRead()
		p.out.closeWrite()
	})
	if errors.Is(err, io.ErrClosedPipe) {
		return nil // the loop has ended
	}
	return err
}

// CloseWrite says that nothing more will be written.
func (p *pipeEnd) CloseWrite() error { return p.run(p.out.closeWrite) }

// LocalAddr makes a pipeEnd a net.Conn.
func (p *pipeEnd) LocalAddr() net.Addr { return pipeAddr{} }

// RemoteAddr makes a pipeEnd a net.Conn.
func (p *pipeEnd) RemoteAddr() net.Addr { return pipeAddr{} }

// SetDeadline makes a pipeEnd a net.Conn.
func (p *pipeEnd) SetDeadline(t time.Time) error {
	return p.set(t, &p.in.readers, &p.out.writers)
}

// SetReadDeadline makes a pipeEnd a net.Conn.
func (p *pipeEnd) SetReadDeadline(t time.Time) error { return p.set(t, &p.in.readers) }

// SetWriteDeadline makes a pipeEnd a net.Conn.
func (p *pipeEnd) SetWriteDeadline(t time.Time) error { return p.set(t, &p.out.writers) }

func (p *pipeEnd) set(t time.Time, ends ...*aio.Line) (err error) {
	failed := p.run(func() {
		if p.closed {
			err = io.ErrClosedPipe
			return
		}
		for _, line := range ends {
			line.SetDeadline(p.home.Core(), t)
		}
	})
	return errors.Join(failed, err)
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
