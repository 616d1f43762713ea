package coro

import (
	"runtime"

	"github.com/petermattis/goid"
)

// GoroutineID returns the identity of the current goroutine. It takes a
// nanosecond or two where [CheapID] is true, a microsecond elsewhere.
func GoroutineID() int64 { return goid.Get() }

// IDsAreRight says whether GoroutineID is to be trusted. Package goid reads a field of
// the runtime's own: it knows the place by the release of Go, and takes it for the same
// in releases to come. So it is asked at the start whether it agrees with what a stack
// says. There is no other way to go on: to choose one at each call would make a switch
// a twelfth slower, for the compiler does not inline that.
var IDsAreRight = agrees(goid.Get)

// agrees compares get with slowID on two goroutines.
func agrees(get func() int64) bool {
	other := make(chan bool)
	go func() { other <- get() == slowID() }()
	here, there := get() == slowID(), <-other
	return here && there
}

// slowID reads the identity in the first line of the goroutine's stack, "goroutine 1
// [running]:".
func slowID() int64 {
	var line [64]byte
	return goid.ExtractGID(line[:runtime.Stack(line[:], false)])
}
