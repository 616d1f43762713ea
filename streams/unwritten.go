package streams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An UnwrittenError says that bytes which a Writer had accepted are lost, because the
// stream was closed or failed, or the loop ended, before they were written. It is
// returned by Close of a Conn or a Pipe, by CloseTLS, and by the methods of a Writer
// whose stream was closed. Serve reports it as an error of the handler.
type UnwrittenError struct {
	Bytes int   // how many are lost
	Err   error // why
	what  string
}

func (e *UnwrittenError) Error() string {
	return fmt.Sprintf("streams: %s before a Writer had written the last %d bytes: %v", cmp.Or(e.what, streamFailed), e.Bytes, e.Err)
}

// Unwrap returns why.
func (e *UnwrittenError) Unwrap() error { return e.Err }

// What may happen before a Writer has written everything.
const (
	streamFailed = "the stream failed"
	streamClosed = "the stream was closed"
	loopEnded    = "the loop ended"
	timeWasUp    = "the time was up"
	waitWasCut   = "the wait was canceled"
)

// errClosedUnder is the reason in the error of Close. It is not net.ErrClosed, because
// from Close that means that the stream was closed already.
var errClosedUnder = errors.New("close the Writer, and wait with WaitClosed")

// unwritten is what a stream knows of the Writers on it. A function that closes the
// stream uses it to wait for the bytes that the Writers keep, or to say how much is lost.
type unwritten struct {
	size    atomic.Int64   // of all that they keep, in bytes; any goroutine may look
	writers []*Writer      // those at work
	idle    engine.Waiters // those who wait until no Writer is at work
	ending  bool           // someone waits for the Writers, and will be told what is lost
	lost    error          // what is lost so far
}

// A keeper is the part of a stream that holds its unwritten. The first Writer that has to
// keep something makes the unwritten; most streams never need it.
type keeper struct{ made atomic.Pointer[unwritten] }

// unwritten is for the loop.
func (k *keeper) unwritten() *unwritten {
	if k.made.Load() == nil {
		k.made.Store(new(unwritten))
	}
	return k.made.Load()
}

// kept returns how many bytes Writers keep for the stream. Any goroutine may
// call it.
func (k *keeper) kept() int {
	if u := k.made.Load(); u != nil {
		return int(u.size.Load())
	}
	return 0
}

// closing calls end, which closes the stream now or in a moment. If end returns no error,
// but Writers keep something, closing returns an error that says how much is lost.
func (k *keeper) closing(end func() error) error {
	lost := k.kept()
	err := end()
	if err == nil && lost > 0 {
		err = &UnwrittenError{lost, errClosedUnder, streamClosed}
	}
	return err
}

// keeperOf returns the keeper of the stream that dst is, or that a tls.Conn leads
// to; nil if that is not a stream of the loop.
func keeperOf(dst io.Writer, l *engine.Loop) *keeper {
	switch dst := dst.(type) {
	case *Pipe:
		if dst.ok() && dst.h.Owner.Core() == l {
			return &dst.h.keeper
		}
	case net.Conn:
		if own := beneath(dst, func(net.Conn) {}); own != nil && own.h.Owner.Core() == l {
			return &own.h.lowest().keeper
		}
	}
	return nil
}

// lowest returns the handle of the connection beneath TLS: whichever of the layers is
// closed, this one is closed in the end.
func (h *connHandle) lowest() *connHandle {
	for h.below != nil {
		h = h.below
	}
	return h
}

var labelUnwritten = engine.NewLabel("what is kept is written")

// isBusy reports whether anything is still to be written, or may be when the
// connection is closed: a goodbye of TLS.
func (h *connHandle) isBusy() bool {
	if _, ok := h.End.(*bufferedStream); ok {
		return true
	}
	u := h.made.Load()
	return u != nil && len(u.writers) > 0
}

// awaitWritten suspends the task until the Writers on the stream have written what
// they keep, or have failed. At the time given (the zero time is never), or if ctx
// is canceled, they give up. The error says what was lost.
func (k *keeper) awaitWritten(ctx context.Context, until time.Time) error {
	u := k.made.Load()
	if u == nil || len(u.writers) == 0 {
		return nil
	}
	u.ending = true
	err := asyncio.WithTimeoutAt(ctx, until, u.awaitIdle)
	for _, w := range slices.Clone(u.writers) {
		w.giveUp(err)
	}
	lost := u.lost
	u.ending, u.lost = false, nil
	return lost
}

// awaitWritten calls keeper.awaitWritten in a task of the loop; elsewhere it does
// nothing.
func (c *Conn) awaitWritten(ctx context.Context) error {
	if !c.h.Owner.Core().OnLoop() {
		return nil
	}
	return c.h.opError("write", c.h.lowest().awaitWritten(ctx, time.Time{}))
}

func (u *unwritten) awaitIdle(ctx context.Context) error {
	wait, err := engine.Begin(ctx, "waiting for what Writers keep")
	for err == nil && len(u.writers) > 0 {
		err = wait.Park(&u.idle, labelUnwritten)
	}
	return err
}

// resize changes how many bytes a Writer keeps.
func (w *Writer) resize(by int) {
	w.size += by
	if w.keeper != nil && by != 0 {
		w.keeper.unwritten().size.Add(int64(by))
	}
}

// noteWork adds the Writer to those at work on its stream, or removes it.
func (w *Writer) noteWork() {
	working := w.kept != nil || w.worker != nil
	if w.keeper == nil || working == w.listed {
		return
	}
	u := w.keeper.unwritten()
	w.listed = working
	if working {
		u.writers = append(u.writers, w)
		return
	}
	i := slices.Index(u.writers, w)
	if u.writers = slices.Delete(u.writers, i, i+1); len(u.writers) == 0 {
		u.idle.WakeAll()
	}
}

// tellLost tells the tasks that wait for the Writers what this one loses by an error. It
// reports whether any task waits.
func (w *Writer) tellLost(err error) bool {
	if w.size == 0 || w.keeper == nil || !w.keeper.unwritten().ending {
		return false
	}
	what := streamFailed
	switch {
	case errors.Is(err, asyncio.ErrTimeout):
		what = timeWasUp
	case errors.Is(err, asyncio.ErrCanceled):
		what = waitWasCut
	}
	u := w.keeper.unwritten()
	if _, said := err.(*UnwrittenError); !said {
		err = &UnwrittenError{w.size, err, what}
	}
	u.lost = errors.Join(u.lost, err)
	return true
}

// withLoss returns the error that a Writer has from now on. If its stream was
// closed, the error also says how much is lost.
func (w *Writer) withLoss(err error) error {
	isClosed := errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrClosed) // the error of a Pipe
	if w.size > 0 && isClosed {
		return &UnwrittenError{w.size, err, streamClosed}
	}
	return err
}

// giveUp ends a Writer that keeps something, with an error.
func (w *Writer) giveUp(err error) {
	if w.size == 0 {
		return
	}
	w.fail(err)
	if w.phase != open {
		w.start() // to close it
	}
}
