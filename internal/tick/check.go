package tick

import (
	"runtime"
	"sync"
)

// frameless says that the frames of this release of Go are not those that callers knows.
// It is written in Check only.
var frameless bool

// Check looks once whether Callers finds what runtime.Callers finds, which takes a
// microsecond. Whoever is going to use Callers calls it before. Any goroutine may call it.
// Where callers is runtime.Callers, there is nothing to look for.
var Check = sync.OnceFunc(func() { frameless = !InlinedCounted && !outer(nil) })

// What calls what is known here, so none of it may be inlined.

//go:noinline
func outer(spoil func(*[Depth]uintptr)) bool { return middle(spoil) == 1 }

//go:noinline
func middle(spoil func(*[Depth]uintptr)) int {
	if inner(spoil) {
		return 1
	}
	return 0
}

// inner compares, after spoil has changed what callers has found, which it does in tests.
// callers is called directly, for a function value would be one more frame.
//
//go:noinline
func inner(spoil func(*[Depth]uintptr)) bool {
	var found, want [Depth]uintptr
	callers(0, &found)
	if spoil != nil {
		spoil(&found)
	}
	n := runtime.Callers(2, want[:]) // without itself and inner
	return n >= 2 && found[0] == want[0] && found[1] == want[1]
}
