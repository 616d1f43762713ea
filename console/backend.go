package console

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// A backend knows the loops of the process. The server asks it, and knows nothing of
// loops itself. Any goroutine may call its methods; where loop is 0, they are about the
// first one.
type backend interface {
	Hello() wire.Hello                                                     // Clients and Actions are the server's to fill in
	Snapshot(ctx context.Context, loop, limit int) (*wire.Snapshot, error) // limit 0: all tasks
	Task(ctx context.Context, loop int, id uint64) (*wire.TaskDetail, error)
	Deadlocks(ctx context.Context, loop int) (wire.Deadlocks, error)
	WriteTrace(w io.Writer, loop, seconds int, format string) error // "json" or "perfetto"
	Dump(ctx context.Context, loop int, w io.Writer) error
	Cancel(ctx context.Context, loop int, task uint64) error
	Subscribe(loop int) (*subscription, error)
}

// A subscription hands one client what happens on one loop. C gives *wire.LiveFrame
// and *wire.State; who reads slowly loses frames, and the next one counts them. C is
// closed when the loop has ended, or the backend.
type subscription struct {
	C     <-chan any
	close func()
}

// Close ends the subscription. It may be called more than once.
func (s *subscription) Close() { s.close() }

// What a client may ask for in vain. The server answers both with 404, and with the
// sentence of the error that wraps them.
var (
	errNoLoop = errors.New("no such loop")
	errNoTask = errors.New("no such task")
)
