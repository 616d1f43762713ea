package streams

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Writer writes to a stream without waiting for it. Write hands the stream what
// it takes at once, and keeps the rest to write it in the background. Drain waits
// while too much is kept. In Python: asyncio.StreamWriter.
//
//	w.Write(message)
//	err := w.Drain(ctx)
//
// If the stream is a Conn, the loop itself writes to it, whenever the Conn can take more.
// The Write of any other io.Writer may suspend, so a task calls it, which exists as long
// as there is something to write. A Write that blocks its goroutine, such as a file's,
// blocks the loop.
//
// When the stream fails, the Writer drops what it keeps, and Write, Drain and
// WaitClosed return the error from then on. An error that none of them has
// returned is reported when the loop ends, if not before.
//
// Close and then WaitClosed make sure that everything is written. If instead the
// connection itself is closed, the rest is lost, and an *UnwrittenError says how
// many bytes that is. Serve waits for the Writers before it closes a connection.
//
// A Writer belongs to the loop that runs where it is first used. Its methods are
// for the tasks and callbacks of that loop; on another goroutine they panic.
// Several tasks may write and wait at the same time. Methods of a nil Writer, and
// of one that NewWriter has not made, return os.ErrInvalid.
type Writer struct {
	dst      io.Writer
	loop     *engine.Loop // of the first use
	kept     *block       // written here, and not yet handed to dst; nil: nothing
	size     int          // bytes that dst has not taken
	low      int
	high     int
	paused   bool // it was above high, and has not been down at low since
	drainers engine.Waiters
	closers  engine.Waiters
	worker   *engine.Task  // that writes to dst; nil: there is nothing to do
	direct   *direct       // the way to dst without a task; nil: there is none
	keeper   *keeper       // of the stream that dst leads to; nil: none of the loop's
	listed   bool          // in the keeper, as a Writer that is at work
	failed   engine.Future // in which the loop sees whether someone looks at the error
	err      error         // of dst
	phase    phase
	eof      eof
	flow     flow // hears of all this; nil: no one does
}

// A flow is told what happens to the bytes that a Writer keeps. All methods except above
// may be called on any stack of the loop, and must not run the user's code.
type flow interface {
	above()           // they have come above the high-water mark, in Write or SetWaterMarks
	below()           // they are down at the low one
	failed(err error) // the stream has failed
	closed()          // the stream is closed; the last call
}

// A phase is how far the Writer's life has come.
type phase uint8

const (
	open     phase = iota
	closing        // when everything is written
	aborting       // as soon as dst lets go
	shutting       // dst is being closed
	closed
)

// An eof says whether the end of the stream is to be sent.
type eof uint8

const (
	eofNone eof = iota
	eofWanted
	eofSent
)

// DefaultHighWater is the high-water mark of a Writer, in bytes; the low one
// is a quarter of it.
const DefaultHighWater = 64 << 10

// NewWriter returns a Writer to dst. The Writer closes dst in the end, if dst is an
// io.Closer. NewWriter needs no loop.
func NewWriter(dst io.Writer) *Writer {
	if dst == nil {
		panic("streams: NewWriter(nil): pass what is to be written to, a Conn for example")
	}
	return &Writer{dst: dst, low: DefaultHighWater / 4, high: DefaultHighWater}
}

var (
	errClosed        = fmt.Errorf("streams: the Writer is closed: %w", net.ErrClosed)
	errEOF           = errors.New("streams: Write after WriteEOF: the end of the stream has been sent")
	errNoHalfClose   = fmt.Errorf("streams: WriteEOF to what has no CloseWrite: %w", errors.ErrUnsupported)
	errWriterStopped = errors.New("streams: the task that writes in the background has been stopped: its Write panicked, or the loop ended it by force")
)

// Write makes a Writer an io.Writer. It never suspends: it writes what the stream takes
// at once and keeps a copy of the rest, however much that is. If the stream has failed,
// now or before, Write returns the error of the stream. After Close it returns an error
// that is net.ErrClosed, and outside a loop asyncio.ErrNoRunningLoop. In Python: write.
func (w *Writer) Write(p []byte) (int, error) {
	if err := w.enter("Writer.Write"); err != nil {
		return 0, err
	}
	switch {
	case w.err != nil:
		return 0, w.look()
	case w.phase != open:
		return 0, errClosed
	case w.eof != eofNone:
		return 0, errEOF
	case len(p) == 0:
		return 0, nil
	}
	if rest := w.writeDirectly(p); len(rest) > 0 {
		w.keep(rest)
		w.start()
	}
	if w.err != nil {
		return 0, w.look()
	}
	w.pause()
	return len(p), nil
}

// Drain suspends the calling task while the Writer keeps too much: once more bytes are
// kept than the high-water mark, until they are down at the low-water mark. Otherwise it
// suspends only if the task has written so much to a Conn or a Pipe in one turn that
// other tasks must run. If ctx is canceled, Drain returns an error that is
// asyncio.ErrCanceled; the Writer goes on writing what it keeps. If the stream has
// failed, Drain returns its error, and once the Writer is closed, an error that is
// net.ErrClosed. In Python: drain.
func (w *Writer) Drain(ctx context.Context) error {
	wait, err := engine.Begin(ctx, "Writer.Drain")
	if err != nil {
		return err
	}
	wait.Loop().MustMaySuspend("Writer.Drain")
	if err := w.enter("Writer.Drain"); err != nil {
		return err
	}
	// A task that was woken does not look again: of several tasks that write much,
	// the first would always be the first again.
	switch {
	case w.paused:
		err = wait.Park(&w.drainers, labelDrain)
	case w.keeper != nil:
		err = wait.Spend() // here, because Write never suspends
	}
	if err != nil {
		return err
	}
	switch {
	case w.err != nil:
		return w.look()
	case w.phase >= aborting:
		return errClosed
	default:
		return nil
	}
}

