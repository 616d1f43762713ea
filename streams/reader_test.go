package streams_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

var (
	_ io.Reader     = (*streams.Reader)(nil)
	_ io.ByteReader = (*streams.Reader)(nil)
	_ io.WriterTo   = (*streams.Reader)(nil)
)

func TestReadLine(t *testing.T) {
	t.Run("returns lines with their newline, the last without, then io.EOF", func(t *testing.T) {
		r := streams.NewReader(sourceOf("fir", "st\nsecond\n", "\nla", "st"), 0)
		for _, want := range []string{"first\n", "second\n", "\n", "last"} {
			line, err := r.ReadLine()
			expect(t, line, err, want, nil)
		}
		for range 2 {
			line, err := r.ReadLine()
			expect(t, line, err, "", io.EOF)
		}
	})
	t.Run("does not count the newline against the limit", func(t *testing.T) {
		r := streams.NewReader(sourceOf("12345\n"), 5)
		line, err := r.ReadLine()
		expect(t, line, err, "12345\n", nil)
	})
	t.Run("drops a line that is too long, if it has seen its end", func(t *testing.T) {
		r := streams.NewReader(sourceOf("123456\nnext\n"), 5)
		line, err := r.ReadLine()
		expectOverrun(t, line, err, 6)
		line, err = r.ReadLine()
		expect(t, line, err, "next\n", nil)
	})
	t.Run("drops what has come of a line that is too long", func(t *testing.T) {
		r := streams.NewReader(sourceOf("123456", "789\nnext\n"), 5)
		line, err := r.ReadLine()
		expectOverrun(t, line, err, 6)
		line, err = r.ReadLine()
		expect(t, line, err, "789\n", nil)
	})
	t.Run("takes a limit of 0 for 64 KiB, and a negative one for none", func(t *testing.T) {
		long := strings.Repeat("x", streams.DefaultLimit)
		for _, limit := range []int{0, -1} {
			r := streams.NewReader(strings.NewReader(long+"\n"+long+"x\n"), limit)
			line, err := r.ReadLine()
			expect(t, line, err, long+"\n", nil)
			line, err = r.ReadLine()
			if limit == 0 {
				expectOverrun(t, line, err, streams.DefaultLimit+1)
			} else {
				expect(t, line, err, long+"x\n", nil)
			}
		}
	})
	t.Run("keeps the memory that a peer can make it use bounded", func(t *testing.T) {
		endless := &counter{of: 'x'}
		line, err := streams.NewReader(endless, 0).ReadLine()
		expectOverrun(t, line, err, streams.DefaultLimit+1)
		if endless.n > 4*streams.DefaultLimit {
			t.Errorf("it read %d bytes", endless.n)
		}
	})
}

// A counter is an endless source of one letter.
type counter struct {
	of byte
	n  int
}

func (c *counter) Read(p []byte) (int, error) {
	n := min(len(p), 1000)
	copy(p, bytes.Repeat([]byte{c.of}, n))
	c.n += n
	return n, nil
}

// expectOverrun expects that so much is known to hold no separator, at least.
func expectOverrun(t *testing.T, got []byte, err error, least int) *streams.LimitOverrunError {
	t.Helper()
	var e *streams.LimitOverrunError
	if !errors.As(err, &e) || got != nil || e.Consumed < least {
		t.Fatalf("it returned %.40q, %#v; want an overrun after %d", got, err, least)
	}
	if !strings.HasPrefix(e.Error(), "streams: ") {
		t.Errorf("it says %q", e)
	}
	return e
}

func TestLines(t *testing.T) {
	t.Run("ranges over the lines to the end", func(t *testing.T) {
		var got []string
		for line, err := range streams.NewReader(sourceOf("a\nb", "\nc"), 0).Lines() {
			if err != nil {
				t.Error(err)
			}
			got = append(got, string(line))
		}
		if !slices.Equal(got, []string{"a\n", "b\n", "c"}) {
			t.Errorf("it gave %q", got)
		}
	})
	t.Run("gives an error last, and can go on after it", func(t *testing.T) {
		r := streams.NewReader(sourceOf("a\nlong", errBroken, "er\nb\n"), 0)
		var got []string
		var failed error
		for line, err := range r.Lines() {
			got, failed = append(got, string(line)), err
		}
		if !slices.Equal(got, []string{"a\n", ""}) || failed != errBroken {
			t.Errorf("it gave %q, %v", got, failed)
		}
		for line, err := range r.Lines() {
			expect(t, line, err, "longer\n", nil)
			break
		}
		line, err := r.ReadLine()
		expect(t, line, err, "b\n", nil)
	})
}

