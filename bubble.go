package asyncio

import (
	"bytes"
	"runtime"
)

// insideBubble reports whether the calling goroutine is in a bubble of
// testing/synctest. Only the header of the goroutine's stack says so.
func insideBubble() bool {
	var buf [128]byte
	header, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	return bytes.Contains(header, []byte("synctest bubble"))
}
