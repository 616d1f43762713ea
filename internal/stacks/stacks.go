// Package stacks reads the stacks that runtime.Stack prints, for reports: which
// lines are about the program, in which state a goroutine is, and for what it waits.
package stacks

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Goroutine is a goroutine as a stack shows it.
type Goroutine struct {
	ID     int64
	State  string // "running", "chan receive", "sync.Mutex.Lock", "coroutine" ...
	Frames []Frame
}

// A Frame is a call on a stack.
type Frame struct {
	Function string // as in "main.(*store).get"
	Args     string // as printed, "(0xc000012345, ...)"
	File     string // with its line
	Creator  bool   // the goroutine was started here; it is the last frame
}

// Parse reads the stack of one goroutine.
func Parse(stack []byte) (g Goroutine) {
	lines := strings.Split(string(stack), "\n")
	g.ID, g.State = header(lines[0])
	for i := 1; i+1 < len(lines); i += 2 {
		f := Frame{Function: lines[i]}
		if rest, ok := strings.CutPrefix(lines[i], "created by "); ok {
			f.Function, _, _ = strings.Cut(rest, " in goroutine ")
			f.Creator = true
		} else if at := strings.LastIndexByte(lines[i], '('); at > 0 {
			f.Function, f.Args = lines[i][:at], lines[i][at:]
		}
		f.File, _, _ = strings.Cut(strings.TrimSpace(lines[i+1]), " +0x")
		g.Frames = append(g.Frames, f)
	}
	return g
}

// header reads the first line, "goroutine 7 gp=0xc000002380 m=nil [chan receive (nil chan), 2 minutes]:".
func header(line string) (id int64, state string) {
	rest, ours := strings.CutPrefix(line, "goroutine ")
	number, rest, spaced := strings.Cut(rest, " ")
	_, state, bracketed := strings.Cut(rest, "[")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ours || !spaced || !bracketed || err != nil || id < 0 {
		return 0, ""
	}
	if i := strings.IndexAny(state, ",]"); i >= 0 {
		state = state[:i]
	}
	state, _, _ = strings.Cut(state, " (")
	return id, state
}

// Blocked reports whether the goroutine waits for something outside: for time to
// pass, for another goroutine, or for the system.
func (g Goroutine) Blocked() bool {
	switch g.State {
	case "sleep", "select", "semacquire", "IO wait", "syscall":
		return true
	}
	return strings.HasPrefix(g.State, "chan ") || strings.HasPrefix(g.State, "sync.")
}

// Advice says what a task should do instead of what the goroutine does.
func (g Goroutine) Advice() string {
	switch {
	case g.State == "sleep":
		return "use asyncio.Sleep"
	case g.State == "IO wait":
		return "use a connection of package streams, or move the call to ToThread"
	case g.waitsForPool():
		return "wait for a connection before the pool, at a Semaphore of the pool's size"
	case strings.HasPrefix(g.State, "chan "):
		return "wait for a channel with Receive or Send"
	case g.WaitsForMutex():
		return "what is held across a suspension must be a Lock"
	}
	return "move blocking work to ToThread"
}

// waitsForPool guesses from the names on the stack, such as puddle.(*Pool[...]).Acquire
// and pool.(*ConnPool).waitTurn, whether the goroutine waits for a connection of a pool.
// A goroutine that closes a pool does not count: it waits for the users of connections.
func (g Goroutine) waitsForPool() bool {
	pool := false
	for _, f := range g.Frames {
		if strings.HasSuffix(f.Function, ".Close") {
			return false
		}
		_, name, _ := strings.Cut(short(f.Function), "(*")
		pool = pool || !f.Creator && (strings.Contains(name, "Pool") || f.Function == "database/sql.(*DB).conn")
	}
	return pool && g.Blocked() && !g.WaitsForMutex()
}

const module = "github.com/asyncio-go/asyncio"

// IsMachinery reports whether a function belongs to the layers below the program: the
// runtime, this library, the code that switches stacks.
func IsMachinery(function string) bool {
	if rest, ok := strings.CutPrefix(function, module); ok {
		return hasPrefix(rest, ".", "/internal/", "/asynciotest.")
	}
	return function == "panic" || hasPrefix(function, "runtime.", "runtime/", "iter.", "internal/runtime/")
}

