package streams

import (
	"context"
	"io"
	"sync"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file is what a Writer does in the background. The work begins eagerly, inside the
// call of Write or Close. So the bytes that can be written at once are written when the
// call returns, whatever happens to the loop after that; and a task that has begun always
// closes the stream if it is to be closed.

// A block holds what a Writer keeps. A Writer that keeps nothing has none.
type block struct {
	bytes []byte
	done  int // how much of it is written
}

// blockSize is the size up to which blocks are used again.
const blockSize = 64 << 10

var blocks = sync.Pool{New: func() any { return &block{bytes: make([]byte, 0, blockSize/16)} }}

func newBlock() *block { return blocks.Get().(*block) }

func (b *block) free() {
	if cap(b.bytes) <= blockSize {
		b.bytes, b.done = b.bytes[:0], 0
		blocks.Put(b)
	}
}

func (w *Writer) keep(p []byte) {
	if w.kept == nil {
		w.kept = newBlock()
	}
	w.kept.add(p)
	w.resize(len(p))
	w.noteWork()
}

// add appends p. If a large part at the front is written already, it first drops that
// part: a block that is never empty must not grow for ever.
func (b *block) add(p []byte) {
	if b.done >= len(b.bytes)/2 {
		b.bytes = b.bytes[:copy(b.bytes, b.bytes[b.done:])]
		b.done = 0
	}
	b.bytes = append(b.bytes, p...)
}

// drop drops what is kept, and wakes those who wait for it.
func (w *Writer) drop() {
	if w.kept != nil {
		w.kept.free()
		w.kept = nil
	}
	w.resize(-w.size)
	w.paused = false
	w.drainers.WakeAll()
	w.endDirect()
	w.noteWork()
}

// pause notes that too much is kept, if that is so.
func (w *Writer) pause() {
	if !w.paused && w.size > w.high {
		w.paused = true
		if w.flow != nil {
			w.flow.above()
		}
	}
}

// resume wakes those who wait until little is kept, if that is so.
func (w *Writer) resume() {
	if w.paused && w.size <= w.low {
		w.paused = false
		w.drainers.WakeAll()
		if w.flow != nil {
			w.flow.below()
		}
	}
}

// start begins to work in the background, unless that goes on already.
func (w *Writer) start() {
	if w.worker == nil && !w.startDirect() {
		w.newWorker().StartNow()
	}
}

func (w *Writer) newWorker() *engine.Task {
	w.worker = new(engine.Task)
	w.worker.Create(w.loop, context.Background(), (*writerBody)(w), "streams.Writer")
	w.noteWork()
	return w.worker
}

// writerBody is the background of a Writer as the engine runs it.
type writerBody Writer

func (b *writerBody) Run(ctx context.Context) error {
	w := (*Writer)(b)
	over := false
	defer func() {
		if !over {
			w.stopped()
		}
	}()
	for w.step(func() bool { return w.writeOut(ctx) }) {
	}
	w.worker, over = nil, true
	w.noteWork()
	return nil
}

// step does what is to be done next, and reports whether there may be more to do
// now. It calls writeKept to write what is kept.
func (w *Writer) step(writeKept func() bool) bool {
	switch {
	case w.kept != nil:
		return writeKept()
	case w.eof == eofWanted && w.err == nil && w.phase <= closing:
		w.eof = eofSent
		if err := w.dst.(closeWriter).CloseWrite(); w.phase != aborting {
			w.fail(err)
		}
	case w.phase == closing, w.phase == aborting:
		w.shut()
	default:
		return false
	}
	return true
}

// writeOut writes what is kept at this moment, in the task.
func (w *Writer) writeOut(ctx context.Context) bool {
	b := w.kept
	w.kept = nil
	defer b.free()
	for rest := b.bytes; len(rest) > 0; {
		piece := rest[:min(len(rest), blockSize)]
		n, err := w.dst.Write(piece)
		if w.phase == aborting || w.err != nil {
			break // nothing is kept any more, and an error comes from ending the Writer
		}
		w.resize(-n)
		rest = rest[n:]
		switch {
		case err != nil && ctx.Err() != nil:
			err = w.endedEarly(err)
		case err == nil && n < len(piece):
			err = io.ErrShortWrite
		}
		if err != nil {
			w.fail(err)
			break
		}
		w.resume()
	}
	return true
}

func (w *Writer) endedEarly(err error) error {
	return &UnwrittenError{w.size, err, loopEnded}
}

// fail records the error of the stream. Only the first one counts: later ones are
// its consequences.
func (w *Writer) fail(err error) {
	if err == nil || w.err != nil {
		return
	}
	heard := w.tellLost(err)
	w.err = w.withLoss(err)
	if w.loop != nil {
		w.failed.Complete(w.err)
	}
	if heard {
		w.failed.Look()
	}
	w.drop()
	w.closers.WakeAll()
	if w.flow != nil {
		w.flow.failed(w.err)
	}
}

// shut closes the stream.
func (w *Writer) shut() {
	aborted := w.phase == aborting
	w.phase = shutting
	if c, ok := w.dst.(io.Closer); ok {
		if err := c.Close(); !aborted {
			w.fail(err)
		}
	}
	w.isClosed()
}

func (w *Writer) isClosed() {
	w.phase = closed
	w.closers.WakeAll()
	if w.flow != nil {
		w.flow.closed()
	}
}

// stopped is called when the task has not come to its end, because dst has
// panicked or because the task was ended by force.
func (w *Writer) stopped() {
	w.fail(errWriterStopped)
	w.worker = nil
	w.noteWork()
	switch w.phase {
	case closing, aborting:
		w.newWorker().Start() // to close it
	case shutting:
		w.isClosed()
	}
}

// end closes the Writer. how says whether it writes first what it keeps.
func (w *Writer) end(op string, how phase) error {
	err := w.enter(op)
	if !w.made() {
		return err
	}
	if w.phase >= how {
		return w.look()
	}
	w.phase = how
	if how == aborting {
		w.drop()
		if w.worker != nil {
			w.worker.Cancel(nil)
		}
	}
	switch {
	case err == nil:
		w.start()
	case w.worker == nil:
		w.shut() // the loop has ended, and what was kept has failed, or there never was one
	}
	return w.look()
}