func TestReadUntil(t *testing.T) {
	until := func(r *streams.Reader, seps ...string) ([]byte, error) {
		var bs [][]byte
		for _, s := range seps {
			bs = append(bs, []byte(s))
		}
		return r.ReadUntil(bs...)
	}
	t.Run("returns everything up to and with the separator", func(t *testing.T) {
		r := streams.NewReader(sourceOf("one\r", "\ntwo\r\n"), 0)
		for _, want := range []string{"one\r\n", "two\r\n"} {
			got, err := until(r, "\r\n")
			expect(t, got, err, want, nil)
		}
	})
	t.Run("reads a line when no separator is named", func(t *testing.T) {
		got, err := until(streams.NewReader(sourceOf("line\n."), 0))
		expect(t, got, err, "line\n", nil)
	})
	t.Run("returns the shortest match of several separators", func(t *testing.T) {
		for _, seps := range [][]string{{"END", "E"}, {"E", "END"}, {"xxE", "END", "E"}} {
			r := streams.NewReader(sourceOf("dataEND"), 0)
			got, err := until(r, seps...)
			expect(t, got, err, "dataE", nil)
			got, err = until(r, "D")
			expect(t, got, err, "ND", nil)
		}
	})
	t.Run("measures the limit by the shortest of separators that end together", func(t *testing.T) {
		for _, seps := range [][]string{{"dataE", "E"}, {"E", "dataE"}} {
			r := streams.NewReader(sourceOf("dataE"), 3)
			got, err := until(r, seps...)
			if e := expectOverrun(t, got, err, 4); e.Consumed != 4 {
				t.Errorf("consumed is %d", e.Consumed)
			}
		}
	})
	t.Run("leaves everything when the limit is exceeded", func(t *testing.T) {
		r := streams.NewReader(sourceOf("some dataAA"), 3)
		got, err := until(r, "AAA")
		if e := expectOverrun(t, got, err, 4); e.Consumed != 9 || e.Limit != 3 {
			t.Errorf("it says %+v", e)
		}
		got, err = r.ReadAll()
		expect(t, got, err, "some dataAA", nil)
	})
	t.Run("says where a separator is that is too far away", func(t *testing.T) {
		r := streams.NewReader(sourceOf("some dataAAA"), 3)
		for range 2 {
			got, err := until(r, "A")
			if e := expectOverrun(t, got, err, 9); e.Consumed != 9 {
				t.Errorf("it says %+v", e)
			}
		}
		got, err := r.ReadExactly(9)
		expect(t, got, err, "some data", nil)
		got, err = until(r, "A")
		expect(t, got, err, "A", nil)
	})
	t.Run("returns what there was when the stream ends before a separator", func(t *testing.T) {
		r := streams.NewReader(sourceOf("some data"), 0)
		got, err := until(r, "DONE")
		expectIncomplete(t, got, err, "some data", 0)
		got, err = until(r, "DONE")
		expectIncomplete(t, got, err, "", 0)
	})
	t.Run("panics on an empty separator", func(t *testing.T) {
		expectPanic(t, "streams: Reader.ReadUntil with an empty separator, which is everywhere: use ReadExactly or Read", func() {
			_, _ = until(streams.NewReader(sourceOf("data"), 0), "a", "")
		})
	})
	t.Run("gives away what it returns", func(t *testing.T) {
		var numbers strings.Builder
		for i := range 10_000 {
			fmt.Fprintln(&numbers, i)
		}
		text := numbers.String()
		r := streams.NewReader(strings.NewReader(text), 0)
		var all [][]byte
		for line, err := range r.Lines() {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, line)
		}
		for _, line := range all {
			_ = append(line, "overwritten?"...)
		}
		if got := bytes.Join(all, nil); string(got) != text {
			t.Errorf("it changed afterwards")
		}
	})
}

