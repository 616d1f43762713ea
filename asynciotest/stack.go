package asynciotest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/asyncio-go/asyncio/internal/stacks"
)

// readableStack returns those lines of a stack, as runtime.Stack prints it,
// that are about the program.
func readableStack(stack []byte) string {
	var b strings.Builder
	for _, f := range stacks.Parse(stack).Frames {
		if !stacks.IsMachinery(f.Function) && !f.Creator {
			fmt.Fprintf(&b, "    %s%s\n        %s\n", f.Function, f.Args, f.File)
		}
	}
	return b.String()
}

// A place is where a task was when it suspended.
type place [24]uintptr

// here returns the place of the caller's caller.
func here() (p place) {
	runtime.Callers(3, p[:])
	return p
}

// String returns the innermost line of the program, or nothing.
func (p *place) String() string {
	frames := runtime.CallersFrames(p[:])
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function != "" && !stacks.IsMachinery(f.Function) {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
	}
	return ""
}
