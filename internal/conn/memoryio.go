package conn

import (
	"context"
	"io"
	"net"
	"os"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// check returns the error with which an operation on a line must fail; nil if there is
// none.
func (s *MemoryStream) check(line *Line) error {
	switch {
	case s.closed:
		return s.whyClosed()
	case line.passed:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

// begin begins an operation that may suspend.
func (s *MemoryStream) begin(ctx context.Context, line *Line, op string) (*engine.Wait, error) {
	w, err := engine.Begin(ctx, op)
	if err != nil {
		return nil, err
	}
	w.Loop().MustMaySuspend(op)
	if err := w.Spend(); err != nil {
		return nil, err
	}
	return w, s.check(line)
}

// park suspends the task until the operation is worth another try.
func (s *MemoryStream) park(w *engine.Wait, line *Line, why engine.Reason) error {
	if err := w.Park(&line.Waiters, why); err != nil {
		return err
	}
	return s.check(line)
}

// Read reads what there is, and waits while there is nothing. At the end it returns
// io.EOF. An empty p returns at once.
func (s *MemoryStream) Read(ctx context.Context, p []byte) (int, error) {
	w, err := s.begin(ctx, &s.in.readers, "Conn.Read")
	switch {
	case err != nil:
		return 0, err
	case len(p) == 0:
		return 0, nil
	case !s.pipe && !s.in.readers.Empty():
		return 0, ErrBusy
	}
	for {
		if n, err := s.readNow(p); err != ErrWouldBlock {
			return n, err
		}
		if err := s.park(w, &s.in.readers, s.readReason()); err != nil {
			return 0, err
		}
	}
}

// readNow reads once, or returns ErrWouldBlock. The order is that of Linux: first what
// has come, even before a reset, and then the end, if that has come.
func (s *MemoryStream) readNow(p []byte) (int, error) {
	switch {
	case s.in.waiting() > 0:
		n := s.in.take(p)
		s.loop.Moved(n)
		return n, nil
	case s.in.ended:
		return 0, io.EOF
	case s.fault != nil:
		return 0, s.takeFault("read")
	case s.dead, s.deaf:
		return 0, io.EOF
	default:
		return 0, ErrWouldBlock
	}
}

// Write writes all of p, and waits while the other end is slow. The bytes of two tasks
// are not mixed: one waits for the other, first come, first served.
func (s *MemoryStream) Write(ctx context.Context, p []byte) (int, error) {
	w, err := s.beginWrite(ctx, "Conn.Write")
	if err != nil {
		return 0, err
	}
	defer s.turn.end()
	return s.writeAll(w, p)
}

// WriteBuffers writes several parts as Write does, and removes from v what it has
// written.
func (s *MemoryStream) WriteBuffers(ctx context.Context, v *net.Buffers) (n int64, err error) {
	w, err := s.beginWrite(ctx, "Conn.WriteBuffers")
	if err != nil {
		return 0, err
	}
	defer s.turn.end()
	for skipEmpty(v); len(*v) > 0 && err == nil; skipEmpty(v) {
		var m int
		m, err = s.writeAll(w, (*v)[0])
		n += int64(m)
		consume(v, m)
	}
	return n, err
}

// beginWrite begins a write when those that began before it have ended.
func (s *MemoryStream) beginWrite(ctx context.Context, op string) (*engine.Wait, error) {
	w, err := s.begin(ctx, &s.out.writers, op)
	if err != nil {
		return nil, err
	}
	if err := s.turn.take(w, s.writeReason()); err != nil {
		return nil, err
	}
	if err := s.check(&s.out.writers); err != nil {
		s.turn.end()
		return nil, err
	}
	return w, nil
}

func (s *MemoryStream) writeAll(w *engine.Wait, p []byte) (n int, err error) {
	for {
		m, err := s.writeNow(p[n:])
		if n += m; err != nil || n == len(p) {
			return n, err
		}
		if err := s.park(w, &s.out.writers, s.writeReason()); err != nil {
			return n, err
		}
	}
}

// writeNow writes what there is room for.
func (s *MemoryStream) writeNow(p []byte) (n int, err error) {
	switch {
	case s.fault != nil:
		return 0, s.takeFault("write")
	case s.dead, s.out.shut, (s.pipe || s.unix) && s.peer.closed:
		return 0, brokenPipe()
	case len(p) > 0 && s.out.line == nil && s.peer.closed: // whose system answers that no one is there any more
		s.reset(nil)
		n = len(p)
	default:
		n = s.out.put(p)
	}
	s.loop.Moved(n)
	return n, nil
}
