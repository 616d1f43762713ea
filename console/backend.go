package console

import (
	"context"
	"errors"
	"io"
	"iter"
	"log/slog"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A backend knows the loops of the process. The server asks it, and knows nothing of
// loops itself. Any goroutine may call its methods; loop 0 means the first loop.
type backend interface {
	Hello() wire.Hello                                                     // Clients and Actions are the server's to fill in
	Snapshot(ctx context.Context, loop, limit int) (*wire.Snapshot, error) // limit 0: all tasks
	Task(ctx context.Context, loop int, id uint64) (*wire.TaskDetail, error)
	Deadlocks(ctx context.Context, loop int) (wire.Deadlocks, error)
	WriteTrace(w io.Writer, loop, seconds int, format string) error // "json" or "perfetto"
	Dump(ctx context.Context, loop int, w io.Writer) error
	Cancel(ctx context.Context, loop int, task uint64) error
	Subscribe(loop, past int) (*subscription, error) // past: of so many seconds before as well
}

// A collector is the backend of a process. There is at most one, which all consoles of
// the process share; it is made for the first, and closed after the last.
type collector interface {
	backend
	// Attach begins to watch the loop l, or, if l is nil, all loops that are made from
	// now on. A loop that is watched twice is shown once, until both have detached.
	// Attach and detach may be called on the loop, in a step or before the loop runs, and
	// on any other goroutine; detach may be called twice.
	Attach(l *engine.Loop) (detach func(), err error)
	// AttachMade is Attach for a loop that was just made, on the goroutine that has made
	// it, which does not run it meanwhile.
	AttachMade(l *engine.Loop) (detach func(), err error)
	// Log lets a logger have the warnings of all loops until stop is called.
	Log(l *slog.Logger) (stop func())
	// Close ends all subscriptions and leaves no goroutine. All have detached by then.
	// It may be called on a loop.
	Close()
}

// newCollector makes the collector, which keeps so many bytes of events for each loop.
// Tests put another one in its place.
var newCollector func(history int64) collector

// A subscription gives one client what happens on one loop. C gives *wire.LiveFrame and
// *wire.State. A client that reads slowly loses frames, and the next frame says how many
// events it has lost. The first State is full. LiveFrame.N counts the frames of the loop,
// and is the same for all clients. C is closed when the loop has ended, or the backend.
//
// past, unless it is nil, yields frames of the time before the client came, up to where
// the first one of C begins.
type subscription struct {
	C     <-chan any
	past  iter.Seq[*wire.LiveFrame]
	close func()
}

// Close ends the subscription. It may be called more than once.
func (s *subscription) Close() { s.close() }

// Errors for a loop or a task that does not exist. The server answers both with 404, and
// with the sentence of the error that wraps them.
var (
	errNoLoop = errors.New("no such loop")
	errNoTask = errors.New("no such task")
)
