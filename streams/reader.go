package streams

import (
	"bytes"
	"cmp"
	"io"
	"iter"
	"math"
	"os"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Reader reads lines, messages and blocks from a stream. In Python:
// asyncio.StreamReader.
//
// It reads ahead from an io.Reader. If that is a Conn, the methods of the Reader suspend
// the calling task, on the scope that the task has opened last. A call that is canceled,
// or ended by a deadline, returns the error of the Conn and loses nothing: the bytes that
// have come stay, and the next call goes on from there. Any other error is returned as it
// is, after the bytes that came before it have been read. io.EOF means that the stream
// has ended and nothing is left; ReadUntil and ReadExactly then return an
// *IncompleteReadError.
//
// The slices that ReadLine, ReadUntil, ReadExactly, ReadAll and Lines return belong to
// the caller. They are not copies: a small slice that you keep for long keeps up to 64
// KiB of memory in use. bytes.Clone, or conversion to a string, makes a copy without the
// rest.
//
// A call that finds what it needs in the bytes that were read ahead need not wait. But a
// peer that sends faster than it is read must not keep the loop from all other tasks. So
// a task that goes on reading lets the others run now and then, as in Conn.Read; if it is
// canceled meanwhile, the error is asyncio.ErrCanceled. A Reader whose source does no I/O
// on a loop, such as memory, does not do this.
//
// Only one task may use a Reader at a time; a second one gets ErrBusy. A Reader needs no
// loop: it works on any goroutine with any io.Reader. The methods of a nil Reader, and of
// one that NewReader has not made, return os.ErrInvalid.
type Reader struct {
	src   io.Reader
	limit int
	buf   buffer
	err   error // of the source, which came with the last bytes; io.EOF stays
	busy  bool  // a task is in the source's Read, or gives way

	loop *engine.Loop // with whose I/O the source has read; nil: with none
}

// DefaultLimit is the limit of a Reader that is given none.
const DefaultLimit = 64 << 10

// NewReader returns a Reader of src. The limit is the largest length of a line, or of the
// bytes before a separator; 0 means DefaultLimit, and a negative number means no limit.
// It bounds the memory that a peer can make a Reader use. ReadExactly and ReadAll ignore
// it.
func NewReader(src io.Reader, limit int) *Reader {
	if src == nil {
		panic("streams: NewReader(nil, ...): pass what is to be read, a Conn for example")
	}
	if limit < 0 {
		limit = math.MaxInt
	}
	return &Reader{src: src, limit: cmp.Or(limit, DefaultLimit)}
}

// ReadLine returns the next line, with its newline; the last one may have
// none. After that it returns io.EOF. If there is no newline within the limit it returns
// a *LimitOverrunError, and drops the line, or the part of it that has come. In Python:
// readline.
func (r *Reader) ReadLine() ([]byte, error) {
	line, err := r.ReadUntil(newline)
	switch e := err.(type) {
	case *IncompleteReadError:
		if len(e.Partial) == 0 {
			return nil, io.EOF
		}
		return e.Partial, nil
	case *LimitOverrunError:
		if rest := r.buf.unread()[e.Consumed:]; bytes.HasPrefix(rest, newline) {
			r.buf.skip(e.Consumed + len(newline))
		} else {
			r.buf.skip(r.buf.len())
		}
	}
	return line, err
}

// Lines ranges over the lines, as ReadLine returns them, up to the end of the stream.
// After an error, the iteration ends:
//
//	for line, err := range r.Lines() {
//		if err != nil {
//			return err
//		}
//		fmt.Printf("%s", line)
//	}
//
// In Python: async for line in reader.
func (r *Reader) Lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			line, err := r.ReadLine()
			if err == io.EOF || !yield(line, err) || err != nil {
				return
			}
		}
	}
}

// ReadUntil returns everything up to and including the separator that ends first; if no
// separators are given, it is a newline. If more bytes than the limit come before it,
// ReadUntil returns a *LimitOverrunError and reads nothing. If the stream ends before, it
// returns an *IncompleteReadError with the bytes that have come; if there are none, the
// error is io.EOF for errors.Is. An empty separator panics. In Python: readuntil.
func (r *Reader) ReadUntil(seps ...[]byte) ([]byte, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	s := newSearch(seps)
	for {
		at, end := s.in(r.buf.unread())
		if at > r.limit {
			return nil, &LimitOverrunError{Consumed: at, Limit: r.limit}
		}
		if end > 0 {
			return r.buf.cut(end), nil
		}
		if err := r.fill(1); err != nil {
			return nil, r.incomplete(err, 0)
		}
	}
}

