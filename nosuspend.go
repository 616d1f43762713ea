package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// NoSuspend calls fn, in which the calling task must not suspend: so nothing else of
// the loop runs between its first statement and its last, however deep it calls. If
// fn suspends all the same, the attempt panics. I/O that may suspend, Receive and Send
// panic before they have done anything, also where they need not wait this time. So
// NoSuspend finds what cannot be seen in the code: conn.Read, fmt.Fprint to a
// connection, a range over Queue.All.
//
// What cannot wait may be called: a Put that has room, a Lock that is free, creating
// tasks. A group whose tasks have not ended cannot be left: WithTaskGroup cancels them
// and panics. A task that fn starts eagerly may suspend. Calls may be nested.
// NoSuspend itself never suspends, and does not look whether ctx is canceled. Off a
// loop, on any goroutine, and in callbacks, which cannot suspend anyway, it just calls
// fn. Python has nothing of the kind, for await can be seen there.
func NoSuspend(ctx context.Context, fn func()) {
	switch {
	case ctx == nil:
		panic("asyncio: nil context: pass the context that the coroutine was given")
	case fn == nil:
		panic(nilFunction)
	}
	l := engine.Here(ctx)
	if l == nil { // ctx may be another one than that of the task
		l = engine.RunningHere()
	}
	if l == nil || l.Current() == nil {
		fn()
		return
	}
	l.NoSuspend(fn)
}