func expectIncomplete(t *testing.T, got []byte, err error, partial string, expected int) {
	t.Helper()
	var e *streams.IncompleteReadError
	if !errors.As(err, &e) || got != nil || string(e.Partial) != partial || e.Expected != expected {
		t.Fatalf("it returned %.40q, %#v; want the partial %.40q of %d", got, err, partial, expected)
	}
	if errors.Is(err, io.EOF) != (partial == "") || errors.Is(err, io.ErrUnexpectedEOF) != (partial != "") || !strings.HasPrefix(e.Error(), "streams: ") {
		t.Errorf("it says %q", e)
	}
}

// A stingy is a source that gives much, and then little.
type stingy struct {
	much  int
	asked []int // so much room there was
}

func (s *stingy) Read(p []byte) (int, error) {
	s.asked = append(s.asked, len(p))
	n := min(len(p), 10)
	if s.much > 0 {
		s.much--
		n = len(p)
	}
	copy(p, bytes.Repeat([]byte("\n"), n))
	return n, nil
}

func TestReaderMemory(t *testing.T) {
	src := &stingy{much: 10}
	r := streams.NewReader(src, 0)
	for src.much > 0 || r.Buffered() > 0 {
		_, _ = r.ReadByte()
	}
	if most := slices.Max(src.asked); most < 32<<10 {
		t.Errorf("at most %d bytes were asked for at once", most)
	}
	for range 30 {
		_, _ = r.ReadByte()
	}
	if last := src.asked[len(src.asked)-1]; last > 4<<10 {
		t.Errorf("it holds %d bytes for a stream that gives little", last)
	}
}

func TestReadExactly(t *testing.T) {
	t.Run("returns exactly so much, however it comes", func(t *testing.T) {
		r := streams.NewReader(sourceOf("1234", "567", "89"), 0)
		for _, want := range []string{"12", "", "345678"} {
			got, err := r.ReadExactly(len(want))
			expect(t, got, err, want, nil)
		}
	})
	t.Run("knows no limit", func(t *testing.T) {
		text := strings.Repeat("0123456789", 50_000)
		r := streams.NewReader(strings.NewReader(text+"rest"), 5)
		got, err := r.ReadExactly(len(text))
		expect(t, got, err, text, nil)
		got, err = r.ReadAll()
		expect(t, got, err, "rest", nil)
	})
	t.Run("returns what there was when the stream ends before", func(t *testing.T) {
		r := streams.NewReader(sourceOf("12", "345"), 0)
		got, err := r.ReadExactly(7)
		expectIncomplete(t, got, err, "12345", 7)
		got, err = r.ReadExactly(7)
		expectIncomplete(t, got, err, "", 7)
		got, err = r.ReadExactly(0)
		expect(t, got, err, "", nil)
	})
	t.Run("uses no memory for what only the caller says will come", func(t *testing.T) {
		r := streams.NewReader(sourceOf("12", "345"), 0)
		allocated := testing.AllocsPerRun(1, func() {
			_, err := r.ReadExactly(math.MaxInt) // to make room for it would panic
			if err == nil {
				t.Error("it came")
			}
		})
		if allocated > 10 {
			t.Errorf("%v allocations", allocated)
		}
	})
	t.Run("panics on a negative number", func(t *testing.T) {
		expectPanic(t, "streams: Reader.ReadExactly of a negative number of bytes: use ReadAll to read to the end", func() {
			_, _ = streams.NewReader(sourceOf("data"), 0).ReadExactly(-1)
		})
	})
}