var (
	labelDrain  = engine.NewLabel("writer drain")
	labelClosed = engine.NewLabel("writer close")
)

// ReadFrom makes a Writer an io.ReaderFrom: io.Copy to it drains after every
// piece, and waits on the scope that the calling task has opened last.
func (w *Writer) ReadFrom(src io.Reader) (n int64, err error) {
	if err := w.enter("Writer.ReadFrom"); err != nil {
		return 0, err
	}
	p := make([]byte, 32<<10)
	for {
		got, err := src.Read(p)
		if got > 0 {
			written, err := w.Write(p[:got])
			n += int64(written)
			if err != nil {
				return n, err
			}
			if err := w.Drain(w.innermost()); err != nil {
				return n, err
			}
		}
		switch err {
		case nil:
		case io.EOF:
			return n, nil
		default:
			return n, err
		}
	}
}

// innermost returns the scope that the calling task has opened last.
func (w *Writer) innermost() context.Context {
	ctx := w.loop.InnermostScope()
	if ctx == nil {
		panic("streams: Writer.ReadFrom in a callback, which cannot suspend: create a task there and copy in it")
	}
	return ctx
}

// SetWaterMarks sets at how many kept bytes Drain begins to wait, and at how many it
// stops. With a high mark of 0, Drain waits until everything is written. SetWaterMarks
// panics unless 0 <= low <= high. In Python: WriteTransport.set_write_buffer_limits.
func (w *Writer) SetWaterMarks(low, high int) {
	if low < 0 || low > high {
		panic(fmt.Sprintf("streams: Writer.SetWaterMarks(%d, %d): it has to be 0 <= low <= high", low, high))
	}
	if w == nil {
		panic("streams: Writer.SetWaterMarks of a nil Writer: make one with NewWriter")
	}
	if w.loop != nil {
		w.loop.Check("Writer.SetWaterMarks")
	}
	w.low, w.high = low, high
	w.pause()
	w.resume()
}

// WaterMarks returns the water marks. In Python: get_write_buffer_limits.
func (w *Writer) WaterMarks() (low, high int) {
	if w == nil {
		return 0, 0
	}
	return w.low, w.high
}

// Buffered returns how many bytes the stream has not taken yet. A background task
// writes them in pieces of up to 64 KiB, each of which counts until the stream has
// taken all of it. In Python: get_write_buffer_size.
func (w *Writer) Buffered() int {
	if w == nil {
		return 0
	}
	return w.size
}

// WriteEOF sends the end of the stream once everything is written: it calls CloseWrite of
// the stream. The other direction stays open. If the stream has no CloseWrite, it returns
// an error that is errors.ErrUnsupported. It does not suspend. In Python: write_eof.
func (w *Writer) WriteEOF() error {
	if err := w.enter("Writer.WriteEOF"); err != nil {
		return err
	}
	_, possible := w.dst.(closeWriter)
	switch {
	case !possible:
		return errNoHalfClose
	case w.err != nil:
		return w.look()
	case w.phase != open:
		return errClosed
	case w.eof == eofNone:
		w.eof = eofWanted
		w.start()
	}
	if w.err != nil {
		return w.look()
	}
	return nil
}

type closeWriter interface{ CloseWrite() error }

// Close closes the stream once everything is written; WaitClosed waits for
// that. It does not suspend. If nothing is kept, the stream is closed when Close returns;
// the error is that of closing the stream, or the one with which the stream had failed. A
// second Close does nothing. In Python: close.
func (w *Writer) Close() error { return w.end("Writer.Close", closing) }

// Abort is Close without writing what is kept. In Python:
// WriteTransport.abort.
func (w *Writer) Abort() error { return w.end("Writer.Abort", aborting) }

// IsClosing reports whether Close or Abort was called. In Python: is_closing.
func (w *Writer) IsClosing() bool { return w != nil && w.phase != open }

// WaitClosed suspends the calling task until the stream is closed, or has
// failed. It returns the error of the stream: nil means that everything was
// written, or that Abort was called. If ctx is canceled, it returns an error
// that is asyncio.ErrCanceled, and the closing goes on. In Python:
// wait_closed.
func (w *Writer) WaitClosed(ctx context.Context) error {
	wait, err := engine.Begin(ctx, "Writer.WaitClosed")
	if err != nil {
		return err
	}
	if err := w.enter("Writer.WaitClosed"); err != nil {
		return err
	}
	for w.phase != closed && (w.err == nil || w.phase != open) {
		if err := wait.Park(&w.closers, labelClosed); err != nil {
			return err
		}
	}
	return w.look()
}

func (w *Writer) made() bool { return w != nil && w.dst != nil }

// enter binds the Writer to its loop, which has to run here.
func (w *Writer) enter(op string) error {
	if !w.made() {
		return os.ErrInvalid
	}
	if w.loop == nil {
		l := engine.RunningHere()
		if l == nil {
			return engine.ErrNoRunningLoop
		}
		w.loop = l
		w.failed.Init(l)
		w.direct = directTo(w.dst, l)
		w.keeper = keeperOf(w.dst, l)
	}
	w.loop.Check(op)
	if !w.loop.Running() {
		return engine.ErrNoRunningLoop
	}
	return nil
}

// look returns the error of the stream, and marks it as looked at, so that it is not
// reported.
func (w *Writer) look() error {
	w.failed.Look()
	return w.err
}
