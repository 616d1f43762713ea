package streams

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An inlet is what a Transport reads from: no task could wait there.
type inlet interface {
	// TryRead reads what there is, or returns an error: aio.ErrNotNow if there
	// is nothing yet. It does not return both.
	TryRead(p []byte) (int, error)
	// NotifyReadable makes an event ready once TryRead has something to say; s
	// is its place until then.
	NotifyReadable(s *engine.Subscription, e engine.Event)
	// Stop is called when no more is to be read.
	Stop()
}

// inletOf returns the inlet of a connection.
func inletOf(conn net.Conn, l *engine.Loop) inlet {
	if c, end := pollableOf(conn, l); end != nil {
		return &connInlet{end, c}
	}
	return &taskInlet{loop: l, src: conn}
}

// A connInlet reads a connection that the loop itself waits for.
type connInlet struct {
	pollable
	conn *Conn
}

func (i *connInlet) TryRead(p []byte) (int, error) {
	n, err := i.pollable.TryRead(p)
	if err != nil && err != aio.ErrNotNow {
		err = i.conn.opError("read", err)
	}
	return n, err
}

func (i *connInlet) Stop() {}

var errReaderStopped = errors.New("streams: the task that reads in the background has been stopped: its Read panicked, or the loop ended it by force")

// A taskInlet reads a connection of any kind, with a task whose Read suspends.
type taskInlet struct {
	loop    *engine.Loop
	src     io.Reader
	waiters engine.Waiters
	task    *engine.Task // it reads; nil: none does
	block   *block       // into this
	rest    []byte       // of it, what has not been returned
	err     error        // what came after that; it stays
}

func (i *taskInlet) TryRead(p []byte) (int, error) {
	switch {
	case len(i.rest) > 0:
		n := copy(p, i.rest)
		i.rest = i.rest[n:]
		i.release()
		return n, nil
	case i.err != nil:
		return 0, i.err
	default:
		return 0, aio.ErrNotNow
	}
}

func (i *taskInlet) release() {
	if len(i.rest) == 0 {
		i.block.free()
		i.block = nil
	}
}

func (i *taskInlet) NotifyReadable(s *engine.Subscription, e engine.Event) {
	s.Init(i.loop, e)
	if len(i.rest) > 0 || i.err != nil {
		i.loop.Push(e)
		return
	}
	i.waiters.Add(&s.Waiter)
	if i.task == nil {
		i.task = new(engine.Task)
		i.task.Create(i.loop, context.Background(), (*inletBody)(i), engine.Options{Name: "streams.Transport"})
		i.task.StartNow()
	}
}

// inletBody is one Read as the engine runs it.
type inletBody taskInlet

func (b *inletBody) Run(context.Context) error {
	i := (*taskInlet)(b)
	i.block, i.err = newBlock(), errReaderStopped
	defer func() {
		i.task = nil
		i.waiters.WakeAll()
	}()
	p := i.block.bytes[:cap(i.block.bytes)]
	n, err := i.src.Read(p)
	i.rest, i.err = p[:n], err
	i.release()
	return nil
}

func (i *taskInlet) Stop() {
	if i.task != nil {
		i.task.Cancel(nil)
	}
}
