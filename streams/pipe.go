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
	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Pipe is one end of a pipe, a FIFO, a terminal, or any other file, whose
// Read and Write suspend the task that calls them, and not the loop: on the
// scope that it has opened last, or on the context of WithContext. Any
// goroutine may use it; one that is not the loop's blocks.
//
// When it is used in a way that it cannot be, its errors are those of an
// *os.File: *fs.PathError around os.ErrClosed, os.ErrDeadlineExceeded, or what
// the system says.
//
// An end that can only read closes itself at the end of the file, and one that
// can only write when no one is left who reads: from then on, Write returns
// syscall.EPIPE. They should be closed all the same. What is still open when
// the loop ends is closed then.
type Pipe struct {
	*pipe
	ctx context.Context // nil: the scope that the running task has opened last
}

// A pipe is what a Pipe has in common with those that WithContext returns.
type pipe struct {
	home  *aio.Home
	name  string
	file  pipeFile
	reads bool  // and nothing else: the end of the file is the end of the pipe
	gone  error // the pipe has closed itself, and this is why
}

// A pipeFile is a descriptor of the loop, or a file with a bridge. Loop only.
type pipeFile interface {
	SyscallConn(ctx context.Context) (syscall.RawConn, error)
	Read(ctx context.Context, p []byte) (int, error)
	Write(ctx context.Context, p []byte) (int, error)
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	Close() error
}

// OpenPipe returns a Pipe for an open file, which stays the caller's, who may
// close it at once: the Pipe has a descriptor of its own. It does not suspend;
// on a goroutine that is not the loop's it blocks until the loop has done it.
// Outside a loop it returns asyncio.ErrNoRunningLoop. In Python:
// loop.connect_read_pipe and connect_write_pipe.
//
// What the loop cannot wait for, such as a regular file, or a pipe on Windows,
// is read and written by a helper goroutine. So os.Stdin can be read in any
// case. A read whose wait was cut goes on there, and what it brings is kept for
// the next; a write goes on as well.
//
// Pipes and sockets are set to non-blocking mode, which others may notice who
// share them. On Linux, a pipe or terminal that is inherited, and so shared, is
// opened anew instead.
func OpenPipe(ctx context.Context, f *os.File) (*Pipe, error) {
	return onLoop(ctx, "OpenPipe", func(_ context.Context, home *aio.Home) (*Pipe, error) {
		p := &pipe{home: home, name: f.Name()}
		if err := p.open(f); err != nil {
			return nil, &fs.PathError{Op: "open pipe", Path: p.name, Err: err}
		}
		return &Pipe{pipe: p}, nil
	})
}

// NewPipe returns the two ends of a new pipe: what is written to w can be read
// from r. What is said of OpenPipe holds here.
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

// WithContext returns the same pipe with a context that its reads and writes
// wait on. Closing one closes the other.
func (p *Pipe) WithContext(ctx context.Context) *Pipe {
	if ctx == nil {
		panic("streams: Pipe.WithContext(nil): pass the context on which reads and writes are to wait")
	}
	return &Pipe{p.pipe, ctx}
}

// Read makes a Pipe an io.Reader. It reads what there is, and suspends while
// there is nothing. While one task reads, another's Read returns an error.
func (p *Pipe) Read(b []byte) (int, error) {
	return p.do("read", func(ctx context.Context) (int, error) {
		n, err := p.file.Read(ctx, b)
		if err == io.EOF && p.reads {
			p.leave(io.EOF)
		}
		return n, err
	})
}

// Write makes a Pipe an io.Writer. It suspends until the system has taken all
// of b; what two tasks write is not mixed.
func (p *Pipe) Write(b []byte) (int, error) {
	return p.do("write", func(ctx context.Context) (int, error) { return p.file.Write(ctx, b) })
}

// do makes a call on the loop, and explains its error.
func (p *Pipe) do(op string, call func(ctx context.Context) (int, error)) (int, error) {
	n, err := p.onLoop(call)
	return n, p.explain(op, err)
}

