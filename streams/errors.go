package streams

import (
	"fmt"
	"io"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// ErrBusy is returned by a Conn or a Reader from which another task is reading already:
// it would be a matter of chance which of the two gets the next bytes. In Python:
// RuntimeError, called while another coroutine is already waiting for incoming data.
var ErrBusy = conn.ErrBusy

// An IncompleteReadError is returned when a stream ends before it has delivered what was
// asked for. For errors.Is it is also io.EOF, if nothing has come, or
// io.ErrUnexpectedEOF, if a part has come, which are the errors of io.ReadFull. In
// Python: asyncio.IncompleteReadError.
type IncompleteReadError struct {
	Partial  []byte // what came before the end, and is no longer in the Reader; may be empty
	Expected int    // how many bytes were asked for; 0: up to a separator
}

func (e *IncompleteReadError) Error() string {
	if e.Expected == 0 {
		return fmt.Sprintf("streams: the stream ended after %d bytes, before a separator", len(e.Partial))
	}
	return fmt.Sprintf("streams: the stream ended after %d of %d bytes", len(e.Partial), e.Expected)
}

// Unwrap returns io.EOF if nothing has come, and io.ErrUnexpectedEOF otherwise.
func (e *IncompleteReadError) Unwrap() error {
	if len(e.Partial) == 0 {
		return io.EOF
	}
	return io.ErrUnexpectedEOF
}

// A LimitOverrunError is returned when no separator comes within the limit of a Reader,
// or when Peek is called with more than the limit. In Python: asyncio.LimitOverrunError,
// and the ValueError of readline.
type LimitOverrunError struct {
	Consumed int // so many bytes can be read without missing a separator, or a part of one
	Limit    int // of the Reader
	peeked   int // how many bytes Peek was to look at; 0: a separator was looked for
}

func (e *LimitOverrunError) Error() string {
	if e.peeked > 0 {
		return fmt.Sprintf("streams: Peek of %d bytes, and the limit of the Reader is %d: pass a larger one to NewReader", e.peeked, e.Limit)
	}
	return fmt.Sprintf("streams: no separator within the limit of %d bytes", e.Limit)
}
