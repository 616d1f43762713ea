package virtual

import (
	"bytes"
	"runtime"
	"time"
)

// A function in a thread may wait for the loop, directly or through other goroutines, as
// a call of http.Client does. The clock would then wait for it before each jump, for as
// long as World.Patience says: a second of real time. This file finds out that it waits,
// so that the clock can jump at once.

// The pauses between looks at the goroutines: a thread that will soon report its end
// needs no look, and a thread that works for long needs few.
const (
	firstLook = 200 * time.Microsecond
	lastLook  = 50 * time.Millisecond
)

// awaitThreads waits for what comes from threads, until the patience is used up, or they are
// found to wait for the loop or to have ended. A thread that ends is counted until its end
// is in the inbox, and then no longer: if that comes only after the loop has dealt with the
// end, nothing wakes the loop.
func (w *World) awaitThreads(patience time.Duration) (came, theyWait bool, err error) {
	end := time.Now().Add(patience)
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		left := time.Until(end)
		if came, err = w.waitReally(max(0, min(pause, left))); came || err != nil || left <= pause {
			return came, false, err
		}
		if w.patience() == 0 || w.quiet.look() {
			came = w.woken() // before the look, perhaps
			return came, !came, nil
		}
	}
}

// quiet knows whether other goroutines wait. It keeps the memory for that.
type quiet struct{ stacks []byte }

// mostStacks bounds that memory. For a program with more, it is not known whether its
// goroutines wait.
const mostStacks = 4 << 20

// look reports whether nothing comes from other goroutines before the loop does something:
// all of them wait for each other or for the loop, and one at least for a call that it has
// handed to a loop. Without such a call they may wait for a timer, and a stack does not
// show the difference.
func (q *quiet) look() bool {
	if q.stacks == nil {
		q.stacks = make([]byte, 64<<10)
	}
	for {
		n := runtime.Stack(q.stacks, true)
		if n < len(q.stacks) {
			return allWait(q.stacks[:n])
		}
		if 2*n > mostStacks {
			return false
		}
		q.stacks = make([]byte, 2*n)
	}
}

// allWait is look at a text of package runtime, which begins with the calling goroutine.
func allWait(stacks []byte) bool {
	_, others, _ := bytes.Cut(stacks, []byte("\n\n"))
	handed := false
	for stack := range bytes.SplitSeq(others, []byte("\n\n")) {
		if !waits(stack) {
			return false
		}
		handed = handed || bytes.Contains(stack, handedOver)
	}
	return handed
}

var (
	// handedOver is on the stack of a goroutine that waits for what it has handed to a loop.
	handedOver = []byte("github.com/asyncio-go/asyncio.(*ConcurrentFuture[...]).block")
	// realLoop is on the stack of a loop that waits in real time, for a timer perhaps.
	realLoop = []byte("github.com/asyncio-go/asyncio/internal/poller.(")
)

// waitStates begin the states in which only another goroutine, or a timer, wakes one.
var waitStates = [][]byte{
	[]byte("chan "), []byte("select"), []byte("sync."), []byte("semacquire"),
	[]byte("coroutine"), []byte("finalizer wait"), []byte("cleanup wait"),
}

// waits reports whether a goroutine waits for another one. That of package os/signal
// always waits for the system, and says nothing to the loop that is not counted.
func waits(stack []byte) bool {
	_, state, _ := bytes.Cut(stack, []byte("["))
	for _, s := range waitStates {
		if bytes.HasPrefix(state, s) {
			return !bytes.Contains(stack, realLoop)
		}
	}
	return bytes.HasPrefix(state, []byte("syscall")) && bytes.Contains(stack, []byte("os/signal.signal_recv"))
}