func TestPeek(t *testing.T) {
	t.Run("returns what is next and leaves it", func(t *testing.T) {
		r := streams.NewReader(sourceOf("he", "llo\nwor", "ld"), 0)
		for _, want := range []string{"", "h", "hello", "hello\nw"} {
			got, err := r.Peek(len(want))
			expect(t, got, err, want, nil)
		}
		line, err := r.ReadLine()
		expect(t, line, err, "hello\n", nil)
		got, err := r.Peek(5)
		expect(t, got, err, "world", nil)
		got, err = r.ReadAll()
		expect(t, got, err, "world", nil)
	})
	t.Run("returns what there is, with the reason why it is not more", func(t *testing.T) {
		r := streams.NewReader(sourceOf("a", errBroken, "b"), 0)
		for range 2 {
			got, err := r.Peek(3)
			if errors.Is(err, errBroken) {
				expect(t, got, err, "a", errBroken)
				got, err = r.Peek(3)
			}
			expect(t, got, err, "ab", io.EOF)
		}
		if r.AtEOF() {
			t.Error("it is at the end, before that was read")
		}
		got, err := r.ReadAll()
		expect(t, got, err, "ab", nil)
		got, err = r.Peek(1)
		expect(t, got, err, "", io.EOF)
	})
	t.Run("looks no further than the limit", func(t *testing.T) {
		r := streams.NewReader(sourceOf("0123456789"), 4)
		var over *streams.LimitOverrunError
		got, err := r.Peek(5)
		if got != nil || !errors.As(err, &over) || over.Limit != 4 {
			t.Errorf("it returned %q, %v", got, err)
		}
		got, err = r.Peek(4)
		expect(t, got, err, "0123", nil)
	})
	t.Run("panics on a negative number", func(t *testing.T) {
		expectPanic(t, "streams: Reader.Peek of a negative number of bytes: pass how many are to be looked at", func() {
			_, _ = streams.NewReader(sourceOf(), 0).Peek(-1)
		})
	})
	t.Run("loses nothing to a cancellation", func(t *testing.T) {
		asynciotest.Explore(t, func(ctx context.Context) {
			a, b := asynciotest.Pipe(ctx)
			r := streams.NewReader(a, 0)
			writer := asyncio.Go(ctx, func(context.Context) error {
				for _, part := range []string{"he", "l", "lo"} {
					if _, err := io.WriteString(b, part); err != nil {
						return err
					}
				}
				return b.Close()
			})
			peeker := asyncio.CreateTask(ctx, func(context.Context) ([]byte, error) { return r.Peek(5) })
			_ = asyncio.Sleep(ctx, 0)
			peeker.Cancel()
			if got, err := peeker.Await(ctx); err == nil {
				expect(t, got, err, "hello", nil)
			} else {
				expectError(t, "Peek", err, asyncio.ErrCanceled)
			}
			got, err := r.Peek(5)
			expect(t, got, err, "hello", nil)
			got, err = r.ReadAll()
			expect(t, got, err, "hello", nil)
			_, _ = writer.Await(ctx)
		}, asynciotest.Runs(50))
	})
}

func TestReadAll(t *testing.T) {
	t.Run("reads to the end without a limit", func(t *testing.T) {
		text := strings.Repeat("0123456789", 50_000)
		r := streams.NewReader(strings.NewReader("line\n"+text), 5)
		line, err := r.ReadLine()
		expect(t, line, err, "line\n", nil)
		for _, want := range []string{text, ""} {
			got, err := r.ReadAll()
			expect(t, got, err, want, nil)
		}
	})
	t.Run("keeps what has come when the source fails", func(t *testing.T) {
		r := streams.NewReader(sourceOf("one", "two", errBroken, "three"), 0)
		got, err := r.ReadAll()
		expect(t, got, err, "", errBroken)
		got, err = r.ReadAll()
		expect(t, got, err, "onetwothree", nil)
	})
}

