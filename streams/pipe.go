package streams

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
)

// A Pipe is one end of a pipe, a FIFO, a terminal or any other file. Its Read and Write
// suspend the calling task and do not block the loop. They wait on the scope that the
// task has opened last, or on the context of WithContext. Any goroutine may use a Pipe; a
// goroutine that is not the loop's blocks.
//
// Errors are like those of an *os.File: an *fs.PathError that wraps os.ErrClosed,
// os.ErrDeadlineExceeded or an error of the system; os.ErrInvalid from a nil Pipe
// and the zero value.
//
// A read end closes its descriptor at the end of the file. A write end closes its own
// when no reader is left: from then on, Write returns syscall.EPIPE. Call Close on both
// all the same. When the loop ends, it closes every Pipe that is still open.
type Pipe struct {
	h     *pipeHandle
	bound context.Context // on which reads and writes wait; nil: the innermost scope
}

// A pipeHandle is what a Pipe shares with those that WithContext returns.
type pipeHandle struct {
	conn.Handle[*pipeEndpoint]
	keeper
	name string
}

// OpenPipe returns a Pipe for an open file. The caller keeps the file and may close it at
// once: the Pipe has a descriptor of its own. OpenPipe does not suspend; on a goroutine
// that is not the loop's it blocks until the loop has done it. Outside a loop it returns
// asyncio.ErrNoRunningLoop. In Python: loop.connect_read_pipe and connect_write_pipe.
//
// If the loop cannot wait for the file, such as a regular file, or a pipe on Windows, a
// helper goroutine reads and writes it. So os.Stdin can be read in any case. A read whose
// task was canceled goes on in the helper goroutine, and the next Read returns what it
// has read; a write goes on as well.
//
// OpenPipe sets pipes and sockets to non-blocking mode, which other processes that share
// them may notice. On Linux, it instead opens a pipe or a terminal anew that was
// inherited and so is shared.
func OpenPipe(ctx context.Context, f *os.File) (*Pipe, error) {
	if f == nil {
		return nil, os.ErrInvalid
	}
	return onLoop(ctx, "OpenPipe", func(_ context.Context, owner *conn.Owner) (*Pipe, error) {
		end, err := openPipe(owner, f)
		if err != nil {
			return nil, &fs.PathError{Op: "open pipe", Path: f.Name(), Err: err}
		}
		return &Pipe{h: &pipeHandle{Handle: conn.Handle[*pipeEndpoint]{Owner: owner, End: end}, name: f.Name()}}, nil
	})
}

// NewPipe returns the two ends of a new pipe: what is written to w can be read
// from r. Otherwise it is like OpenPipe.
func NewPipe(ctx context.Context) (r, w *Pipe, err error) {
	in, out, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	defer out.Close()
	if r, err = OpenPipe(ctx, in); err != nil {
		return nil, nil, err
	}
	if w, err = OpenPipe(ctx, out); err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	return r, w, nil
}

// ok reports whether p is neither nil nor the zero value. All methods of these two return
// os.ErrInvalid.
func (p *Pipe) ok() bool { return p != nil && p.h != nil }

// WithContext returns the same pipe with a context for its reads and writes to
// wait on. Closing one closes the other.
func (p *Pipe) WithContext(ctx context.Context) *Pipe {
	if ctx == nil {
		panic("streams: Pipe.WithContext(nil): pass the context on which reads and writes are to wait")
	}
	if p == nil {
		p = new(Pipe)
	}
	return &Pipe{p.h, ctx}
}

// Read makes a Pipe an io.Reader. It reads what has come, and suspends the task until
// something has. While one task reads, the Read of another returns an error.
func (p *Pipe) Read(b []byte) (int, error) {
	if !p.ok() {
		return 0, os.ErrInvalid
	}
	n, err := conn.Call(p.h.Owner, p.bound, func(ctx context.Context) (int, error) { return p.h.End.Read(ctx, b) })
	return n, p.h.pathError("read", err)
}

