package streams

import (
	"fmt"
	"io"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// ErrBusy is returned by a Conn or a Reader that another task is reading from:
// which of the two would get the next bytes would be a matter of chance. In
// Python: RuntimeError, called while another coroutine is already waiting for
// incoming data.
var ErrBusy = conn.ErrBusy

// An IncompleteReadError is returned when a stream ends before what was asked
// for has come. In the sense of errors.Is it is io.EOF as well, if nothing has
// come, or io.ErrUnexpectedEOF, in the middle of it; io.ReadFull returns these.
// In Python: asyncio.IncompleteReadError.
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

// A LimitOverrunError is returned when no separator comes within the limit of
// a Reader. In Python: asyncio.LimitOverrunError, and the ValueError of
// readline.
type LimitOverrunError struct {
	Consumed int // so many bytes can be read without missing a separator, or a part of one
	Limit    int // of the Reader
}

func (e *LimitOverrunError) Error() string {
	return fmt.Sprintf("streams: no separator within the limit of %d bytes", e.Limit)
}
