package asynciotest

import (
	"context"
	"io"
	"os"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A direction of a pipe is a buffer that one end writes and the other reads.
// For the loop only.
type direction struct {
	buf     []byte
	written bool // nothing more will be written
	unread  bool // nothing more will be read
	busy    bool // one writer is in the middle of its bytes
	readers conn.Line
	writers conn.Line
}

// pipeBuffer is how many bytes may wait in a direction: 64 KiB, as in a socket.
const pipeBuffer = 64 << 10

var (
	labelRead  = engine.NewLabel("pipe read")
	labelWrite = engine.NewLabel("pipe write")
)

func (d *direction) read(ctx context.Context, b []byte, end *pipeEndpoint) (int, error) {
	if err := engine.SpendOn(ctx, "Conn.Read"); err != nil {
		return 0, err
	}
	for {
		w, err := engine.Begin(ctx, "Conn.Read")
		switch {
		case err != nil:
			return 0, err
		case end.closed:
			return 0, io.ErrClosedPipe
		case d.readers.Passed():
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case len(d.buf) > 0:
			n := d.take(b)
			end.loop.Moved(n)
			return n, nil
		case d.written:
			return 0, io.EOF
		}
		if err := w.Park(&d.readers.Waiters, labelRead); err != nil {
			return 0, err
		}
	}
}

func (d *direction) take(b []byte) int {
	n := copy(b, d.buf)
	d.buf = d.buf[n:]
	d.writers.WakeAll()
	return n
}

// write writes all of b, or as much as it can: the bytes of one call are not
// mixed with those of another.
func (d *direction) write(ctx context.Context, b []byte, end *pipeEndpoint) (n int, err error) {
	if err := engine.SpendOn(ctx, "Conn.Write"); err != nil {
		return 0, err
	}
	mine := false
	defer func() {
		if mine {
			d.busy = false
			d.writers.WakeAll()
		}
	}()
	for {
		w, err := engine.Begin(ctx, "Conn.Write")
		switch {
		case err != nil:
			return n, err
		case end.closed, d.unread, d.written:
			return n, io.ErrClosedPipe
		case d.writers.Passed():
			return n, os.ErrDeadlineExceeded
		case mine || !d.busy:
			mine, d.busy = true, true
			m := d.put(b[n:])
			end.loop.Moved(m)
			n += m
		}
		if n == len(b) {
			return n, nil
		}
		if err := w.Park(&d.writers.Waiters, labelWrite); err != nil {
			return n, err
		}
	}
}

func (d *direction) put(b []byte) int {
	n := min(len(b), pipeBuffer-len(d.buf))
	if n > 0 {
		d.buf = append(d.buf, b[:n]...)
		d.readers.WakeAll()
	}
	return n
}

func (d *direction) closeWrite() error {
	d.written = true
	d.wakeAll()
	return nil
}

func (d *direction) closeRead() {
	d.unread, d.buf = true, nil
	d.wakeAll()
}

func (d *direction) wakeAll() {
	d.readers.WakeAll()
	d.writers.WakeAll()
}
