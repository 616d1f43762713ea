package explore

import (
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/asyncio-go/asyncio/internal/stacks"
)

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