// Write makes a Pipe an io.Writer. It suspends the task until the system has taken all of
// b. The bytes of two tasks that write at once are not mixed.
func (p *Pipe) Write(b []byte) (int, error) {
	if !p.ok() {
		return 0, os.ErrInvalid
	}
	n, err := conn.Call(p.h.Owner, p.bound, func(ctx context.Context) (int, error) { return p.h.End.Write(ctx, b) })
	return n, p.h.pathError("write", err)
}

// Close closes the pipe. Calls that read or write at that moment return os.ErrClosed, and
// so does a second Close. Close does not suspend. On a goroutine that is not the loop's
// it does not wait for the loop, either, and returns nil as long as the loop runs. What a
// Writer keeps is lost, and the error says so, as with Conn.Close.
func (p *Pipe) Close() error {
	if !p.ok() {
		return os.ErrInvalid
	}
	if p.h.Owner.Core().Closed() {
		return p.h.pathError("close", net.ErrClosed)
	}
	return p.h.pathError("close", p.h.closing(p.h.Close))
}

// SetDeadline sets when Read and Write return os.ErrDeadlineExceeded, also calls that
// wait already; the zero time means never. Deadlines go by the clock of the loop, as
// those of a Conn. Like Close, it does not wait for the loop on other goroutines. Of
// several calls, the last one counts.
func (p *Pipe) SetDeadline(t time.Time) error {
	if !p.ok() {
		return os.ErrInvalid
	}
	return p.h.pathError("set deadline", p.h.SetDeadline(t))
}

// SetReadDeadline is SetDeadline for Read.
func (p *Pipe) SetReadDeadline(t time.Time) error {
	if !p.ok() {
		return os.ErrInvalid
	}
	return p.h.pathError("set deadline", p.h.SetReadDeadline(t))
}

// SetWriteDeadline is SetDeadline for Write.
func (p *Pipe) SetWriteDeadline(t time.Time) error {
	if !p.ok() {
		return os.ErrInvalid
	}
	return p.h.pathError("set deadline", p.h.SetWriteDeadline(t))
}

// SyscallConn returns the raw file; see Conn.SyscallConn.
func (p *Pipe) SyscallConn() (syscall.RawConn, error) {
	if !p.ok() {
		return nil, os.ErrInvalid
	}
	return rawConn{p.h.Owner, p.bound, p.h.End.SyscallConn, p.h.pathError}, nil
}

// pathError turns an error of the endpoint into one like those of a file.
func (h *pipeHandle) pathError(op string, err error) error {
	var call *os.SyscallError
	switch {
	case errors.Is(err, net.ErrClosed), errors.Is(err, asyncio.ErrLoopClosed):
		if h.End.gone == io.EOF {
			return io.EOF
		}
		err = cmp.Or(h.End.gone, os.ErrClosed)
	case err == os.ErrDeadlineExceeded:
	case errors.As(err, &call):
		err = call.Err
	default:
		return err
	}
	return &fs.PathError{Op: op, Path: h.name, Err: err}
}

// A pipeEndpoint is a Stream that closes itself when the other end has gone.
type pipeEndpoint struct {
	conn.Stream
	reads bool  // and nothing else: the end of the file is the end of the pipe
	gone  error // why it has closed itself; nil: it has not
}

func (e *pipeEndpoint) Read(ctx context.Context, p []byte) (int, error) {
	n, err := e.Stream.Read(ctx, p)
	if err == io.EOF && e.reads {
		e.leave(io.EOF)
	}
	return n, err
}

// leave closes an endpoint whose other end has gone.
func (e *pipeEndpoint) leave(why error) {
	e.gone = why
	_ = e.Stream.Close()
}

// Close reports the first time that it was open.
func (e *pipeEndpoint) Close() error {
	if e.gone != nil {
		e.gone = nil
		return nil
	}
	return e.Stream.Close()
}

func (e *pipeEndpoint) SetReadDeadline(t time.Time) error {
	if e.gone != nil {
		return nil
	}
	return e.Stream.SetReadDeadline(t)
}

func (e *pipeEndpoint) SetWriteDeadline(t time.Time) error {
	if e.gone != nil {
		return nil
	}
	return e.Stream.SetWriteDeadline(t)
}
