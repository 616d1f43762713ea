// How the translated programs print: as Python does.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ms is the unit of most delays.
const ms = time.Millisecond

// centiseconds is the delay that Python writes n / 100.
func centiseconds(n int) time.Duration { return time.Duration(n) * 10 * ms }

// none is the result of a coroutine that has none.
type none = struct{}

// do makes a coroutine of a function that has only an error to return.
func do(fn func(ctx context.Context) error) asyncio.Coro[none] {
	return func(ctx context.Context) (none, error) { return none{}, fn(ctx) }
}

// canceled says whether err is what Python calls a CancelledError.
func canceled(err error) bool { return errors.Is(err, asyncio.ErrCanceled) }

// timedOut says whether err is what Python calls a TimeoutError.
func timedOut(err error) bool { return errors.Is(err, asyncio.ErrTimeout) }

// say prints its arguments on one line, as Python's print does.
func say(out io.Writer, args ...any) {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = asPython(arg, false)
	}
	fmt.Fprintln(out, strings.Join(words, " "))
}

// asPython writes v as Python's str does, or as its repr.
func asPython(v any, repr bool) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case string:
		if repr {
			return "'" + v + "'"
		}
		return v
	case []string:
		return list(v)
	case []int:
		return list(v)
	case []bool:
		return list(v)
	}
	return fmt.Sprint(v)
}

// list writes vs as Python's str of a list does.
func list[T any](vs []T) string {
	words := make([]string, len(vs))
	for i, v := range vs {
		words[i] = asPython(v, true)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// each collects what f says of every element of vs.
func each[T, R any](vs []T, f func(T) R) []R {
	rs := make([]R, len(vs))
	for i, v := range vs {
		rs[i] = f(v)
	}
	return rs
}

// quiet is for programs in which errors go to the exception handler that
// Python drops.
var quiet = asyncio.OnException(func(asyncio.ExceptionContext) {})
