package console

import (
	"context"
	"io"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A source is a loop as the collector sees it. Any goroutine may call its methods. A
// function that is passed to a method is called once, on the loop, so it must do little;
// if the loop ends before, it is never called. If a method returns an error, it does not
// call the function.
type source interface {
	// now returns the loop's time.
	now() int64
	// ready is ready to receive when take may have something.
	ready() <-chan struct{}
	// take passes on what has happened, and returns how many records were lost in all,
	// and whether there is more. It stops at the time until, but not before it has passed
	// on one batch. The batch is used again. If records were lost, a batch of its own
	// comes before the next ones, with what one has to know of the lost records: see
	// learn.
	take(until time.Time, pass func(*batch)) (dropped uint64, more bool)
	// lost returns how many records were lost when take, or keep, has last looked.
	lost() uint64
	// keep lets what happens stay where it is, the newest of it, until it is called with
	// false.
	keep(yes bool)
	// snapshot passes a function that returns the state, on any goroutine.
	snapshot(done func(read func() *view)) error
	// confirm does the same in a single pass, with the lines of some tasks only.
	confirm(tasks []uint64, done func(read func() []wire.Task)) error
	// stack passes the printed stack of a task; nil if it is none that lives.
	stack(task uint64, done func(stack []byte)) error
	// cancel asks a task to end, and tells whether it lives.
	cancel(task uint64, done func(found bool)) error
	// look returns the step that runs.
	look() engine.Step
	// resting reports whether the loop sleeps.
	resting() bool
	// stuck says where a step stands; nil if it is over.
	stuck(engine.Step) *wire.Stuck
	// beside returns what rows beside the loop have done.
	beside() []wire.Beside
	// closed reports whether the loop will never run again.
	closed() bool
	// dump writes the loop's tasks, as asyncio.DumpTasks does.
	dump(ctx context.Context, out io.Writer) error
	// detach ends the watching.
	detach()
}

// A view is the answer of a loop that is asked for its state: a snapshot whose Tasks are
// the tasks that live, sorted, and without what only the collector knows.
type view struct {
	wire.Snapshot
	rest     restedUntil
	stranded bool // nothing but another goroutine can wake the loop
	unseen   []unseen
	pools    func() []wire.Pool // the pools as they are now, on any goroutine; nil: as they are in Pools
}

// restedUntil is how long a loop has slept since someone watches it, at a time.
type restedUntil struct{ since, at, slept int64 }

// unseen is the error of a task that no one has looked at.
type unseen struct {
	task     uint64
	name     string
	err      string
	at       int64 // when it was seen first
	reported bool  // the task is gone, and the error was reported
}
