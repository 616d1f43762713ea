package streams_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// FuzzWriter writes, drains and reads at the other end in any order. What
// comes out has to be what was put in, and Drain has to keep to the marks.
func FuzzWriter(f *testing.F) {
	for i, ops := range [][]byte{
		{0, 255, 1, 255, 3, 0, 2, 100, 4, 255, 3, 1, 2, 255, 5, 255, 1},
		{6, 8, 1, 200, 0, 255, 3, 0, 4, 9, 1, 2, 4, 255, 3, 6},
		{1, 0, 0, 1, 4, 1, 2, 255, 1, 255, 0, 255, 7, 16, 5},
	} {
		f.Add(ops, byte(i)) // over each kind of connection
	}
	f.Fuzz(func(t *testing.T, ops []byte, way byte) {
		if len(ops) > 100 {
			return
		}
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := ends(ctx, t, way)
			defer near.Close()
			defer far.Close()
			s := &wire{t: t, w: streams.NewWriter(near), far: far, tcp: way%3 == 2, p: make([]byte, 1<<16)}
			for len(ops) > 1 && !s.broken {
				s.step(ctx, ops[0], int(ops[1]))
				ops = ops[2:]
			}
			s.end(ctx, len(ops) > 0)
		}, append(patient(way), asynciotest.RealNetwork())...)
	})
}

// A wire is a Writer, the other end, and what went between them.
type wire struct {
	t        *testing.T
	w        *streams.Writer
	far      net.Conn
	p        []byte
	written  int
	received int
	broken   bool // the other end is closed
	tcp      bool // which takes what is written to one who has gone
}

// letter is the byte at a place of the stream, which tells it from those near.
func letter(i int) byte { return byte(i * 31 / 7) }

func (s *wire) step(ctx context.Context, op byte, arg int) {
	switch op % 8 {
	case 0, 1, 2:
		s.write(arg * arg)
	case 3:
		s.drain(ctx)
	case 4, 5:
		s.read(arg * arg)
	case 6:
		s.w.SetWaterMarks(arg*arg/4, arg*arg)
	case 7:
		if arg%16 == 0 {
			s.broken = true
			_ = s.far.Close()
		}
	}
}

func (s *wire) write(n int) {
	p := s.p[:n]
	for i := range p {
		p[i] = letter(s.written + i)
	}
	got, err := s.w.Write(p)
	if got != n || err != nil {
		s.t.Fatalf("it wrote %d of %d bytes, %v", got, n, err)
	}
	clear(p) // it was copied
	s.written += n
}

func (s *wire) drain(ctx context.Context) {
	low, high := s.w.WaterMarks()
	before := s.w.Buffered()
	err := withinPasses(ctx, s.w.Drain)
	switch after := s.w.Buffered(); {
	case err == nil && after > high:
		s.t.Fatalf("Drain let %d bytes pass, with a mark of %d", after, high)
	case errors.Is(err, asyncio.ErrCanceled) && before <= low:
		s.t.Fatalf("Drain waited at %d bytes, with marks of %d and %d", before, low, high)
	case err != nil && !errors.Is(err, asyncio.ErrCanceled):
		s.t.Fatal(err)
	}
}

func (s *wire) read(n int) {
	if n == 0 || s.received == s.written {
		return
	}
	got, err := s.far.Read(s.p[:n])
	if err != nil {
		s.t.Fatal(err)
	}
	s.check(s.p[:got])
}

// check expects that these are the next bytes of the stream.
func (s *wire) check(p []byte) {
	for i, b := range p {
		if want := letter(s.received + i); b != want {
			s.t.Fatalf("byte %d is %d, want %d", s.received+i, b, want)
		}
	}
	s.received += len(p)
}

// end closes the Writer, or aborts it, and expects what is proper then.
func (s *wire) end(ctx context.Context, abort bool) {
	kept := s.w.Buffered()
	if abort {
		_ = s.w.Abort()
	} else {
		_ = s.w.Close()
	}
	rest := []byte(nil)
	if !s.broken {
		rest, _ = io.ReadAll(s.far)
	}
	s.check(rest)
	err := s.w.WaitClosed(ctx)
	lost := s.written - s.received
	switch {
	case s.w.Buffered() != 0:
		s.t.Fatalf("it still keeps %d bytes", s.w.Buffered())
	case s.broken && !abort && kept > 0 && err == nil && !s.tcp:
		s.t.Fatalf("it closed without an error; %d bytes were kept", kept)
	case s.broken: // whatever is lost
	case err != nil:
		s.t.Fatal(err)
	case abort && lost > kept, !abort && lost > 0:
		s.t.Fatalf("%d bytes were lost; %d were kept", lost, kept)
	}
}
