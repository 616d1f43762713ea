package streams

import (
	"context"
	"syscall"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file is about how a Writer writes to a Conn without a background task. Write and
// Close try the Conn at once. An event writes the rest, when the loop finds that the Conn
// can take more.

// A pollable is a Stream that the loop itself waits for; see conn.FD.
type pollable interface {
	SendFile(ctx context.Context, file syscall.RawConn, limit int64) (n int64, done bool, err error)
	TryRead(p []byte) (int, error)
	NotifyReadable(s *engine.Subscription, e engine.Event)
	TryWrite(p []byte) (int, error)
	NotifyWritable(s *engine.Subscription, e engine.Event)
	TakeTurn() bool
	EndTurn()
}

// pollableOf returns the pollable endpoint of a connection of the loop; nil if it
// has none, or if it waits on a context that WithContext has bound.
func pollableOf(conn any, l *engine.Loop) (*Conn, pollable) {
	c, ok := conn.(*Conn)
	if !ok || !c.ok() || c.bound != nil || c.h.Owner.Core() != l {
		return nil, nil
	}
	end, _ := c.h.End.(pollable)
	return c, end
}

// direct is how a Writer writes without a task.
type direct struct {
	conn  *Conn
	end   pollable
	place engine.Subscription
	waits bool // the event will come
	turn  bool // to write is ours, as long as something is kept
	runs  bool // startDirect runs
}

func directTo(dst any, l *engine.Loop) *direct {
	conn, end := pollableOf(dst, l)
	if end == nil {
		return nil
	}
	return &direct{conn: conn, end: end}
}

// writeDirectly writes what the stream takes at once, if nothing is kept, and
// returns the rest.
func (w *Writer) writeDirectly(p []byte) (rest []byte) {
	d := w.direct
	if d == nil || w.kept != nil || w.worker != nil || !d.end.TakeTurn() {
		return p
	}
	n, err := d.end.TryWrite(p)
	if err != nil {
		d.end.EndTurn()
		w.fail(d.conn.h.opError("write", err))
		return nil
	}
	if n == len(p) {
		d.end.EndTurn()
	} else {
		d.turn = true
	}
	return p[n:]
}

// startDirect does what there is to do, as far as that is possible now. It returns false
// if a task has to do it, because another task is in the middle of a Write to the Conn,
// and only a task can wait until that Write ends.
func (w *Writer) startDirect() bool {
	d := w.direct
	switch {
	case d == nil:
		return false
	case d.runs, d.waits:
		return true
	case w.kept != nil && !d.turn && !d.end.TakeTurn():
		return false
	}
	d.turn = w.kept != nil
	d.runs = true
	for w.step(w.writeKept) {
	}
	d.runs = false
	return true
}

// writeKept writes what the stream takes of what is kept. If that is not all,
// it goes on when the event comes.
func (w *Writer) writeKept() bool {
	d, b := w.direct, w.kept
	n, err := d.end.TryWrite(b.bytes[b.done:])
	w.resize(-n)
	b.done += n
	switch {
	case err != nil:
		w.fail(d.conn.h.opError("write", err))
	case w.size > 0:
		w.awaitWritable()
		w.resume()
		return false
	default:
		w.kept = nil
		b.free()
		w.endDirect()
		w.noteWork()
		w.resume()
	}
	return true
}

// awaitWritable asks for the event.
func (w *Writer) awaitWritable() {
	w.direct.waits = true
	w.direct.end.NotifyWritable(&w.direct.place, (*writable)(w))
	w.loop.AtEnd((*writable)(w))
}

// stopAwaiting prevents the event, even if it is ready.
func (w *Writer) stopAwaiting() {
	if d := w.direct; d.waits {
		d.waits = false
		d.place.Remove()
		w.loop.NotAtEnd((*writable)(w))
	}
}

// endDirect gives back the turn to write when nothing is kept any more.
func (w *Writer) endDirect() {
	d := w.direct
	if d == nil {
		return
	}
	w.stopAwaiting()
	if d.turn {
		d.turn = false
		d.end.EndTurn()
	}
}

// writable is the event that the stream may take more.
type writable Writer

func (e *writable) Fire() {
	w := (*Writer)(e)
	w.stopAwaiting()
	w.start()
}

// Origin tells observers what woke a task.
func (e *writable) Origin() engine.Ref { return engine.Ref{Label: originWriter} }

var originWriter = engine.NewLabel("writer")

// LoopClosed makes it an engine.Ending. The event will not come any more, so what is
// kept is lost.
func (e *writable) LoopClosed() {
	w := (*Writer)(e)
	w.direct.waits = false
	w.err = w.endedEarly(asyncio.ErrLoopClosed)
	w.direct.conn.h.Owner.Loop().CallExceptionHandler(asyncio.ExceptionContext{Message: "what was written is lost", Err: w.err})
}
