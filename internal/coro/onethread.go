package coro

import (
	"runtime"
	"time"
)

// OneThread says that all goroutines share one thread, which none loses unless
// it gives it away, and that the system shares it, too.
const OneThread = runtime.GOARCH == "wasm"

// Others are the goroutines that share the only thread with a loop, and what
// the system, a browser perhaps, has to do there.
type Others struct{ rested time.Time }

// The system comes to its turn only while every goroutine waits, and for less
// than a millisecond it is not asked. A browser that gets no turn for longer
// than restEvery is felt to be slow.
const (
	restEvery = 50 * time.Millisecond
	rest      = time.Millisecond
)

// LetRun lets them run now, for a loop that does not wait.
func (o *Others) LetRun() {
	if time.Since(o.rested) < restEvery {
		runtime.Gosched()
		return
	}
	time.Sleep(rest)
	o.Waited()
}

// Waited notes that the loop has just waited, so that they could run.
func (o *Others) Waited() { o.rested = time.Now() }
