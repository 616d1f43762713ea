package streams

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A bufferedStream is the endpoint of a Conn beneath a tls.Conn that is read and written
// at the same time. crypto/tls holds a sync.Mutex while it writes, and takes the same
// mutex when a Read has to answer the peer, so a task that holds it must never suspend.
// Therefore Write never waits: what the connection does not take is kept, and written in
// the background. Tasks that write wait in drain, where they do not hold the mutex.
type bufferedStream struct {
	conn.Stream                 // the endpoint that the Conn had before
	loop        *engine.Loop    // of the endpoint
	out         *Writer         // to the endpoint
	line        conn.Line       // the tasks that wait until nothing is kept, and their deadline
	limit       engine.Timer    // the timer of longestGoodbye
	timeout     engine.Callback // of the limit
	readOn      context.Context // on which reads wait; nil: on the context of the caller of Read
}

// maxKept bounds what is kept. An adopted tls.Conn keeps at most one piece and a few
// answers; but a peer that asks for answers and does not read them must not be able to
// fill the memory.
const maxKept = 256 << 10

var errTooMuchKept = errors.New("streams: the peer asks for answers, and does not read them")

var labelWrite = engine.NewLabel("write")

// newBufferedStream makes a bufferedStream the endpoint of a connection, unless it
// has one already.
func newBufferedStream(c *Conn) *bufferedStream {
	if b, ok := c.h.End.(*bufferedStream); ok {
		return b
	}
	below := &connHandle{netHandle: newNetHandle(c.h.Owner, c.h.End, c.h.network, c.h.local, c.h.remote)}
	b := &bufferedStream{Stream: c.h.End, loop: c.h.Owner.Core(), out: NewWriter(&Conn{h: below})}
	b.out.SetWaterMarks(0, 0)
	b.out.flow = b
	c.h.End = b
	return b
}

func (b *bufferedStream) Read(ctx context.Context, p []byte) (int, error) {
	if b.readOn != nil {
		ctx = b.readOn
	}
	n, err := b.Stream.Read(ctx, p)
	if err != nil && b.out.IsClosing() {
		err = net.ErrClosed
	}
	return n, err
}

func (b *bufferedStream) Write(_ context.Context, p []byte) (int, error) {
	if b.out.Buffered() > maxKept {
		b.out.fail(errTooMuchKept)
	}
	n, err := b.out.Write(p)
	return n, conn.WithoutOpError(err)
}

func (b *bufferedStream) WriteBuffers(_ context.Context, v *net.Buffers) (int64, error) {
	n, err := v.WriteTo(b.out)
	return n, conn.WithoutOpError(err)
}

// SetWriteDeadline has nothing to do: Write does not wait.
func (b *bufferedStream) SetWriteDeadline(time.Time) error { return nil }

func (b *bufferedStream) CloseWrite() error { return conn.WithoutOpError(b.out.WriteEOF()) }

// Close closes the connection when what is kept is written, or after longestGoodbye.
func (b *bufferedStream) Close() error {
	if b.out.IsClosing() {
		return net.ErrClosed
	}
	_ = b.Stream.SetReadDeadline(longAgo) // tasks that read do not wait for the end of Close
	err := b.out.Close()
	b.line.WakeAll()
	if b.out.phase < closed {
		b.timeout.Init(b.loop, b.abort)
		b.limit.Set(b.loop, b.loop.After(longestGoodbye), &b.timeout)
	}
	return conn.WithoutOpError(err)
}

var longAgo = time.Unix(1, 0)

// awaitClosed waits until the connection is closed, until the time given at the
// latest.
func (b *bufferedStream) awaitClosed(ctx context.Context, until time.Time) {
	if err := asyncio.WithTimeoutAt(ctx, until, b.out.WaitClosed); err != nil {
		b.abort()
	}
}

// abort closes the connection at once.
func (b *bufferedStream) abort() { _ = b.out.Abort() }

// drain waits until nothing is kept.
func (b *bufferedStream) drain(ctx context.Context) error {
	wait, err := engine.Begin(ctx, "Conn.Write")
	for err == nil {
		switch {
		case b.out.err != nil:
			return conn.WithoutOpError(b.out.err)
		case b.out.IsClosing():
			return net.ErrClosed
		case b.line.Passed():
			return os.ErrDeadlineExceeded
		case b.out.Buffered() == 0:
			return nil
		}
		err = wait.Park(&b.line.Waiters, labelWrite)
	}
	return err
}

// A bufferedStream is the flow of its Writer.

func (b *bufferedStream) above() {}
func (b *bufferedStream) below() { b.line.WakeAll() }

// failed marks the error as looked at, so that it is not reported. Tasks that write get
// it, and a peer may close its connection before it has got the goodbye.
func (b *bufferedStream) failed(error) {
	_ = b.out.look()
	b.line.WakeAll()
}

func (b *bufferedStream) closed() {
	b.limit.Stop(b.loop)
	b.line.Stop(b.loop)
	b.line.WakeAll()
}
