// Package tick reads the cheapest clock that there is, and the program counters of
// the stack in the cheapest way there is, for records that are written millions of
// times a second.
package tick

// Now returns a count that grows by a steady amount in a second, which amount is for
// the reader to find out: by comparing it with a clock now and then. It may differ by
// a little from core to core, and so go back.
func Now() int64 { return now() }

// Callers fills pcs with return addresses of the calling goroutine's stack, innermost
// first, without the skip innermost ones. The first of all is in the function that has
// called the caller of Callers. If there are fewer, zeros follow. It reports whether pcs was
// the same before. runtime.CallersFrames explains them. It follows the frame
// pointers, which takes a nanosecond or two for each, where runtime.Callers takes
// some hundred to begin with. Where [Check] has found that there are no such frames, in a
// release of Go to come, all of pcs is zero.
func Callers(skip int, pcs *[Depth]uintptr) (same bool) {
	if frameless {
		same = *pcs == [Depth]uintptr{}
		clear(pcs[:])
		return same
	}
	return callers(skip, pcs)
}

// Depth is how many program counters are asked for.
const Depth = 6
