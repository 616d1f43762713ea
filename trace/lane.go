package trace

import (
	"context"
	"strings"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Row is a row of recordings for what runs beside the loop. [Lane] makes one.
type Row struct {
	label engine.Label
	name  string
}

// Lane returns a row of recordings for what a package does beside the loop: a worker on
// another machine, a host of a simulated network. The library's own rows are those of
// threads. kind is a word for what the row is, such as "worker", of which a program has
// few; name tells it from others of its kind. Two rows of the same kind and name are one.
// It panics if kind or name is empty. Any goroutine may call it.
func Lane(kind, name string) *Row {
	if kind == "" || name == "" {
		panic("asyncio: trace.Lane without a kind or a name: pass both, such as \"worker\" and \"worker-1\"")
	}
	return &Row{engine.NewLabel(kind), strings.TrimSpace(strings.ReplaceAll(name, "\n", " "))}
}

// Busy notes that the row begins to be busy for the task that ctx belongs to, and returns
// what is to be called when it no longer is, with the error of what it did, or nil.
// Recorders of that task's loop have it; if there are none, or ctx is of no loop, Busy
// does nothing. Any goroutine may call it and the function that it returns; that does
// something only once.
func (r *Row) Busy(ctx context.Context) (done func(err error)) {
	if r == nil || r.name == "" {
		panic("asyncio: Row.Busy of a nil or zero Row: make one with trace.Lane")
	}
	l := engine.LoopOf(ctx)
	if l == nil || !l.Heard() {
		return func(error) {}
	}
	task := uint64(0)
	if t := engine.TaskOf(ctx); t != nil {
		task = t.ID()
	}
	r.tell(l, engine.Began, task, nil)
	once := make(chan struct{}, 1)
	return func(err error) {
		select {
		case once <- struct{}{}:
			r.tell(l, engine.Finished, task, err)
		default:
		}
	}
}

func (r *Row) tell(l *engine.Loop, k engine.Kind, task uint64, err error) {
	l.TellRow(k, r.label, r.name, task, err)
}