func TestReaderRead(t *testing.T) {
	t.Run("passes the tests of testing/iotest", func(t *testing.T) {
		text := strings.Repeat("0123456789", 20_000)
		for _, src := range []io.Reader{
			strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)),
			iotest.DataErrReader(strings.NewReader(text)),
		} {
			if err := iotest.TestReader(streams.NewReader(src, 0), []byte(text)); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("returns what is there and waits only for the first byte", func(t *testing.T) {
		r := streams.NewReader(sourceOf("line\n12", "34"), 0)
		_, _ = r.ReadLine()
		p := make([]byte, 4)
		n, err := r.Read(p)
		expect(t, p[:n], err, "12", nil)
		n, err = r.Read(nil)
		expect(t, p[:n], err, "", nil)
		n, err = r.Read(p)
		expect(t, p[:n], err, "34", nil)
		n, err = r.Read(p)
		expect(t, p[:n], err, "", io.EOF)
	})
	t.Run("reads a large block without reading ahead", func(t *testing.T) {
		r := streams.NewReader(strings.NewReader(strings.Repeat("x", 100_000)), 0)
		n, err := r.Read(make([]byte, 50_000))
		if n != 50_000 || err != nil || r.Buffered() != 0 {
			t.Errorf("%d bytes, %v, and %d read ahead", n, err, r.Buffered())
		}
	})
	t.Run("returns single bytes", func(t *testing.T) {
		r := streams.NewReader(sourceOf("ab"), 0)
		for _, want := range []string{"a", "b"} {
			b, err := r.ReadByte()
			expect(t, []byte{b}, err, want, nil)
		}
		if _, err := r.ReadByte(); err != io.EOF {
			t.Error(err)
		}
	})
	t.Run("knows when it is at the end", func(t *testing.T) {
		r := streams.NewReader(sourceOf("line\nrest"), 0)
		_, _ = r.ReadLine()
		if r.AtEOF() || r.Buffered() != 4 {
			t.Errorf("at the end: %v; %d bytes", r.AtEOF(), r.Buffered())
		}
		if _, err := r.ReadExactly(4); err != nil || r.AtEOF() {
			t.Errorf("at the end: %v; %v", r.AtEOF(), err)
		}
		if _, err := r.Read(make([]byte, 1<<16)); err != io.EOF || !r.AtEOF() {
			t.Errorf("at the end: %v; %v", r.AtEOF(), err)
		}
	})
	t.Run("gives up a source that returns nothing", func(t *testing.T) {
		_, err := streams.NewReader(idle{}, 0).ReadLine()
		if err != io.ErrNoProgress {
			t.Error(err)
		}
	})
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestReaderWriteTo(t *testing.T) {
	t.Run("copies what was read ahead and the rest", func(t *testing.T) {
		text := strings.Repeat("0123456789", 50_000)
		r := streams.NewReader(strings.NewReader("line\n"+text), 0)
		_, _ = r.ReadLine()
		var to bytes.Buffer
		n, err := io.Copy(&to, r)
		expect(t, to.Bytes(), err, text, nil)
		if n != int64(len(text)) || !r.AtEOF() {
			t.Errorf("%d bytes, at the end: %v", n, r.AtEOF())
		}
	})
	t.Run("keeps what could not be written", func(t *testing.T) {
		r := streams.NewReader(sourceOf("12345", "6789"), 0)
		n, err := r.WriteTo(&narrow{room: 3, err: errBroken})
		if n != 3 || err != errBroken {
			t.Errorf("%d bytes, %v", n, err)
		}
		if _, err := r.WriteTo(&narrow{room: 1}); err != io.ErrShortWrite {
			t.Error(err)
		}
		got, err := r.ReadAll()
		expect(t, got, err, "56789", nil)
	})
	t.Run("returns the error of the source", func(t *testing.T) {
		r := streams.NewReader(sourceOf("12345", errBroken), 0)
		var to bytes.Buffer
		_, err := r.WriteTo(&to)
		expect(t, to.Bytes(), err, "12345", errBroken)
	})
}

// A narrow is an io.Writer with little room.
type narrow struct {
	room int
	err  error
}

func (n *narrow) Write(p []byte) (int, error) {
	took := min(n.room, len(p))
	n.room -= took
	return took, n.err
}

func TestReaderErrors(t *testing.T) {
	reads := map[string]func(r *streams.Reader) ([]byte, error){
		"ReadLine":    (*streams.Reader).ReadLine,
		"ReadUntil":   func(r *streams.Reader) ([]byte, error) { return r.ReadUntil([]byte(";"), []byte("\n")) },
		"ReadExactly": func(r *streams.Reader) ([]byte, error) { return r.ReadExactly(5) },
	}
	for name, read := range reads {
		t.Run("of the source lose nothing: "+name, func(t *testing.T) {
			r := streams.NewReader(sourceOf(errBroken, "12", errBroken, "34", errBroken, errBroken, "\n"), 0)
			var got []byte
			err, failures := error(errBroken), -1
			for ; err == errBroken; failures++ {
				got, err = read(r)
			}
			expect(t, got, err, "1234\n", nil)
			if failures != 4 {
				t.Errorf("it failed %d times", failures)
			}
		})
		t.Run("that come with bytes wait for their turn: "+name, func(t *testing.T) {
			r := streams.NewReader(&withLast{"1234\nx", errBroken}, 0)
			got, err := read(r)
			expect(t, got, err, "1234\n", nil)
			got, err = read(r)
			expect(t, got, err, "", errBroken)
			if r.Buffered() != 1 {
				t.Errorf("%d bytes are left", r.Buffered())
			}
		})
	}
}

func TestReaderOnALoop(t *testing.T) {
	t.Run("goes on after a wait that was canceled", func(t *testing.T) {
		asynciotest.Explore(t, func(ctx context.Context) {
			a, b := asynciotest.Pipe(ctx)
			defer b.Close()
			defer a.Close()
			r := streams.NewReader(a, 0)
			sender := asyncio.Go(ctx, func(ctx context.Context) error {
				for _, part := range []string{"he", "ll", "o\n"} {
					_, _ = b.Write([]byte(part))
					_ = asyncio.Sleep(ctx, 2*time.Second)
				}
				return nil
			})
			timeouts := 0
			for {
				var line []byte
				err := asyncio.WithTimeout(ctx, time.Second, func(context.Context) (err error) {
					line, err = r.ReadLine()
					return err
				})
				if errors.Is(err, asyncio.ErrTimeout) {
					timeouts++
					continue
				}
				expect(t, line, err, "hello\n", nil)
				break
			}
			if timeouts == 0 {
				t.Error("it was never canceled")
			}
			_, _ = sender.Await(ctx)
		}, asynciotest.Runs(50))
	})
	t.Run("is for one task at a time", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			a, b := asynciotest.Pipe(ctx)
			defer b.Close()
			defer a.Close()
			r := streams.NewReader(a, 0)
			first := asyncio.CreateTask(ctx, func(context.Context) ([]byte, error) { return r.ReadLine() })
			_, _ = b.Write([]byte("hel"))
			_ = asynciotest.WaitAllBlocked(ctx)
			for name, err := range everyRead(r) {
				if err != streams.ErrBusy {
					t.Errorf("%s: %v", name, err)
				}
			}
			_, _ = b.Write([]byte("lo\n"))
			line, err := first.Await(ctx)
			expect(t, line, err, "hello\n", nil)
		})
	})
	t.Run("is for one task, while that waits to write", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			a, b := asynciotest.Pipe(ctx)
			r := streams.NewReader(strings.NewReader(strings.Repeat("x", 100_000)), 0)
			copier := asyncio.Go(ctx, func(context.Context) error {
				defer a.Close()
				_, err := io.Copy(a, r)
				return err
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			if _, err := r.ReadByte(); err != streams.ErrBusy {
				t.Error(err)
			}
			got, err := io.ReadAll(b)
			if len(got) != 100_000 || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if _, err := copier.Await(ctx); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("is free again after a panic of its source", func(t *testing.T) {
		r := streams.NewReader(panics{}, 0)
		for range 2 {
			expectPanic(t, "no wire", func() { _, _ = r.ReadLine() })
		}
	})
}

type panics struct{}

func (panics) Read([]byte) (int, error) { panic("no wire") }

// everyRead returns the error of every way to read.
func everyRead(r *streams.Reader) map[string]error {
	errs := make(map[string]error)
	_, errs["ReadLine"] = r.ReadLine()
	_, errs["ReadUntil"] = r.ReadUntil([]byte("x"))
	_, errs["ReadExactly"] = r.ReadExactly(1)
	_, errs["ReadAll"] = r.ReadAll()
	_, errs["Read"] = r.Read(make([]byte, 1))
	_, errs["ReadByte"] = r.ReadByte()
	_, errs["WriteTo"] = r.WriteTo(io.Discard)
	return errs
}
