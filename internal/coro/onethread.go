package coro

import (
	"runtime"
	"time"
)

// OneThread says that all goroutines share one thread with each other and with the
// system, and that a goroutine keeps the thread until it gives it up.
const OneThread = runtime.GOARCH == "wasm"

// Others are the goroutines that share the only thread with a loop, and the work that the
// system, for example a browser, does on that thread.
type Others struct{ rested time.Time }

const (
	// restEvery is how long a loop may keep the thread from the system: a browser that
	// gets no turn for longer feels slow.
	restEvery = 50 * time.Millisecond
	// rest is how long the loop then waits. The system gets a turn only while
	// every goroutine waits, and only for a wait of a millisecond or more.
	rest = time.Millisecond
)

// LetRun lets the others run now. A loop that does not wait calls it.
func (o *Others) LetRun() {
	if time.Since(o.rested) < restEvery {
		runtime.Gosched()
		return
	}
	time.Sleep(rest)
	o.Waited()
}

// Waited notes that the loop has just waited, so that the others could run.
func (o *Others) Waited() { o.rested = time.Now() }
