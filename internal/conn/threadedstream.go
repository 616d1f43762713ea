package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A ThreadedStream is a Stream on a connection whose calls block. Loop only.
type ThreadedStream struct {
	Threaded[int]
	conn io.ReadWriteCloser

	reading bool        // a task waits for the goroutine that reads
	input   []byte      // what is read into
	rest    []byte      // of it, what has not been returned
	restErr error       // what came with that
	ended   atomic.Bool // the input is, by endInput. The goroutine that reads looks at it.

	output []byte // what is being written
}

// threadedBuffer is how much is read or written at once, and so the memory that
// each direction of a connection takes.
const threadedBuffer = 32 << 10

// NewThreadedStream gives conn, which may block, to the loop. The end of the loop
// closes it if nothing has before.
func NewThreadedStream(l *engine.Loop, conn io.ReadWriteCloser) *ThreadedStream {
	s := &ThreadedStream{conn: conn}
	s.Init(l, conn)
	return s
}

// TCPOptions makes a ThreadedStream a Stream.
func (s *ThreadedStream) TCPOptions() TCPOptions {
	o, _ := s.conn.(TCPOptions)
	return o
}

// CloseRead shuts down the reading side.
func (s *ThreadedStream) CloseRead() error {
	if c, ok := s.conn.(interface{ CloseRead() error }); ok {
		s.endInput()
		return WithoutOpError(c.CloseRead())
	}
	return errors.ErrUnsupported
}

// CloseWrite shuts down the writing side.
func (s *ThreadedStream) CloseWrite() error {
	if c, ok := s.conn.(interface{ CloseWrite() error }); ok {
		return WithoutOpError(c.CloseWrite())
	}
	return errors.ErrUnsupported
}

// endInput makes reads return io.EOF, including one that is waiting, after what
// was read before. It is called before the reading side is shut down: what a read returns
// then differs between systems, and a read that is waiting may not notice.
func (s *ThreadedStream) endInput() {
	s.ended.Store(true)
	if !s.in.line.Empty() {
		s.in.keep(0, io.EOF)
	}
}

// Read is like that of an FD. If the wait is cut, the read goes on, and the next
// Read gets its bytes.
func (s *ThreadedStream) Read(ctx context.Context, p []byte) (int, error) {
	w, err := s.in.begin(ctx, "Conn.Read") // it may give way to another task that reads
	switch {
	case err != nil:
		return 0, err
	case len(p) == 0:
		return 0, nil
	case s.reading: // also if it has been woken: what the others took would be read over
		return 0, ErrBusy
	case len(s.rest) > 0 || s.restErr != nil:
		return s.takeRest(p)
	case s.ended.Load() && !s.in.kept:
		return 0, io.EOF
	}
	s.reading = true
	defer func() { s.reading = false }()
	n, err := s.in.call(w, labelRead, s.fill(len(p)))
	if err = WithoutOpError(err); err != nil && n == 0 {
		return 0, err
	}
	s.rest, s.restErr = s.input[:n], err
	return s.takeRest(p)
}

// fill returns the call that reads up to n bytes into the buffer.
func (s *ThreadedStream) fill(n int) func() (int, error) {
	return func() (int, error) {
		if n = min(n, threadedBuffer); cap(s.input) < n {
			s.input = make([]byte, n)
		}
		n, err := s.conn.Read(s.input[:n])
		if err != nil && s.ended.Load() {
			err = io.EOF
		}
		return n, err
	}
}

func (s *ThreadedStream) takeRest(p []byte) (int, error) {
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	if n > 0 {
		return n, nil
	}
	err := s.restErr
	s.restErr = nil
	return 0, err
}

// Write is like that of an FD. What the goroutine has been given when the wait is
// cut counts as written.
func (s *ThreadedStream) Write(ctx context.Context, p []byte) (int, error) {
	n, err := s.WriteBuffers(ctx, &net.Buffers{p})
	return int(n), err
}

// WriteBuffers is like that of an FD.
func (s *ThreadedStream) WriteBuffers(ctx context.Context, v *net.Buffers) (n int64, err error) {
	w, err := s.beginWrite(ctx, "Conn.Write")
	if err != nil {
		return 0, err
	}
	defer s.turn.end()
	if _, err := s.flush(w); err != nil { // of an earlier write, which was cut
		return 0, err
	}
	for {
		skipEmpty(v)
		if len(*v) == 0 {
			return n, nil
		}
		m := s.put((*v)[0])
		consume(v, m)
		failed, err := s.flush(w)
		n += int64(m - failed)
		if err != nil {
			return n, err
		}
	}
}

// flush waits until the goroutine has written its output, and returns how many
// bytes it could not write.
func (s *ThreadedStream) flush(w *engine.Wait) (failed int, err error) {
	for {
		if err := s.out.check(); err != nil {
			return 0, err
		}
		if s.out.kept {
			m, err := s.out.take()
			failed = len(s.output) - m
			return failed, WithoutOpError(err)
		}
		if !s.out.running {
			return 0, nil
		}
		if err := s.out.park(w, labelWrite); err != nil {
			return 0, err
		}
	}
}

// put gives the goroutine as much of p as its buffer takes, and returns how much
// that is.
func (s *ThreadedStream) put(p []byte) int {
	p = p[:min(len(p), threadedBuffer)]
	s.output = append(s.output[:0], p...)
	s.out.start(func() (int, error) { return s.conn.Write(s.output) })
	return len(p)
}
