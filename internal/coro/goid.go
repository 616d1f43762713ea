package coro

import (
	"bytes"
	"runtime"
	"strconv"

	"github.com/petermattis/goid"
)

// GoroutineID returns the identity of the current goroutine. It takes a
// nanosecond or two where [CheapID] is true, a microsecond elsewhere.
func GoroutineID() int64 { return goid.Get() }

// Stack returns the stack of the goroutine with the given identity, as
// [runtime.Stack] prints it, or nil when there is none. It stops the world, so it is
// only for reports.
func Stack(id int64) []byte {
	header := []byte("goroutine " + strconv.FormatInt(id, 10) + " ")
	for block := range bytes.SplitSeq(allStacks(), []byte("\n\n")) {
		if bytes.HasPrefix(block, header) {
			return bytes.Clone(block)
		}
	}
	return nil
}

func allStacks() []byte {
	for size := 64 << 10; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return buf[:n]
		}
	}
}
