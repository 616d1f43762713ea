// Package engine is the untyped core of asyncio: the ready queue, timers, tasks,
// cancellation, and the pass that runs them. It knows no operating system, no clock and
// no random numbers; it gets what it needs of these through the interfaces of this file.
// ARCHITECTURE.md explains the terms, and says in which order to read the other files.
package engine

import (
	"context"
	"time"
)

// A Clock tells the loop what time it is. The loop asks it while a timer is set, and
// now and then before it sleeps.
type Clock interface {
	// Now returns the time since the clock's origin. It never goes back.
	Now() time.Duration
}

// A Poller lets the loop wait for the world outside.
type Poller interface {
	// Wait returns when Wake was called, or after the timeout; a negative
	// timeout never ends. It may return early.
	Wait(timeout time.Duration) error
	// Wake makes the current or the next Wait return. Any goroutine may
	// call it.
	Wake() error
	Close() error
}

// A Picker decides which of the tasks that can run goes next, in this pass or in the next
// one. Without a Picker, it is the first in the queue.
type Picker interface {
	// Pick returns an index into ready, which has at least two tasks, in
	// the order of the queue. It must not keep the slice.
	Pick(ready []*Task) int
}

// A ContextWatcher tells the loop that contexts of the standard library have ended.
// Without one, package context does so, from a goroutine of its own. A ContextWatcher is
// for deterministic tests, which must not depend on when that goroutine runs.
type ContextWatcher interface {
	// Watch makes Look call ended once ctx is done, unless stop is called before.
	Watch(ctx context.Context, ended func()) (stop func() bool)
	// Look is called at the beginning of every pass.
	Look()
	// Deadline converts the deadline of such a context to the loop's time, by which
	// that context then ends for the loop.
	Deadline(time.Time) time.Duration
	// Asked is called when a scope is asked for its deadline. Package context asks
	// when it makes a context that has one. Any goroutine may call it.
	Asked()
}

// A ChannelWatcher asks how things stand with exchanges on Go channels. Without one,
// their goroutines tell the loop; like a ContextWatcher, it is for deterministic tests.
// It asks at the beginning of every pass.
type ChannelWatcher interface {
	// WatchChannel asks x, unless stop is called before.
	WatchChannel(x Exchange) (stop func())
	// Meet lets x, which has no goroutine yet, meet one that is watched, and reports
	// whether it has.
	Meet(x Exchange) bool
}

// A ThreadWatcher decides when work on other goroutines goes on. Without one, the
// operating system does; like a ContextWatcher, it is for deterministic tests.
type ThreadWatcher interface {
	// Expect is called when the loop has handed out work. Loop only.
	Expect(o *Offload)
	// Enter is called before the work begins, on the goroutine that does it, and may
	// keep that waiting.
	Enter(o *Offload)
	// Leave is called when the end of the work is in the inbox, or when it will never
	// begin. Any goroutine may call it.
	Leave(o *Offload)
}

// An Exchange is a task's wait for a Go channel, in which a goroutine waits in place of
// the task. Loop only.
type Exchange interface {
	// Pause ends the goroutine, and reports whether it has sent or received.
	Pause() (done bool)
	// Resume starts such a goroutine again.
	Resume()
	// Meet hands a value from one exchange to the other, if one sends on the channel on
	// which the other receives and neither is done, and reports whether it has. Neither
	// has a goroutine then.
	Meet(x Exchange) bool
	// Tell makes an event ready that wakes the task.
	Tell()
}

// A Report is an error that no one has looked at, or another report for the exception
// handler.
type Report struct {
	Message string
	Err     error
	Task    *Task  // nil: the report is about no task
	Name    string // the name of the task, even if that is gone
	Stack   []byte
}

// A Reason says what a task waits for.
type Reason interface {
	// Describe says it in words.
	Describe() string
	// Ref says it for a Record. Loop only.
	Ref(l *Loop) Ref
}

// FutureOf returns the future behind a Future or a Task of package asyncio, which sets it:
// for packages that wait for one and say so in their own words.
var FutureOf func(waitable any) *Future

// An Awaited is a Reason that knows the futures for which the task waits. Those
// that are done may be among them.
type Awaited interface {
	Reason
	Awaited(yield func(*Future) bool)
}
