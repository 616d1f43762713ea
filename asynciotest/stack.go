package asynciotest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

const module = "github.com/asyncio-go/asyncio"

// isOurs reports whether a function belongs to the machinery under the
// program: the library, this package, what switches stacks.
func isOurs(function string) bool {
	if rest, ok := strings.CutPrefix(function, module); ok {
		return strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "/internal/") || strings.HasPrefix(rest, "/asynciotest.")
	}
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "runtime/") || strings.HasPrefix(function, "iter.")
}

// readableStack returns those lines of a stack, as runtime.Stack prints it,
// that are about the program.
func readableStack(stack []byte) string {
	var b strings.Builder
	lines := strings.Split(string(stack), "\n")
	for i := 1; i+1 < len(lines); i += 2 {
		function := strings.TrimPrefix(lines[i], "created by ")
		if !isOurs(function) {
			place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " +0x")
			fmt.Fprintf(&b, "    %s\n        %s\n", lines[i], place)
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
		if f.Function != "" && !isOurs(f.Function) {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
	}
	return ""
}