// ReadExactly returns the next n bytes, whatever the limit. If the stream ends before, it
// returns an *IncompleteReadError with the bytes that have come; if there are none, the
// error is io.EOF for errors.Is. A negative n panics. In Python: readexactly.
func (r *Reader) ReadExactly(n int) ([]byte, error) {
	if n < 0 {
		panic("streams: Reader.ReadExactly of a negative number of bytes: use ReadAll to read to the end")
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	for r.buf.len() < n {
		if err := r.fill(n); err != nil {
			return nil, r.incomplete(err, n)
		}
	}
	return r.buf.cut(n), nil
}

// Peek returns the next n bytes without reading them; they are valid until the next call.
// If there are fewer, it returns these with the error that says why: io.EOF at the end of
// the stream. A wait that is canceled, or ended by a deadline, loses nothing. If n is
// more than the limit of the Reader, it reads nothing, and returns a *LimitOverrunError.
// A negative n panics. It has no name in Python; in Go, it is Peek of bufio.Reader.
func (r *Reader) Peek(n int) ([]byte, error) {
	if n < 0 {
		panic("streams: Reader.Peek of a negative number of bytes: pass how many are to be looked at")
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	if n > r.limit {
		return nil, &LimitOverrunError{Limit: r.limit, peeked: n}
	}
	for r.buf.len() < n {
		if err := r.fill(n); err != nil {
			return r.buf.peek(n), err
		}
	}
	return r.buf.peek(n), nil
}

// incomplete returns the error for a source that has none of the expected
// bytes any more.
func (r *Reader) incomplete(err error, expected int) error {
	if err != io.EOF {
		return err
	}
	return &IncompleteReadError{Partial: r.buf.cut(r.buf.len()), Expected: expected}
}

// ReadAll returns everything up to the end of the stream, whatever the limit. At the end
// it returns nothing, and no error. In Python: read().
func (r *Reader) ReadAll() ([]byte, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	for {
		switch err := r.fill(1); err {
		case nil:
		case io.EOF:
			return r.buf.cut(r.buf.len()), nil
		default:
			return nil, err
		}
	}
}

// Read makes a Reader an io.Reader. It reads what has come, and waits only if there is
// nothing. In Python: read(n).
func (r *Reader) Read(p []byte) (int, error) {
	if err := r.begin(); err != nil {
		return 0, err
	}
	switch {
	case len(p) == 0:
		return 0, nil
	case r.buf.len() == 0 && r.err == nil && len(p) >= smallestArray:
		n, err := r.read(p)
		if err == io.EOF {
			r.err = err
		}
		return n, err
	case r.buf.len() == 0:
		if err := r.fill(1); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.buf.unread())
	r.buf.skip(n)
	return n, nil
}

// ReadByte makes a Reader an io.ByteReader.
func (r *Reader) ReadByte() (byte, error) {
	if err := r.begin(); err != nil {
		return 0, err
	}
	if r.buf.len() == 0 {
		if err := r.fill(1); err != nil {
			return 0, err
		}
	}
	b := r.buf.unread()[0]
	r.buf.skip(1)
	return b, nil
}

// WriteTo makes a Reader an io.WriterTo. Bytes that dst does not take stay in the Reader.
func (r *Reader) WriteTo(dst io.Writer) (written int64, err error) {
	if err := r.begin(); err != nil {
		return 0, err
	}
	r.busy = true // while dst makes it wait, too
	defer func() { r.busy = false }()
	for {
		if r.buf.len() > 0 {
			n, err := dst.Write(r.buf.unread())
			r.buf.skip(n)
			written += int64(n)
			switch {
			case err != nil:
				return written, err
			case r.buf.len() > 0:
				return written, io.ErrShortWrite
			}
		}
		switch err := r.fill(1); err {
		case nil:
		case io.EOF:
			return written, nil
		default:
			return written, err
		}
	}
}

// Buffered returns how many bytes have been read ahead.
func (r *Reader) Buffered() int {
	if r == nil {
		return 0
	}
	return r.buf.len()
}

// AtEOF reports whether the stream has ended and everything has been read. It does not
// look ahead: it returns false until a call has found the end. In Python: at_eof.
func (r *Reader) AtEOF() bool { return r != nil && r.err == io.EOF && r.buf.len() == 0 }

// begin begins an operation, which may need nothing of the source.
func (r *Reader) begin() error {
	switch {
	case r == nil, r.src == nil:
		return os.ErrInvalid
	case r.busy:
		return ErrBusy
	case r.loop == nil:
		return nil
	default:
		return r.spend()
	}
}

// spend counts an operation of the loop with whose I/O the source has read.
func (r *Reader) spend() error {
	if !r.loop.OnLoop() {
		return nil
	}
	r.busy = true
	defer func() { r.busy = false }()
	return r.loop.Spend()
}

// fill reads once from the source into the buffer, with room for it to become
// n bytes long.
func (r *Reader) fill(n int) error {
	if r.err != nil {
		return r.takeError()
	}
	got, err := r.read(r.buf.room(n))
	r.buf.came(got)
	if got > 0 || err == io.EOF {
		r.err = err
	}
	if got > 0 {
		return nil
	}
	return err
}

// takeError returns the error that came with the last bytes.
func (r *Reader) takeError() error {
	err := r.err
	if err != io.EOF {
		r.err = nil
	}
	return err
}

// read reads from the source until something comes.
func (r *Reader) read(p []byte) (n int, err error) {
	was := r.busy
	r.busy = true
	defer func() { r.busy = was }()
	if r.loop == nil {
		if l := engine.RunningHere(); l != nil {
			step, spent := l.Spent()
			defer r.noteLoop(l, step, spent)
		}
	}
	for range emptyReads {
		if n, err = r.src.Read(p); n != 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// noteLoop notes the loop that runs here if the source has just read with I/O of it:
// step and spent say what it had spent before. The source may be anything on top of a
// connection.
func (r *Reader) noteLoop(l *engine.Loop, step uint64, spent int) {
	if s, n := l.Spent(); s != step || n != spent {
		r.loop = l
	}
}

// emptyReads bounds the Reads in a row that return nothing and no error, before the
// source is given up.
const emptyReads = 100
