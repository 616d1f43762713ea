package streams

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A transportReader is what a Transport reads from. It never suspends, because callbacks
// cannot wait.
type transportReader interface {
	// TryRead reads what there is, or returns an error: conn.ErrWouldBlock if there
	// is nothing yet. It does not return both.
	TryRead(p []byte) (int, error)
	// NotifyReadable makes an event ready once TryRead would return bytes or an error; s
	// is the place of the event among those who wait.
	NotifyReadable(s *engine.Subscription, e engine.Event)
	// Stop is called when no more is to be read.
	Stop()
}

// newTransportReader returns what reads a connection.
func newTransportReader(c net.Conn, l *engine.Loop) transportReader {
	if own, end := pollableOf(c, l); end != nil {
		return &connReader{end, own}
	}
	return &taskReader{loop: l, src: c}
}

// A connReader reads a connection that the loop itself waits for.
type connReader struct {
	pollable
	conn *Conn
}

func (r *connReader) TryRead(p []byte) (int, error) {
	n, err := r.pollable.TryRead(p)
	if err != nil && err != conn.ErrWouldBlock {
		err = r.conn.h.opError("read", err)
	}
	return n, err
}

func (r *connReader) Stop() {}

var errReaderStopped = errors.New("streams: the task that reads in the background has been stopped: its Read panicked, or the loop ended it by force")

// A taskReader reads a connection of any kind, with a task whose Read suspends.
type taskReader struct {
	loop    *engine.Loop
	src     io.Reader
	waiters engine.Waiters
	task    *engine.Task // it reads; nil: none does
	block   *block       // into this
	rest    []byte       // of it, what has not been returned
	err     error        // what came after that; it stays
}

func (r *taskReader) TryRead(p []byte) (int, error) {
	switch {
	case len(r.rest) > 0:
		n := copy(p, r.rest)
		r.rest = r.rest[n:]
		r.release()
		return n, nil
	case r.err != nil:
		return 0, r.err
	default:
		return 0, conn.ErrWouldBlock
	}
}

func (r *taskReader) release() {
	if len(r.rest) == 0 {
		r.block.free()
		r.block = nil
	}
}

func (r *taskReader) NotifyReadable(s *engine.Subscription, e engine.Event) {
	s.Init(r.loop, e)
	if len(r.rest) > 0 || r.err != nil {
		s.Notify()
		return
	}
	r.waiters.Add(&s.Waiter)
	if r.task == nil {
		r.task = new(engine.Task)
		r.task.Create(r.loop, context.Background(), (*readerTask)(r), "streams.Transport")
		r.task.StartNow()
	}
}

// A readerTask is one Read as the engine runs it.
type readerTask taskReader

func (b *readerTask) Run(context.Context) error {
	r := (*taskReader)(b)
	r.block, r.err = newBlock(), errReaderStopped
	defer func() {
		r.task = nil
		r.waiters.WakeAll()
	}()
	p := r.block.bytes[:cap(r.block.bytes)]
	n, err := r.src.Read(p)
	r.rest, r.err = p[:n], err
	r.release()
	return nil
}

func (r *taskReader) Stop() {
	if r.task != nil {
		r.task.Cancel(nil)
	}
}
