package streams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An UnwrittenError says that bytes which a Writer had taken were not written,
// and are lost: the stream was closed or failed, or the loop ended, before the
// other side had taken them. Conn.Close and Pipe.Close return it, the methods of
// a Writer whose stream was closed do, and it is what Serve reports of a handler.
type UnwrittenError struct {
	Bytes int   // so many were lost
	Err   error // why
	what  string
}

func (e *UnwrittenError) Error() string {
	return fmt.Sprintf("streams: %s before a Writer had written the last %d bytes: %v", cmp.Or(e.what, streamFailed), e.Bytes, e.Err)
}

// Unwrap returns why.
func (e *UnwrittenError) Unwrap() error { return e.Err }

// What happens before a Writer has written everything.
const (
	streamFailed = "the stream failed"
	streamClosed = "the stream was closed"
	loopEnded    = "the loop ended"
	timeWasUp    = "the time was up"
	waitWasCut   = "the wait was canceled"
)

// errClosedUnder is not net.ErrClosed: from Close, that means that there was
// nothing to do.
var errClosedUnder = errors.New("close the Writer, and wait with WaitClosed")

// unwritten is what a stream knows of the Writers on it: so whoever closes it
// can wait for what they keep, or say how much is lost.
type unwritten struct {
	size    atomic.Int64   // of all that they keep; any goroutine may look
	writers []*Writer      // that are at work
	idle    engine.Waiters // who waits until none is
	ending  bool           // someone waits, who is to hear what is lost
	lost    error          // what that is
}

// A keeper has an unwritten, which the first Writer on it makes that has to
// keep something: most streams never have one.
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

// closing calls a function that closes the stream. If Writers keep something,
// and there is no other error, it returns one that says how much that was: the
// function may be one that closes the stream a moment later.
func (k *keeper) closing(end func() error) error {
	lost := k.kept()
	err := end()
	if err == nil && lost > 0 {
		err = &UnwrittenError{lost, errClosedUnder, streamClosed}
	}
	return err
}

// keeperOf returns the keeper of what a Writer to dst writes to in the end; nil
// if that is no stream of the loop's.
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

// lowest returns the handle of the connection at the bottom of one that speaks
// TLS: whichever of them is closed, that one is.
func (h *connHandle) lowest() *connHandle {
	for h.below != nil {
		h = h.below
	}
	return h
}

const labelUnwritten = engine.Label("what is kept is written")

// isBusy reports whether anything is still to be written before the connection
// is closed, or may be by then.
func (h *connHandle) isBusy() bool {
	if _, ok := h.End.(*bufferedStream); ok {
		return true
	}
	u := h.made.Load()
	return u != nil && len(u.writers) > 0
}

// awaitWritten suspends the task until what Writers keep for the stream is
// written, or has failed. When the time is up, or ctx is canceled, they give up;
// the zero time is never. The error says what was lost.
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

// awaitWritten is that of the keeper, for tasks of the loop.
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

// resize notes that a Writer keeps more, or less.
func (w *Writer) resize(by int) {
	w.size += by
	if w.keeper != nil && by != 0 {
		w.keeper.unwritten().size.Add(int64(by))
	}
}

// noteWork keeps the list of the Writers that are at work.
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

// tellLost tells whoever waits for the Writers what this one loses by an error,
// and reports whether there is someone who hears it.
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

// withLoss returns the error that a Writer has from then on: one that says that
// the stream was closed under it says how much is lost as well.
func (w *Writer) withLoss(err error) error {
	if w.size > 0 && errors.Is(err, net.ErrClosed) {
		return &UnwrittenError{w.size, err, streamClosed}
	}
	return err
}

// giveUp drops what is kept because of an error.
func (w *Writer) giveUp(err error) {
	if w.size == 0 {
		return
	}
	w.fail(err)
	if w.phase != open {
		w.start() // to close it
	}
}
