package streams

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A keeper is the endpoint of a Conn beneath a tls.Conn which is read while it
// is written. Its Write never waits: what the connection does not take is kept,
// and written in the background. So crypto/tls, which holds a sync.Mutex while
// it writes, and takes the same one when a Read has to answer the peer, never
// suspends a task while it holds it. Who writes waits in drain, where no mutex
// is held.
type keeper struct {
	endpoint              // what it was before
	loop     *engine.Loop // of the endpoint
	out      *Writer      // to the endpoint
	line     aio.Line     // who waits until nothing is kept, and until when
	limit    engine.Timer // of the time that it may take to say goodbye
	over     engine.Callback
	readOn   context.Context // on which reads wait; nil: as the caller of Read says
}

// So much is kept at the most. A tls.Conn that is adopted keeps no more than one
// piece and a few answers; a peer that asks for answers, and does not read them,
// must not be able to fill the memory.
const mostKept = 256 << 10

var errTooMuchKept = errors.New("streams: the peer asks for answers, and does not read them")

const labelWrite = engine.Label("write")

// keeperOf makes the endpoint of a connection a keeper.
func keeperOf(c *Conn) *keeper {
	if k, ok := c.end.(*keeper); ok {
		return k
	}
	beneath := *c.link
	k := &keeper{endpoint: c.end, loop: c.home.Core(), out: NewWriter(&Conn{link: &beneath})}
	k.out.SetWaterMarks(0, 0)
	k.out.flow = k
	c.end = k
	return k
}

func (k *keeper) Read(ctx context.Context, p []byte) (int, error) {
	if k.readOn != nil {
		ctx = k.readOn
	}
	n, err := k.endpoint.Read(ctx, p)
	if err != nil && k.out.IsClosing() {
		err = net.ErrClosed
	}
	return n, err
}

func (k *keeper) Write(_ context.Context, p []byte) (int, error) {
	if k.out.Buffered() > mostKept {
		k.out.fail(errTooMuchKept)
	}
	n, err := k.out.Write(p)
	return n, plain(err)
}

func (k *keeper) WriteBuffers(_ context.Context, v *net.Buffers) (int64, error) {
	n, err := v.WriteTo(k.out)
	return n, plain(err)
}

// SetWriteDeadline has nothing to do: Write does not wait.
func (k *keeper) SetWriteDeadline(time.Time) error { return nil }

func (k *keeper) CloseWrite() error { return plain(k.out.WriteEOF()) }

// Close closes the connection when what is kept is written, or has had its time.
func (k *keeper) Close() error {
	if k.out.IsClosing() {
		return net.ErrClosed
	}
	_ = k.endpoint.SetReadDeadline(longAgo) // who reads does not wait for that
	err := k.out.Close()
	k.line.WakeAll()
	if k.out.phase < closed {
		k.over.Init(k.loop, k.abort)
		k.limit.Set(k.loop, k.loop.After(longestGoodbye), &k.over)
	}
	return plain(err)
}

var longAgo = time.Unix(1, 0)

// abort closes the connection at once.
func (k *keeper) abort() { _ = k.out.Abort() }

// drain waits until nothing is kept.
func (k *keeper) drain(ctx context.Context) error {
	wait, err := engine.Begin(ctx, "Conn.Write")
	for err == nil {
		switch {
		case k.out.err != nil:
			return plain(k.out.err)
		case k.out.IsClosing():
			return net.ErrClosed
		case k.line.Passed():
			return os.ErrDeadlineExceeded
		case k.out.Buffered() == 0:
			return nil
		}
		err = wait.Park(&k.line.Waiters, labelWrite)
	}
	return err
}

// A keeper is the flow of its Writer.

func (k *keeper) above() {}
func (k *keeper) below() { k.line.WakeAll() }

// failed need not report the error: whoever writes sees it, and that a peer has
// gone without hearing a goodbye is none.
func (k *keeper) failed(error) {
	_ = k.out.look()
	k.line.WakeAll()
}

func (k *keeper) closed() {
	k.limit.Stop(k.loop)
	k.line.Stop(k.loop)
	k.line.WakeAll()
}
