package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// NoSuspend calls fn and forbids the calling task to suspend in it, however deep in the
// calls. So no other task or callback runs between the first statement of fn and the
// last. An operation that would suspend panics instead. I/O that may suspend, Receive and
// Send panic before they have done anything, even if they would not have to wait this
// time. So NoSuspend finds suspension points that cannot be seen in the code: conn.Read,
// fmt.Fprint to a connection, a range over Queue.All.
//
// fn may do what does not have to wait: a Put into a queue that has room, Acquire of a
// free Lock, creating tasks. It cannot leave a group whose tasks have not ended:
// WithTaskGroup cancels them and panics. A task that fn starts eagerly may suspend. Calls
// may be nested. NoSuspend itself never suspends, and does not look whether ctx is
// canceled. Outside a loop, on any goroutine, and in callbacks, which cannot suspend
// anyway, it just calls fn. Python needs nothing of the kind, because every suspension
// point has an await there.
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