// isWaiting reports whether a function of the standard library does no more than wait.
func isWaiting(function string) bool {
	return hasPrefix(function, "sync.", "internal/sync.", "time.Sleep", "internal/poll.", "syscall.", "internal/syscall/")
}

// IsLibrary reports whether a function is of this module's packages.
func IsLibrary(function string) bool {
	rest, ok := strings.CutPrefix(function, module)
	return ok && hasPrefix(rest, ".", "/internal/", "/asynciotest.", "/streams.", "/files.", "/subprocess.")
}

func hasPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}

// Place returns where the goroutine is in the program, as "main.get (main.go:12)"; ""
// if it is nowhere in it.
func (g Goroutine) Place() string {
	if i := g.inProgram(); i >= 0 {
		return fmt.Sprintf("%s (%s)", short(g.Frames[i].Function), filepath.Base(g.Frames[i].File))
	}
	return ""
}

// inProgram returns the number of the innermost frame that is of the program, or -1.
func (g Goroutine) inProgram() int {
	return slices.IndexFunc(g.Frames, func(f Frame) bool { return !IsMachinery(f.Function) && !isWaiting(f.Function) })
}

// short is a function's name without the path of its package.
func short(function string) string { return function[strings.LastIndexByte(function, '/')+1:] }

// Path returns the program's functions on the stack, the innermost first, at most the
// given number of them.
func (g Goroutine) Path(most int) string {
	var path []string
	for _, f := range g.Frames {
		if len(path) < most && !f.Creator && !IsLibrary(f.Function) && !IsMachinery(f.Function) && !isWaiting(f.Function) {
			path = append(path, short(f.Function))
		}
	}
	return strings.Join(path, " < ")
}

// Entry returns the function of this module that the program has called, which may have
// called others since; "" if there is none on the stack.
func (g Goroutine) Entry() (function string) {
	for _, f := range g.Frames {
		switch {
		case f.Creator:
		case IsLibrary(f.Function):
			function = short(f.Function)
		case function != "" && !IsMachinery(f.Function):
			return strings.TrimSuffix(function, "[...]")
		}
	}
	return strings.TrimSuffix(function, "[...]")
}

// isOfProgram reports whether a frame is useful to a reader: it belongs to the program,
// or to what the program has called. Frames below the program, such as the code that runs
// a handler of Serve, are not useful.
func (f Frame) isOfProgram() bool {
	return !f.Creator && !IsMachinery(f.Function) && !strings.HasPrefix(f.Function, module+"/streams.(*handling).")
}

// Readable returns the stack without the frames of the machinery and of the inside of the
// standard library, and without details that only a debugger can use. If no frame is
// left, it returns all frames.
func Readable(stack []byte) []byte {
	head, _, _ := bytes.Cut(stack, []byte("\n"))
	b := bytes.NewBuffer(slices.Clone(head))
	g := Parse(stack)
	for _, f := range g.Frames {
		if f.isOfProgram() && !strings.HasPrefix(f.Function, "internal/") {
			fmt.Fprintf(b, "\n%s%s\n\t%s", f.Function, f.Args, f.File)
		}
	}
	if b.Len() == len(head) {
		return stack
	}
	return b.Bytes()
}

// OfProgram returns the lines of a stack that are about the program, indented. In a
// report, they stand below the line that says what the task waits for.
func OfProgram(stack []byte) string {
	var b strings.Builder
	for _, f := range Parse(stack).Frames {
		if f.isOfProgram() {
			fmt.Fprintf(&b, "    %s%s\n        %s\n", f.Function, f.Args, f.File)
		}
	}
	return b.String()
}

// Where returns the place of a stack in a line; see Goroutine.Place.
func Where(stack []byte) string { return Parse(stack).Place() }

// IsIn reports whether the goroutine is in the function in which another one is.
func (g Goroutine) IsIn(other Goroutine) bool {
	i := other.inProgram()
	return i >= 0 && slices.ContainsFunc(g.Frames, func(f Frame) bool { return f.Function == other.Frames[i].Function })
}
