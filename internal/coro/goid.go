package coro

import "github.com/petermattis/goid"

// GoroutineID returns the identity of the current goroutine. It takes a
// nanosecond or two where [CheapID] is true, a microsecond elsewhere.
func GoroutineID() int64 { return goid.Get() }
