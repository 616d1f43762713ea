package asyncio

import (
	"bytes"
	"runtime"
	"strings"
)

// insideLoop reports whether the calling goroutine runs a loop, as the loop
// itself or as one of its tasks. The stack tells: it works on every
// architecture, and is asked once a Run.
func insideLoop() bool {
	pcs := make([]uintptr, 64)
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs)
		frames := runtime.CallersFrames(pcs[:n])
		for more := n > 0; more; {
			var f runtime.Frame
			f, more = frames.Next()
			if isLoopFrame(f.Function) {
				return true
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

func isLoopFrame(function string) bool {
	name, ok := strings.CutPrefix(function, "github.com/asyncio-go/asyncio/internal/engine.")
	return ok && (name == "(*Loop).Run" || name == "(*worker).main")
}

// insideBubble reports whether the calling goroutine is in a bubble of
// testing/synctest. Nothing tells but the header of its stack.
func insideBubble() bool {
	var buf [128]byte
	header, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	return bytes.Contains(header, []byte("synctest bubble"))
}
