package coro

import "github.com/petermattis/goid"

// GoroutineID returns the identity of the current goroutine. It takes a
// nanosecond or two where [CheapID] is true, a microsecond elsewhere. It is right only if
// [Broken] returns nothing. It does not fall back on another way: to choose one at each
// call would make a switch a twelfth slower, because the compiler would not inline it.
func GoroutineID() int64 { return goid.Get() }