// onLoop makes a call in the running task, or in one made for it.
func (p *Pipe) onLoop(call func(ctx context.Context) (int, error)) (int, error) {
	if ctx := p.home.Here(); ctx != nil {
		return call(p.context(ctx))
	}
	return p.home.Elsewhere(func(ctx context.Context) (int, error) { return call(p.context(ctx)) })
}

// context returns the context to wait on where the scope of the running task
// is innermost.
func (p *Pipe) context(innermost context.Context) context.Context {
	if p.ctx != nil {
		return p.ctx
	}
	return innermost
}

// leave closes a pipe whose other end has gone.
func (p *pipe) leave(why error) {
	p.gone = why
	_ = p.file.Close()
}

// explain makes an error of the loop's one of a file's.
func (p *pipe) explain(op string, err error) error {
	var call *os.SyscallError
	switch {
	case errors.Is(err, net.ErrClosed), errors.Is(err, asyncio.ErrLoopClosed):
		if p.gone == io.EOF {
			return io.EOF
		}
		err = cmp.Or(p.gone, os.ErrClosed)
	case err == os.ErrDeadlineExceeded:
	case errors.As(err, &call):
		err = call.Err
	default:
		return err
	}
	return &fs.PathError{Op: op, Path: p.name, Err: err}
}

// Close closes the pipe. Whoever reads or writes it goes on with os.ErrClosed,
// which is also what Close returns the second time. It does not suspend.
func (p *Pipe) Close() error {
	return p.run("close", func() error {
		if p.gone != nil {
			p.gone = nil
			return nil
		}
		return p.file.Close()
	})
}

// run calls on the loop what does not suspend.
func (p *pipe) run(op string, fn func() error) (err error) {
	if failed := p.home.Run(func() { err = fn() }); failed != nil {
		err = failed
	}
	return p.explain(op, err)
}

// SetDeadline sets when Read and Write return os.ErrDeadlineExceeded, also
// those that wait already; the zero time is never. Deadlines go by the clock of
// the loop. One that was made from time.Now is as far ahead on that clock as it
// is on the real one, to the millisecond.
func (p *Pipe) SetDeadline(t time.Time) error {
	return p.setDeadlines(t, p.file.SetReadDeadline, p.file.SetWriteDeadline)
}

// SetReadDeadline is SetDeadline for Read.
func (p *Pipe) SetReadDeadline(t time.Time) error { return p.setDeadlines(t, p.file.SetReadDeadline) }

// SetWriteDeadline is SetDeadline for Write.
func (p *Pipe) SetWriteDeadline(t time.Time) error {
	return p.setDeadlines(t, p.file.SetWriteDeadline)
}

func (p *pipe) setDeadlines(t time.Time, sets ...func(time.Time) error) error {
	return p.run("set deadline", func() (err error) {
		if p.gone != nil {
			return nil
		}
		for _, set := range sets {
			err = cmp.Or(err, set(t))
		}
		return err
	})
}

// SyscallConn returns the raw file, as that of a Conn.
func (p *Pipe) SyscallConn() (syscall.RawConn, error) {
	return rawConn{func(call func(ctx context.Context) (int, error)) error {
		_, err := p.onLoop(call)
		return err
	}, p.file.SyscallConn, p.explain}, nil
}

// A filePipe is a pipeFile that the loop cannot wait for.
type filePipe struct {
	*aio.Bridge
	file bridgedFile
}

// A bridgedFile is an *os.File, or like one.
type bridgedFile interface {
	io.ReadWriteCloser
	syscall.Conn
}

func newFilePipe(l *engine.Loop, f bridgedFile) filePipe { return filePipe{aio.OpenBridge(l, f), f} }

// SyscallConn makes a filePipe a pipeFile.
func (f filePipe) SyscallConn(ctx context.Context) (syscall.RawConn, error) {
	if f.Closed() {
		return nil, net.ErrClosed
	}
	raw, err := f.file.SyscallConn()
	return rawBridge{ctx, raw}, err
}
